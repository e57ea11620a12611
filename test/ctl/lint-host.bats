#!/usr/bin/env bats
# btnsctl check tries the host: ESP, IKE, routes, and translation of its own connections.
bats_require_minimum_version 1.5.0

load lint/common

@test "Ui: ESP is tried in a namespace of its own, and the finding agrees with the kernel" {
    root
    program /usr/bin/env
    local key state='xfrm state add src 192.0.2.1 dst 192.0.2.1 proto esp spi 0x100 mode transport'
    key=0x$(printf '%072d' 1)
    # shellcheck disable=SC2086
    if unshare -n ip $state aead 'rfc4106(gcm(aes))' "$key" 128 2>/dev/null; then
        [[ $(found "$at/p.conf") != *"Ui kernel"* ]]
        # shellcheck disable=SC2086
        if unshare -n ip $state aead 'rfc4106(gcm(aes))' "$key" 128 encap espinudp 4500 4500 0.0.0.0 2>/dev/null; then
            [[ $(found "$at/p.conf") != *"Ui nat"* ]]
        else
            [[ $(found "$at/p.conf") == *"4 Ui nat protect"* ]]
        fi
    else
        [[ $(found "$at/p.conf") == *"4 Ui kernel protect"* ]]
    fi
    [[ $(found "$at/p.conf") != *"Ui unprobed"* ]]
    # ESP is not probed if no rule needs it.
    program /usr/bin/env discard
    [[ $(found "$at/p.conf") != *Ui* ]]
}

@test "Ui: check says how long the probe took" {
    program /usr/bin/env discard
    run "$ctl" check "$at/p.conf"
    [[ $output == *"this host was probed at 20"[0-9][0-9]-*:[0-9][0-9] ]]
    "$ctl" check --json "$at/p.conf" | python3 -c 'import json, sys, time
assert abs(json.load(sys.stdin)["probed"] - time.time()) < 30'
}

@test "Ui: an IKE daemon that is not there" {
    root
    [[ -e /usr/lib/ipsec/charon ]] || skip "no charon to hide"
    program /usr/bin/env
    run unshare -m sh -c 'touch "$3" && chmod 644 "$3" && mount --bind "$3" /usr/lib/ipsec/charon && exec "$1" check "$2"' \
        - "$ctl" "$at/p.conf" "$at/nothing"
    [[ $output == *"Ui charon: the IKE daemon /usr/lib/ipsec/charon: "* ]]
    [[ $(found "$at/p.conf") != *"Ui charon"* ]]
}

@test "Ui: an IKE port that another program has" {
    root
    program /usr/bin/env
    listen() {
        unshare -n python3 -c '
import socket, subprocess, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", int(sys.argv[1])))
sys.exit(subprocess.call(sys.argv[2:]))' "$1" "$ctl" --socket "$at/none" check "$at/p.conf"
    }
    run listen 500
    [[ $output == *"Ui ike-port: UDP port 500 (IKE) is taken"* ]]
    run listen 4500
    [[ $output == *"Ui ike-port: UDP port 4500 (IKE behind NAT) is taken"* ]]
    run listen 501
    [[ $output != *"Ui ike-port"* ]]
}

@test "Uo: a default route through a tunnel" {
    root
    program /usr/bin/env
    through() {
        unshare -n sh -ec "$1; ip link set way up; ip route add default dev way; exec \"\$@\"" \
            - "$ctl" --socket "$at/none" check "$at/p.conf"
    }
    run through 'ip tuntap add dev way mode tun'
    [[ $output == *"file, 1 rule"* ]] || skip "tunnels cannot be made here: $output"
    [[ $output == *"Uo tunnel: the default route leads through the tunnel way"* ]]
    run through 'ip tuntap add dev way mode tap' # a network card, to all appearances
    [[ $output == *"file, 1 rule"* && $output != *"Uo tunnel"* ]]
}

# ---- translation of this host's own connections

# translated: check's findings about translation, on a host of its own on which standard input was run
translated() {
    printf 'format = 1\nprogram "p" { match = "/usr/bin/p" rule "r" { action = protect remote = "192.0.2.1" } }\n' >"$at/t.conf"
    { echo 'mount -t tmpfs none /sys/fs/cgroup'; cat; printf '"%s" check -v "%s" | grep " translated: " || true\n' "$ctl" "$at/t.conf"; } >"$at/host"
    unshare -n -m --propagation private bash -e "$at/host"
}

@test "rules of nftables that give this host's own packets another destination are found" {
    root
    type -P iptables-nft || skip "needs iptables-nft"
    unshare -n iptables-nft -t nat -S >/dev/null 2>&1 || skip "this kernel has no nftables"
    run -0 translated </dev/null
    [[ -z $output ]]
    run -0 translated <<'END'
iptables-nft -t nat -A OUTPUT -p tcp -d 192.0.2.5 --dport 8000 -j DNAT --to 192.0.2.9:8000
END
    [[ $output == *"Ui translated: nftables: ip nat OUTPUT may send connections of this host elsewhere"* ]]
    run -0 translated <<'END' # as Docker has it
iptables-nft -t nat -N ELSEWHERE
iptables-nft -t nat -A OUTPUT -j ELSEWHERE
iptables-nft -t nat -A ELSEWHERE -p tcp --dport 80 -j REDIRECT --to-ports 8080
ip6tables-nft -t nat -A OUTPUT -p tcp -d 2001:db8::5 --dport 8000 -j DNAT --to [2001:db8::9]:8000
END
    [[ $output == *"ip nat ELSEWHERE"*"ip6 nat OUTPUT"* && $output != *"ip nat OUTPUT"* ]]
    # incoming packets, and the source of outgoing ones, do not matter
    run -0 translated <<'END'
iptables-nft -t nat -A PREROUTING -p tcp --dport 8000 -j DNAT --to 192.0.2.9:8000
iptables-nft -t nat -A POSTROUTING -j MASQUERADE
iptables-nft -t filter -A OUTPUT -p tcp --dport 25 -j REJECT
END
    [[ -z $output ]]
}

@test "rules of iptables-legacy that give this host's own packets another destination are found" {
    root
    type -P iptables-legacy || skip "needs iptables-legacy"
    unshare -n iptables-legacy -t nat -S >/dev/null 2>&1 || skip "this kernel has no iptables-legacy"
    run -0 translated <<'END' # as Docker has it: a chain between
iptables-legacy -t nat -N ELSEWHERE
iptables-legacy -t nat -A OUTPUT -m addrtype --dst-type LOCAL -j ELSEWHERE
iptables-legacy -t nat -A ELSEWHERE -p tcp --dport 80 -j REDIRECT --to-ports 8080
END
    [[ $output == *"Ui translated: iptables-legacy: nat OUTPUT may send connections of this host elsewhere"* ]]
    run -0 translated <<'END'
ip6tables-legacy -t nat -A OUTPUT -p tcp -d 2001:db8::5 --dport 8000 -j DNAT --to [2001:db8::9]:8000
END
    [[ $output == *"Ui translated: ip6tables-legacy: nat OUTPUT may send"* && $output != *" iptables-legacy"* ]]
    # incoming packets, a chain that only they reach, and the source of outgoing packets do not matter
    run -0 translated <<'END'
iptables-legacy -t nat -N INSIDE
iptables-legacy -t nat -A PREROUTING -p tcp --dport 8000 -j INSIDE
iptables-legacy -t nat -A INSIDE -p tcp -j DNAT --to 192.0.2.9:8000
iptables-legacy -t nat -A POSTROUTING -j MASQUERADE
iptables-legacy -t nat -N UNUSED
iptables-legacy -t nat -A OUTPUT -p tcp --dport 25 -j UNUSED
END
    [[ -z $output ]]
}

@test "BPF programs that may rewrite the address of a connect() are found" {
    root
    unshare -m --propagation private mount -t cgroup2 none /sys/fs/cgroup || skip "no control groups of version 2"
    local group=btns-test-$$
    exec 8>/run/lock/btns-test-bpf && flock 8 # btnsd sees every BPF program of the machine: one test at a time may have one
    run -0 translated <<END
mount -t cgroup2 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/$group
trap 'rmdir /sys/fs/cgroup/$group' EXIT
python3 "$data/bpf_connect.py" /sys/fs/cgroup/$group "$ctl" check "$at/t.conf" | grep " translated: " || echo none found
END
    [[ $output == *"Ui translated: BPF: connect4 of control group /sys/fs/cgroup/$group may send"* ]]
}

@test "Ua: a mandatory rule about UDP port 53 stops btnsd's questions about the names of rules" {
    root
    waits() { printf 'format = 1\nprogram "all" { match = "*"\n  rule "dns" { at = { connect } protocol = %s port = 53 action = protect mandatory = true reason = "so" } }\nprotect to %s port 22\n' "$1" "$2" >"$at/w.conf"; found "$at/w.conf"; }
    [[ $(waits udp none.invalid) == *'3 Ua dns-waits true'* ]]
    [[ $(waits tcp none.invalid) != *dns-waits* ]]
    [[ $(waits udp 192.0.2.1) != *dns-waits* ]]
}

@test "Ui: a link too small for protected datagrams is reported, with the longest one that fits" {
    root
    carries() {
        printf 'format = 1\nprogram "p" { match = "/usr/bin/env"\n  rule "r" { protocol = %s remote = "192.0.2.1" port = 9 action = protect } }\n' "$2" >"$at/m.conf"
        unshare -n sh -ec 'ip link add one type veth peer name two; ip link set one mtu "$1" up; shift; exec "$@"' - "$1" \
            "$ctl" --socket "$at/none" check "$at/m.conf" || true
    }
    run carries 1300 udp
    [[ $output == *"m.conf:3: warning: Ui mtu: link one carries 1300 octets: a protected datagram of more than 1238 goes"* ]]
    run carries 1314 udp
    [[ $output == *"1 file, 1 rule"* && $output != *" mtu: "* ]]
    run carries 1300 tcp
    [[ $output != *" mtu: "* ]]
}
