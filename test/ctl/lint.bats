#!/usr/bin/env bats
# btnsctl check: every check finds what it is for, at its place, and nothing else; the host is tried.
bats_require_minimum_version 1.5.0

setup() {
    ctl=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/btnsctl
    data=$BATS_TEST_DIRNAME/lint
    shipped=$BATS_TEST_DIRNAME/../../policy.d
    at=$BATS_TEST_TMPDIR
    export TZ=UTC
}

# found [CHECK-OPTION...] FILE: LINE CODE CHECK TEXT of each finding; the text is that under the caret.
found() {
    "$ctl" check --json "$@" | python3 "$data/found.py"
}

# program MATCH: a policy for one executable, protected
program() {
    printf 'format = 1\nprogram "p" {\n  match = { "%s" }\n  rule "r" { action = %s }\n}\n' \
        "$1" "${2-protect}" >"$at/p.conf"
}

root() { [[ $EUID -eq 0 ]] || skip "must be root to change what a host looks like"; }

@test "each file has the findings it names, at their lines and texts, and no other (Ua, Ub, Uc, Ud, Ue, Uf, Ug, Uh, Ui, Uo)" {
    local file n=0
    for file in "$data"/*.conf; do
        diff <(sed -n 's/^# found: //p' "$file") <(found --offline "$file") || { echo "in $file"; return 1; }
        n=$((n + 1))
    done
    [[ $n -ge 20 ]]
}

@test "every check that looks at rules has a file that shows it, and every check is in the manual" {
    local name
    sed -n 's/^ *{"U[a-z]", "\([a-z-]*\)", LINT_[A-Z]*, lint_.*/\1/p' \
        "$BATS_TEST_DIRNAME/../../btnsd/ctl/lint/checks.c" >"$at/names"
    [[ $(wc -l <"$at/names") -ge 16 ]]
    while read -r name; do
        grep -qE "^# found: [0-9]+ U[a-z] $name( |$)" "$data/$name.conf" || { echo "$name"; return 1; }
    done <"$at/names"
    sed -n 's/^ *{"[A-Za-z]*", "\([a-z-]*\)", LINT_.*/\1/p' "$BATS_TEST_DIRNAME/../../btnsd/ctl/lint/checks.c" |
        while read -r name; do
            grep -qE "	$name	" "$BATS_TEST_DIRNAME/../../btnsd/ctl/btnsctl.8" || { echo "$name"; return 1; }
        done
}

@test "the shipped policies have no finding" {
    run -0 "$ctl" check --offline "$shipped"
    [[ $output =~ ^[0-9]+\ files,\ [0-9]+\ rules:\ 0\ errors,\ 0\ warnings,\ 0\ notes(,\ [0-9]+\ accepted)?\; ]]
    for file in "$shipped"/*.conf; do
        run -0 "$ctl" check --offline "$file"
    done
}

@test "a person sees place, line, caret, why, and what to write instead" {
    run -1 "$ctl" check --offline "$data/one-family.conf"
    [[ ${lines[0]} == "$data/one-family.conf:8: warning: Ua one-family: this is every address of IPv4 and none of IPv6" ]]
    [[ ${lines[1]} == '          "0.0.0.0/0" }' ]]
    [[ ${lines[2]} == '          ^~~~~~~~~~~' ]]
    [[ ${lines[3]} == '    instead: add "::/0", or leave remote out for every address' ]]
    [[ ${lines[4]} == "1 file, 1 rule: 0 errors, 1 warning, 0 notes; this host was not probed" ]]
}

@test "exit 0 without findings or with notes alone, 1 with others, 2 for wrong usage" {
    run -0 "$ctl" check --offline "$data/clean.conf"
    run -0 "$ctl" check --offline "$data/repeated.conf"
    run -1 "$ctl" check --offline "$data/bgp.conf"
    run -1 "$ctl" check --offline "$data/refused.conf"
    run --separate-stderr -2 "$ctl" check --offline "$at/none.conf"
    [[ $stderr == *"none.conf: No such file or directory" && -z $output ]]
    run -2 "$ctl" check --accept "$data/clean.conf"
    run -2 "$ctl" status --offline
}

@test "a fault in one file hides none in another; the reasons are the compiler's" {
    mkdir "$at/d"
    printf 'format = 1\nprogram "p" {\n' >"$at/d/a.conf"
    printf 'format = 1\nprofile "x" { colour = red }\n' >"$at/d/b.conf"
    run -1 "$ctl" check --offline "$at/d"
    [[ $output == *'a.conf:2: error: refused: this program is never closed'* ]]
    [[ $output == *'b.conf:2: error: refused: "colour" is not known in a profile'* ]]
    [[ $output == *$'\n    profile "x" { colour = red }\n                  ^~~~~~\n'* ]]
}

@test "a directory's files are checked in btnsd's order, and together" {
    mkdir "$at/d"
    program /usr/bin/p
    cp "$at/p.conf" "$at/d/10.conf"
    sed 's/protect/discard/' "$at/p.conf" >"$at/d/9.conf"
    run -1 "$ctl" check --offline "$at/d"
    [[ $output == "$at/d/9.conf:4: warning: Ua shadowed: never decides: rule \"r\" ($at/d/10.conf:4)"* ]]
}

@test "a match that is a symbolic link never matches: the real path is told (Ua)" {
    ln -s "$(realpath /bin/true)" "$at/link"
    program "$at/link"
    run -1 "$ctl" check "$at/p.conf"
    [[ $output == *"p.conf:3: warning: Ua link: leads by a symbolic link to $(realpath /bin/true)"* ]]
    [[ $output == *"instead: write \"$(realpath /bin/true)\""* ]]
    mkdir "$at/real"
    cp /bin/true "$at/real/true"
    ln -s real "$at/dir"
    program "$at/dir/true"
    [[ $(found "$at/p.conf") == *"3 Ua link \"$at/dir/true\""* ]]
    program "$at/real/true"
    [[ $(found "$at/p.conf") != *Ua* ]]
}

@test "a match that is no file: a note, or where the program is (Ua)" {
    program /opt/none/no-such-program-here bypass
    [[ $(found "$at/p.conf") == *"3 Ua absent \"/opt/none/no-such-program-here\""* ]]
    program /opt/none/env
    run "$ctl" check "$at/p.conf"
    [[ $output == *"Ua elsewhere: there is no such file here, but there is /usr/bin/env"* ]]
    # One of several is enough: programs have other names in other releases.
    printf 'format = 1\nprogram "p" {\n  match = { "/usr/bin/env", "/usr/bin/env-ng" }\n  rule "r" { action = protect }\n}\n' >"$at/p.conf"
    [[ $(found "$at/p.conf") != *Ua* ]]
}

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
    # What no rule asks for is not looked for.
    program /usr/bin/env discard
    [[ $(found "$at/p.conf") != *Ui* ]]
}

@test "Ui: the time of the probe is told" {
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

# authority DAYS NOT-BEFORE: a file of root's, as btnsd wants it; name in $ca, its directory in $pki
authority() {
    pki=$(mktemp -d /run/btns-lint-XXXXXX)
    chmod 755 "$pki"
    ca=$pki/ca.pem
    openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=ca -days "$1" -out "$ca" \
        -addext basicConstraints=critical,CA:TRUE 2>/dev/null
    chmod 644 "$ca"
}
# by_certificate FIELDS [RULE-FIELDS]
by_certificate() {
    printf 'format = 1\nprofile "c" { identity = certificate ca = "%s" %s }\nprogram "p" { match = { "/usr/bin/p" }\n  rule "r" { action = protect profile = "c" %s } }\n' \
        "$ca" "$1" "${2-}" >"$at/c.conf"
}

@test "certificates: an authority by its file; any of it only when written out, and then said (O55, Uf, Ug)" {
    root
    authority 5
    by_certificate 'id = "bob.lab"'
    run -0 found --offline "$at/c.conf"
    [[ -z $output ]]
    by_certificate ''
    run -0 found --offline "$at/c.conf"
    [[ $output == *"4 refused refused"* ]]
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"needs an id; to take every certificate of the ca, write permit = { any-of-ca }"* ]]
    by_certificate 'permit = { any-of-ca }'
    run -0 found --offline "$at/c.conf"
    [[ $output == "4 Ug any-of-ca"* ]]
    by_certificate 'permit = { any-of-ca } id = "bob.lab"'
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"contradict each other"* ]]
    chmod 664 "$ca"
    by_certificate 'id = "bob.lab"'
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"can be written by group or others"* ]]
    chmod 600 "$ca"
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"cannot be read by everybody"* ]]
    openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=leaf -days 5 -out "$ca" \
        -addext basicConstraints=critical,CA:FALSE 2>/dev/null
    chmod 644 "$ca"
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"is no certificate authority's"* ]]
    rm -r "$pki"
}

@test "anybody can check files, with btnsd's own confinement of the reader" {
    root
    chmod 755 "$at"
    cp "$data/clean.conf" "$at/c.conf"
    chmod 644 "$at/c.conf"
    cp "$ctl" /tmp/btnsctl.$$ && chmod 755 /tmp/btnsctl.$$
    cp "$at/c.conf" /tmp/lint.$$.conf
    run setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/btnsctl.$$ check --offline /tmp/lint.$$.conf
    rm -f /tmp/btnsctl.$$ /tmp/lint.$$.conf
    [[ $status -eq 0 ]]
}

# ---- what translates this host's own connections

# translated: what check says of that, on a host of its own on which standard input was run
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
    # what comes in, and the source of what leaves, are others' concern
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
    # what comes in, a chain that only packets from outside come to, and the source of what leaves, are others' concern
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
    exec 8>/run/lock/btns-test-bpf && flock 8 # another test has such a program, too, and one is named
    run -0 translated <<END
mount -t cgroup2 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/$group
trap 'rmdir /sys/fs/cgroup/$group' EXIT
python3 "$data/bpf_connect.py" /sys/fs/cgroup/$group "$ctl" check "$at/t.conf" | grep " translated: " || echo none found
END
    [[ $output == *"Ui translated: BPF: connect4 of control group /sys/fs/cgroup/$group may send"* ]]
}

@test "several findings of a kind are one, and how many there are; -v shows each, and errors are always shown" {
    { printf 'format = 1\n'; for i in {1..6}; do printf 'prefer out port %d user 1 label p%d\n' "$i" "$i"; done
        printf 'bypass all\n'; } >"$at/many.conf"
    run "$ctl" check --offline "$at/many.conf"
    first=$output
    [[ $(grep -c ' anybody-clear: ' <<<"$first") -eq 1 && $first == *$'\n    and 5 more anybody-clear (-v shows them): many.conf:3, many.conf:4, many.conf:5, many.conf:6, ...\n'* ]]
    run "$ctl" check --offline -v "$at/many.conf"
    [[ $(grep -c ' anybody-clear: ' <<<"$output") -eq 6 && $output != *' more '* ]]
    [ "$(tail -n 1 <<<"$first")" = "${lines[-1]}" ]
    mkdir "$at/d"
    for i in 1 2 3; do printf 'format = 1\nrule\n' >"$at/d/$i.conf"; done
    run -1 "$ctl" check --offline "$at/d"
    [[ $(grep -c ' error: refused: ' <<<"$output") -eq 3 ]]
}

@test "a comment on the line or right above it accepts a finding by name, and no other, and no error" {
    accepts() {
        printf 'format = 1\n%s\n' "$1" >"$at/a.conf"
        run "$ctl" check --offline "$at/a.conf"
        echo "$output"
        [[ $status -eq $2 && $output == *"$3"* ]]
    }
    accepts 'bypass all' 1 '1 warning, 0 notes;'
    accepts 'bypass all # check: accept everything-clear' 0 '0 warnings, 0 notes, 1 accepted;'
    accepts $'# check: accept shadowed, everything-clear\n# as nobody here has IPsec\nbypass all' 0 ', 1 accepted;'
    accepts $'# check: accept everything-clear\n\nbypass all' 1 '1 warning, 0 notes;'
    accepts 'bypass all # check: accept everything' 1 '1 warning, 0 notes;'
    accepts 'protect to 224.0.0.1 # check: accept multicast' 1 '1 error,'
    [[ $("$ctl" check --offline --json "$at/a.conf" | python3 -c 'import json, sys; print(json.load(sys.stdin)["accepted"])') -eq 0 ]]
}

@test "names of hosts that /etc/hosts does not have are told, with the file" {
    root
    printf 'format = 1\nprotect to localhost, db.test port 22\n' >"$at/n.conf"
    printf '127.0.0.1 localhost\n192.0.2.7 other DB.test # not.this\n' >"$at/hosts"
    named() { unshare -m --propagation private sh -c 'mount --bind "$1" /etc/hosts && exec "$2" check "$3"' - "$at/hosts" "$ctl" "$at/n.conf"; }
    run named
    [[ $output != *by-dns* ]]
    printf '127.0.0.1 localhost\n# 192.0.2.7 db.test\ndb.test other\n' >"$at/hosts"
    run named
    [[ $output == *"n.conf:2: warning: Ua by-dns: db.test is not in /etc/hosts"* ]]
    run "$ctl" check --offline "$at/n.conf"
    [[ $output != *by-dns* ]]
}

@test "Ua: a mandatory rule about UDP port 53 stops btnsd's questions about the names of rules" {
    root
    waits() { printf 'format = 1\nprogram "all" { match = "*"\n  rule "dns" { at = { connect } protocol = %s port = 53 action = protect mandatory = true reason = "so" } }\nprotect to %s port 22\n' "$1" "$2" >"$at/w.conf"; found "$at/w.conf"; }
    [[ $(waits udp none.invalid) == *'3 Ua dns-waits true'* ]]
    [[ $(waits tcp none.invalid) != *dns-waits* ]]
    [[ $(waits udp 192.0.2.1) != *dns-waits* ]]
}

@test "Ui: a link on which protected datagrams do not fit is told, with the longest that does" {
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

@test "a peer's name that no known peer has is told by who knows the peers, btnsd" {
    load helpers
    make_dir
    start_mock
    printf 'format = 1\nprogram "p" { match = "/usr/bin/env" rule "r" { action = protect identity = named permit = { bob, carol } } }\n' >"$at/p.conf"
    [[ $(found --socket "$socket" "$at/p.conf") == *'2 Uf no-peer carol'* && $(found --socket "$socket" "$at/p.conf") != *'no-peer bob'* ]]
    stop_mock
    [[ $(found --socket "$socket" "$at/p.conf") != *no-peer* ]]
    rm -rf "$dir"
}
