# Sourced: a hand-made IKE daemon on mallory that claims a key it does not have. Real charon, no btnsd.

# impostor_start KEY: answers introductions as KEY ("ed25519:BASE64") without having its private half
impostor_start() {
    local hex dir=$scratch/impostor
    hex=$(printf '%s' "${1#ed25519:}" | base64 -d | od -An -tx1 | tr -d ' \n')
    mkdir -p "$dir/run"
    openssl genpkey -algorithm ED25519 -out "$dir/own.pem" 2>/dev/null
    openssl pkey -in "$dir/own.pem" -pubout -out "$dir/own.pub" 2>/dev/null
    cat >"$dir/strongswan.conf" <<CONF
charon { load = random nonce openssl kdf pem pkcs1 pkcs8 pubkey kernel-netlink socket-default vici
  install_routes = no
  plugins { vici { socket = unix:///run/impostor.vici } } }
CONF
    cat >"$dir/swanctl.conf" <<CONF
connections {
  intro {
    version = 2
    childless = allow
    unique = never
    proposals = aes256gcm16-prfsha256-x25519
    local {
      auth = psk
      id = "keyid:#$hex"
    }
    remote {
      auth = psk
      id = %any
    }
  }
  pinned {
    version = 2
    proposals = aes256gcm16-prfsha256-x25519
    local {
      auth = pubkey
      pubkeys = $dir/own.pub
      id = "keyid:#$hex"
    }
    remote {
      auth = pubkey
      id = %any
    }
    children {
      in {
        mode = transport
        local_ts = dynamic[tcp]
        remote_ts = dynamic[tcp]
        esp_proposals = aes256gcm16
      }
    }
  }
}
secrets {
  ike-anyone {
    secret = "btns introduction, format 1"
  }
  private-own {
    file = $dir/own.pem
  }
}
CONF
    on mallory env STRONGSWAN_CONF="$dir/strongswan.conf" /usr/lib/ipsec/charon >"$dir/log" 2>&1 &
    impostor=$!
    eventually 20 on mallory test -S /run/impostor.vici
    on mallory env STRONGSWAN_CONF="$dir/strongswan.conf" swanctl --load-all --uri unix:///run/impostor.vici \
        --file "$dir/swanctl.conf" >"$dir/load" 2>&1
}
impostor_stop() { kill "$impostor"; wait "$impostor" 2>/dev/null || true; }
