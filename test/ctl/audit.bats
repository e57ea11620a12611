#!/usr/bin/env bats
# btnsctl audit tcp on this kernel: its findings; that it notices a faulty TCP; and that it leaves nothing behind.
bats_require_minimum_version 1.5.0

setup_file() {
    build=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}
    export btnsctl=$build/btnsctl
    unshare -rn true 2>/dev/null || skip "this kernel gives no user namespaces to this user"
    # One whole audit, as nobody, for the tests that only look at it.
    export whole=$BATS_FILE_TMPDIR/whole.json
    as_nobody "$btnsctl" audit tcp --json >"$whole" 2>"$whole.err" || echo "exit $?" >>"$whole.err"
}

as_nobody() {
    if [[ $EUID -eq 0 ]]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

# json EXPRESSION <FILE: v is the audit; rows(ROW, ...) those of the self-test, all if none is named
json() {
    python3 -c '
import json, sys
v = json.load(sys.stdin)
def rows(*names): return [r for r in v["test"] if not names or r["row"] in names]
def setting(name): return next(s for s in v["settings"] if s["name"] == name)
value = eval("(" + sys.argv[1] + ")")
print(value)
sys.exit(not value)' "$1"
}

# each_is_good ROW: there are such rows for both families, with and without timestamps, and all are good
each_is_good() {
    json "all(r['verdict'] == 'good' for r in rows('$1')) and
        len({(r['family'], r['timestamps']) for r in rows('$1')}) == 4 and not v['left_out']" <"$whole" ||
        { cat "$whole.err"; json "[r for r in rows('$1') if r['verdict'] != 'good']" <"$whole"; return 1; }
}

# in_namespace SETUP [OPTION...]: an audit from a network namespace that SETUP has changed
in_namespace() {
    local setup=$1
    shift
    # shellcheck disable=SC2016
    run -1 --separate-stderr unshare -rn sh -c 'ip link set lo up; eval "$1" || exit 77; shift; exec "$@"' sh "$setup" \
        "$btnsctl" audit tcp --json "$@"
    echo "$stderr"
}

needs_nft() {
    unshare -rn sh -c "iptables-nft -A OUTPUT -p tcp -m conntrack --ctdir REPLY -m length --length 0:60 -j $1" 2>/dev/null ||
        skip "no iptables-nft here, or this kernel has not what the rule needs"
}

# Segments without data from the end that did not begin the connection, as challenge ACKs are.
answers='-p tcp --tcp-flags ALL ACK -m conntrack --ctdir REPLY -m length --length 0:60'

@test "audit: a RST outside the window is dropped silently (T1)" { each_is_good T1; }
@test "audit: a RST with the exact number resets (T2)" { each_is_good T2; }
@test "audit: a RST in the window, at its edges, too, is challenged (T3)" { each_is_good T3; }
@test "audit: a SYN with any number is challenged (T4)" { each_is_good T4; }
@test "audit: the corner SYN, with data, too, is challenged, and the connection lives (T5)" { each_is_good T5; }
@test "audit: data is judged by SEG.ACK, down to SND.UNA-MAX.SND.WND (T6)" { each_is_good T6; }
@test "audit: challenge ACKs are throttled, and the limit is tunable (T7, T8)" {
    each_is_good T7
    each_is_good T8
}
@test "audit: source ports to many destinations do not reveal each other (T9)" {
    json "all(r['verdict'] == 'good' for r in rows('T9') if '100 destinations' in r['sent']) and len(rows('T9')) == 4" <"$whole"
    # To one destination, the kernel's next choice can be guessed from the one before; the audit names random-port.
    json "all(r['verdict'] == 'weak' and 'random-port' in r['expected'] for r in rows('T9') if 'one destination' in r['sent'])" <"$whole"
}

# The cases of packetdrill's and FreeBSD's suites for an established connection, by the names they have there.
@test "audit: the cases that public test suites have are all there (T1, T2, T3, T4, T5, T6)" {
    while IFS='|' read -r row case sent; do
        json "[r for r in rows('$row') if r['sent'] == '''$sent''']" <"$whole" >/dev/null || { echo "$case is not tried"; return 1; }
    done <<'END'
T1|rst outside left|RST, SEQ=RCV.NXT-1
T2|rst left edge|RST, SEQ=RCV.NXT
T3|rst inside|RST, SEQ=the window's middle
T3|rst right edge|RST, SEQ=RCV.NXT+RCV.WND
T1|rst outside right|RST, SEQ=RCV.NXT+RCV.WND+1
T5|syn outside left|SYN, SEQ=RCV.NXT-1
T4|syn left edge|SYN, SEQ=RCV.NXT
T4|syn inside|SYN, SEQ=the window's middle
T4|syn right edge|SYN, SEQ=RCV.NXT+RCV.WND
T4|syn outside right|SYN, SEQ=RCV.NXT+RCV.WND+1
T4|syn-ack|SYN,ACK, SEQ=the window's middle
T6|ack too old, with data|data, ACK=SND.UNA-MAX.SND.WND-1
T6|ack too old, with data and fin|data and FIN, ACK=SND.UNA-MAX.SND.WND-1
T6|ack of what was never sent, with data|data, ACK=SND.NXT+1
END
}

@test "audit: as nobody, without btnsd; exit 0, a table for people and JSON say the same (T11)" {
    cat "$whole.err"
    [[ ! -s $whole.err ]]
    run -0 --separate-stderr as_nobody "$btnsctl" --socket /nonexistent audit tcp
    [[ ${lines[-1]} =~ ^[0-9]+\ good,\ [0-9]+\ weak,\ [0-9]+\ unknown,\ 0\ bad$ ]]
    for row in T1 T2 T3 T4 T5 T6 T7 T8 T9; do grep -qE "^$row +.* (good|weak) " <<<"$output"; done
    grep -qE '^net.ipv4.tcp_challenge_ack_limit +2147483647 +good' <<<"$output"
    grep -q 'sysctl.d' <<<"$output"
}

@test "audit: leaves no process, interface, setting or connection behind" {
    state() {
        ip -o link | wc -l
        sysctl net.ipv4.tcp_timestamps net.ipv4.tcp_invalid_ratelimit net.ipv4.ip_local_port_range
        ss -Htan
        pgrep -cx btnsctl || true
        find /dev/shm /tmp /run -maxdepth 1 -newer "$BATS_TEST_TMPDIR/before" -name '*audit*' 2>/dev/null || true
    }
    touch "$BATS_TEST_TMPDIR/before"
    # In a namespace of its own, as other tests run beside this one.
    export -f state
    run unshare -rn --pid --fork --mount-proc bash -c 'ip link set lo up; state >"$1/before.txt"; "$2" audit tcp --here >"$1/out"
        "$2" audit tcp >"$1/out"; state >"$1/after.txt"; diff "$1/before.txt" "$1/after.txt"' bash "$BATS_TEST_TMPDIR" "$btnsctl"
    echo "$output"
    [[ $status -eq 0 && -z $output ]]
}

@test "audit: a shared limit of challenge ACKs makes rows and the setting bad (T3, T4, T7)" {
    in_namespace 'sysctl -qw net.ipv4.tcp_challenge_ack_limit=1'
    json "all(any(r['verdict'] == 'bad' for r in rows(n)) for n in ('T3', 'T4', 'T7'))" <<<"$output"
    json "setting('net.ipv4.tcp_challenge_ack_limit')['verdict'] == 'bad' and 'CVE-2016-5696' in setting('net.ipv4.tcp_challenge_ack_limit')['why']" <<<"$output"
    json "all(r['verdict'] == 'good' for r in rows('T1', 'T2'))" <<<"$output"
}

@test "audit: without a throttle T7 is bad, and T8 finds that one can be set (T7, T8)" {
    in_namespace 'sysctl -qw net.ipv4.tcp_invalid_ratelimit=0'
    json "{(r['row'], r['verdict']) for r in rows('T7', 'T8')} == {('T7', 'bad'), ('T8', 'good')}" <<<"$output"
    json "all(r['verdict'] == 'good' for r in rows('T1', 'T2', 'T3', 'T4', 'T5', 'T6'))" <<<"$output"
}

@test "audit: few source ports are bad, whatever their order (T9)" {
    in_namespace 'sysctl -qw net.ipv4.ip_local_port_range="40000 40511"'
    json "{r['verdict'] for r in rows('T9') if '100 destinations' in r['sent']} == {'bad'}" <<<"$output"
    json "'ip_local_port_range' in setting('net.ipv4.ip_local_port_range')['advice']" <<<"$output"
}

@test "audit --here: a firewall that drops challenge ACKs is noticed, for its family alone (T3, T4, T5)" {
    needs_nft DROP
    in_namespace "iptables-nft -A OUTPUT $answers -j DROP" --here
    json "all(r['verdict'] == ('bad' if r['family'] == 'ipv4' else 'good') for r in rows('T4', 'T5'))" <<<"$output"
    json "any(r['verdict'] == 'bad' and r['came_back'].startswith('nothing') for r in rows('T3'))" <<<"$output"
    json "all(r['verdict'] == 'good' for r in rows('T1', 'T2'))" <<<"$output"
}

@test "audit --here: a middlebox that answers challenge ACKs with a RST is noticed (T3, T4, T5, T11)" {
    needs_nft 'REJECT --reject-with tcp-reset'
    in_namespace "iptables-nft -A INPUT $answers -j REJECT --reject-with tcp-reset" --here
    json "all(r['verdict'] == ('bad' if r['family'] == 'ipv4' else 'good') for r in rows('T3', 'T4', 'T5'))" <<<"$output"
    json "all('reset' in r['came_back'] for r in rows('T4') if r['family'] == 'ipv4')" <<<"$output"
}

@test "audit --here: changes no setting, needs its capabilities, and says which checks it left out (T8)" {
    run -0 unshare -rn sh -c "ip link set lo up; '$btnsctl' audit tcp --json --here"
    json "v['namespace'] == 'here' and {r['verdict'] for r in rows('T8')} == {'unknown'} and all(p['on_purpose'] for p in v['left_out'])" <<<"$output"
    run -1 --separate-stderr as_nobody "$btnsctl" audit tcp --here
    [[ $stderr == *'a part of the self-test could not be done'* && $output == *'Operation not permitted'* ]]
}

@test "audit: a loopback link without TCP makes the audit fail, and says why (T1)" {
    needs_nft DROP
    in_namespace 'iptables-nft -A INPUT -p tcp -j DROP; ip6tables-nft -A INPUT -p tcp -j DROP' --here
    json "not rows('T1') and any(not p['on_purpose'] and 'no connection over the loopback link' in p['why'] for p in v['left_out'])" <<<"$output"
}

@test "audit: only tcp can be audited" {
    run -2 "$btnsctl" audit udp
    [[ $output == *'not udp'* ]]
    run -2 "$btnsctl" audit
    [[ $output == *'usage: btnsctl audit tcp'* ]]
    run -2 "$btnsctl" status --here
    [[ $output == *'status does not take --here'* ]]
}
