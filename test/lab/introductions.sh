# Introductions by strangers: 10,000 made-up keys, identities that are no keys, claimed keys, replayed packets.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
introduce() { on mallory "$BTNS_BUILD/programs/introduce" "$@"; }
rss_of() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
charon_says() { on bob swanctl "--list-$1" --uri unix:///run/btns/ike/charon.vici; }
conns() { charon_says conns | grep -c '^peer-' || true; }
ike_sas() { charon_says sas | grep -cE '^[a-z].*#[0-9]+, ' || true; }
kept() { on bob sh -c 'cat /run/btns/reqids 2>/dev/null' | grep -c ed25519: || true; }
known() { on bob btnsctl peers | grep -c ed25519: || true; }
hex() { printf '%s' "${1#ed25519:}" | base64 -d | od -An -tx1 | tr -d ' \n'; }
fetch() { on alice btns-run curl -sS4 -m 200 http://bob:8000/; }

export BTNSD_OPTS="--linger 1"
forget_ended alice bob
patient alice bob
up alice bob
serve bob 8000 "$www"; server=$served
btnsd=$(pid_of bob pid) charon=$(pid_of bob charon_pid)

# numbers TEXT: prints the amounts that strangers could make grow, and remembers the highest
most_conns=0 most_sas=0
numbers() {
    local conns sas
    conns=$(conns) sas=$(ike_sas)
    ((conns > most_conns)) && most_conns=$conns
    ((sas > most_sas)) && most_sas=$sas
    echo "$1: btnsd $(rss_of $btnsd) kB, charon $(rss_of $charon) kB; of charon's: connections $conns, IKE SAs $sas," \
        "log $(stat -c %s "/proc/$btnsd/root/run/btns/ike/charon.log") octets; reqids kept $(kept); peers known $(known)"
}

# ---- 10,000 introductions under as many keys; all the while a peer that is new each time gets through ----
new_peer() {
    on alice btnsctl forget 10.77.0.2
    on bob btnsctl forget 10.77.0.1
    eventually 15 nothing_left alice >/dev/null
    [[ $(fetch) == "hello from bob" ]]
}
flooding() { [[ -e /proc/$flood ]]; }
fetch >/dev/null
introduce --count 300 10.77.0.2 >/dev/null # so that everything which btnsd and charon need in order to serve at all is allocated before
before=$(rss_of $btnsd) charon_before=$(rss_of $charon)
numbers "before"
introduce --count 10000 --seconds "${FLOOD_SECONDS:-25}" 10.77.0.2 >"$scratch/flood" & flood=$!
during=0 failed=0
while flooding; do
    new_peer >"$scratch/new" 2>&1 && ((++during)) || { cat "$scratch/new"; ((++failed)); }
    numbers "during"
    pause 1
done
cat "$scratch/flood"
numbers "after"
echo "new peers that got through during the flood: $during; that did not: $failed"
flood_was_one() { # how many depends on the machine, but they must be many
    local introduced
    wait $flood
    cat "$scratch/flood"
    read -r _ introduced _ <"$scratch/flood"
    says "introduced [0-9]+ refused 0 silent 0" "$scratch/flood" && ((introduced >= 100))
}
check flood-was-one flood_was_one
check flood-real-peer-got-through eval 'echo "$during, not $failed"; ((during > 0 && failed == 0))'
check flood-connections-bounded eval 'echo $most_conns; ((most_conns <= 12))'
# The machine may make them faster than it ends them: those of the last seconds are still there.
check flood-ike-sas-bounded eval 'echo $most_sas; ((most_sas <= 3000))'
check flood-reqids-bounded eval 'kept; (($(kept) <= 4))'
check flood-peers-bounded eval '(($(known) == 1)) && on bob btnsctl peers | grep -F "$(key alice)"'
check flood-btnsd-memory eval 'echo $before $(rss_of $btnsd); (($(rss_of $btnsd) < before + 2048))'
check flood-charon-memory eval 'echo $charon_before $(rss_of $charon); (($(rss_of $charon) < charon_before + 65536))'
check flood-charon-log eval '(($(stat -c %s /proc/$btnsd/root/run/btns/ike/charon.log) < 12000000))'
check flood-no-guards eval '(($(guards bob) == 0)) && ! on bob ip -o xfrm state | grep -q 10.77.0.66'
check flood-real-peer-after eval 'new_peer'
claims_gone() { (($(conns) <= 1 && $(ike_sas) <= 2)); }
check flood-forgotten eventually 60 claims_gone
check flood-entries-forgotten eventually 20 not icmp_entries bob 10.77.0.66

# ---- identities that are no keys ----
odd() { introduce --id "$1" 10.77.0.2 && introduce --id "$1" --window 4 --count 4 10.77.0.2; }
for id in octets:0 octets:1 octets:31 octets:33 octets:4096 text:bob text: "text:$(printf 'x%.0s' {1..300})"; do odd "$id"; done >"$scratch/odd" 2>&1
cat "$scratch/odd"
check odd-nobody-died eval '[[ $(pid_of bob pid) == $btnsd && $(pid_of bob charon_pid) == $charon ]]'
check odd-made-nothing eval 'charon_says conns | grep ^peer-; (($(conns) <= 1 && $(known) == 1))'
introduce --id text:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 10.77.0.2 # as long as a key: a claim like any other
introduce --id "hex:$(hex "$(key bob)")" 10.77.0.2
check own-key-refused says "10.77.0.66 claims our own key" "$BTNS_LAB/bob.log"
check odd-real-peer-after eval 'new_peer'

# ---- alice's key, claimed from elsewhere: it is hers all the same ----
introduce --id "hex:$(hex "$(key alice)")" --count 20 10.77.0.2 >/dev/null
check claimed-key-is-still-hers eval 'new_peer && on bob btnsctl peers | grep -F "$(key alice)" | grep -q 10.77.0.1 && ! on bob btnsctl peers | grep 10.77.0.66'

# ---- packets of an introduction, seen on the wire and sent again ----
on alice btnsctl forget 10.77.0.2
on bob btnsctl forget 10.77.0.1
eventually 15 nothing_left alice >/dev/null
on alice tcpdump -qni eth0 -U -w "$scratch/introduction.pcap" udp port 500 2>/dev/null & dump=$!
eventually 5 test -s "$scratch/introduction.pcap"
check replay-captured eval '[[ $(fetch) == "hello from bob" ]]'
eventually 15 nothing_left alice >/dev/null
kill $dump; wait $dump 2>/dev/null || true
on bob btnsctl forget 10.77.0.1
eventually 30 eval '(($(conns) == 0 && $(ike_sas) == 0))'
replay() { on mallory python3 "$py/replay.py" "$scratch/introduction.pcap" "$1"; }
introductions() { grep -c 'established between' "/proc/$btnsd/root/run/btns/ike/charon.log" || true; }
established=$(introductions)
# received: datagrams that the kernel of bob has given to charon
received() { on bob nstat -az UdpInDatagrams | awk '/^UdpIn/ { print $2 }'; }
# replayed HOW: bob's charon has received all of the packets, and made no connection and no peer of them
replayed() {
    local before sent
    before=$(received)
    replay "$1" >"$scratch/replayed" && read -r sent _ <"$scratch/replayed" || return 1
    eventually 10 eval "((\$(received) >= before + 2 * sent))" || return 1
    (($(conns) == 0 && $(known) == 0 && $(introductions) == established)) # by way of charon, behind the packets
}
check replay-from-himself replayed own
check replay-from-her-address replayed spoofed
half_open_gone() { (($(ike_sas) == 0)); }
check replay-left-nothing eventually 30 half_open_gone
check replay-real-peer-after eval '[[ $(fetch) == "hello from bob" ]]'
cleanup_servers $server
