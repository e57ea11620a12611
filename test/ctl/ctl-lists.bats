#!/usr/bin/env bats
# btnsctl status, latches and watch.
bats_require_minimum_version 1.5.0

load common

# ---- status

@test "status: shows what a person asks first" {
    start_mock
    run --separate-stderr -0 ctl status
    [ "${lines[0]}" = "btnsd 9.8.7" ]
    [[ ${lines[1]} == "  pid:      4242, up "*"(since 2001-09-09 01:46:40)" ]]
    [ "${lines[2]}" = "  host key: ed25519:ERERERERERERERERERERERERERERERERERERERERERE=" ]
    [ "${lines[3]}" = "  in words: barih-hokog-duvur-finus-musuj-fupin" ]
    [ "${lines[4]}" = "  inner:    fd62:746e:7300:2d4:49a3:1fbb:267c:8f35" ]
    [ "${lines[5]}" = "  charon:   pid 4243" ]
    [ "${lines[6]}" = "  system:   /run/charon.vici: not connected" ]
    [ "${lines[7]}" = "  rules:    5 (generation 7)" ]
    [ "${lines[8]}" = "  peers:    2 known" ]
    [ "${lines[9]}" = "  guards:   3 (keys: private 2, system 0, manual 1)" ]
    [ "${lines[10]}" = "  latches:  4" ]
    [ -z "$stderr" ]
    [ "$(sed -n 1p "$asked")" = "STATUS version=1 len=8" ]
}

@test "status --json" {
    start_mock
    before=$(date +%s)
    run -0 ctl --json status
    want="{'schema': 1, 'version': '9.8.7', 'pid': 4242, 'started': 1000000000, 'key': 'ed25519:ERERERERERERERERERERERERERERERERERERERERERE=', 'words': 'barih-hokog-duvur-finus-musuj-fupin', 'inner_address': 'fd62:746e:7300:2d4:49a3:1fbb:267c:8f35', 'charon_pid': 4243, 'rules': 5, 'generation': 7, 'refused': None, 'in_force': None, 'wrong': [], 'peers': 2, 'guards': 3, 'latches': 4, 'charon': 'running', 'system': '/run/charon.vici: not connected', 'guards_private': 2, 'guards_system': 0, 'guards_manual': 1, 'latching': 'on'}"
    [ "$(json '{k: v[k] for k in v if k != "uptime"}' <<<"$output")" = "$want" ]
    now=$(json 'v["started"] + v["uptime"]' <<<"$output")
    ((now >= before && now <= $(date +%s)))
}

@test "status warns of a refused policy and of a missing charon, and stays 0" {
    start_mock scene=ailing
    run --separate-stderr -0 ctl status
    [[ $stderr == *"policy was refused, the rules of generation 7 stay in force: /etc/btns/policy.d/x.conf:3: no such action"* ]]
    [[ $stderr == *"in force: the policy that was last in force"* ]]
    [[ $stderr == *"warning: /etc/btns/x.conf:9: rule closed"*"warning: disk full"* ]]
    [[ $stderr == *"charon"*"not running"* ]]
    [ "${lines[5]}" = "  charon:   not running" ]
    run --separate-stderr -0 ctl status --json
    [ "$(json '(v["refused"], v["charon_pid"])' <<<"$output")" = "('/etc/btns/policy.d/x.conf:3: no such action', None)" ]
    [ "$(json '(v["in_force"], v["wrong"])' <<<"$output")" = "('the policy that was last in force', ['/etc/btns/x.conf:9: rule closed', 'disk full'])" ]
}

# ---- latches

@test "latches: aligned columns, one line each, reasons below" {
    start_mock
    run -0 ctl latches
    want=$(cat <<'END'
PROGRAM  PID  LOCAL                 REMOTE              STATE            PEER                SUITE        AGE
curl     812  10.77.0.1:40000       10.77.0.2:8000      ESTABLISHED      ed25519:IiIiIiIiIi  aes256gcm16  1h02m
curl     812  [fd77::1]:40002(nat)  [fd77::2]:443(nat)  FAILED (BROKEN)  ed25519:IiIiIiIiIi  aes256gcm16  5s
    identity-conflict: the peer's key changed
python3  -    0.0.0.0:8000          *                   LISTENER         -                   -            3d00h
wget     9    10.77.0.1:40004       10.77.0.66:80       UNPROTECTED      -                   -            0s
    no btnsd there
END
    )
    diff <(echo "$want") <(echo "$output")
    [ "$(sed -n 1p "$asked")" = "LATCHES version=1 len=8" ]
}

@test "watch: one line for each event and for lost ones; btnsd's end is exit 1" {
    start_mock scene=events
    TZ=UTC run -1 --separate-stderr ctl watch
    want=$(
        cat <<'END'
2001-09-09 01:46:40 watching
2001-09-09 01:46:40 latch-broken curl[812] 10.77.0.1:40000 10.77.0.2:8000 failed ed25519:IiIiIiIiIi (identity-conflict): another\x0akey
2001-09-09 01:46:40 events-lost 12
2001-09-09 01:46:40 latch-closed curl[812] 10.77.0.1 10.77.0.2:8000 closed ed25519:IiIiIiIiIi (ended)
END
    )
    diff <(echo "$want") <(echo "$output")
    [[ $stderr == "btnsctl: btnsd at $socket has ended" ]]
    [ "$(sed -n 1p "$asked")" = "WATCH version=1 len=16" ]
}

@test "watch --json: one object a line" {
    start_mock scene=events
    run -1 --separate-stderr ctl watch --json
    [ "${#lines[@]}" -eq 4 ]
    want="{'schema': 1, 'time': 1000000000, 'event': 'latch-broken', 'state': 'failed', 'state08': 'broken', 'reason_code': 'identity-conflict', 'reason': 'another\\nkey', 'program': 'curl', 'pid': 812, 'uid': 1000, 'local_address': '10.77.0.1', 'local_port': 40000, 'remote_address': '10.77.0.2', 'remote_port': 8000, 'key': 'ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=', 'suite': 'aes256gcm16', 'rule': 'r', 'cookie': 77, 'count': None}"
    [ "$(json v <<<"${lines[1]}")" = "$want" ]
    [ "$(json 'v["event"], v["count"], v["state"]' <<<"${lines[2]}")" = "('events-lost', 12, None)" ]
}

@test "watch: interrupted, it ends with exit 0 and everything is written" {
    start_mock scene=watched
    for signal in INT TERM; do
        # A file for each round: the one of the round before is full already, and does not show this btnsctl's output.
        : >"$dir/watched-$signal"
        "$build/btnsctl" --socket "$socket" watch --json >>"$dir/watched-$signal" 3>&- &
        for ((i = 0; i < 5000; i++)); do
            [[ $(wc -l <"$dir/watched-$signal") -lt 4 ]] || break
            sleep 0.02
        done
        kill -"$signal" $!
        wait $!
        [ "$(wc -l <"$dir/watched-$signal")" -eq 4 ]
    done
}

@test "latches --json: every value in full, in a field of its own" {
    start_mock
    run -0 ctl latches --json
    want="{'schema': 1, 'program': 'curl', 'pid': 812, 'uid': 1000, 'protocol': 'tcp', 'local_address': '10.77.0.1', 'local_port': 40000, 'remote_address': '10.77.0.2', 'remote_port': 8000, 'state': 'established', 'state08': 'established', 'reason_code': None, 'reason': None, 'key': 'ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=', 'keys': None, 'peer': None, 'proof': None, 'name': None, 'authentication': 'leap-of-faith', 'subject': None, 'authority': None, 'suite': 'aes256gcm16', 'rule': 'intranet (/etc/btns/policy.d/50-web.conf:7)', 'reqid': 4001, 'spi': 3237998081, 'cookie': 77, 'age': 3725, 'nat': None, 'sas': [{'direction': 'out', 'spi': 3237998081, 'used': True, 'packets': 3, 'octets': 180}, {'direction': 'out', 'spi': 3237998080, 'used': False, 'packets': 1, 'octets': 60}, {'direction': 'in', 'spi': 7, 'used': True, 'packets': 1099511627776, 'octets': 1125899906842624}]}"
    [ "$(json 'v[0]' <<<"$output")" = "$want" ]
    [ "$(json '[(l["state"], l["state08"]) for l in v[1:]]' <<<"$output")" = \
        "[('failed', 'broken'), ('listener', 'listener'), ('unprotected', None)]" ]
    [ "$(json '[v[2][k] for k in ("pid", "remote_address", "remote_port", "key", "suite", "spi")]' <<<"$output")" = \
        "[None, None, None, None, None, None]" ]
    [ "$(json 'v[1]["reason"]' <<<"$output")" = "the peer's key changed" ]
    want="{'local': True, 'remote': True, 'remote_inner': 'fd99::2', 'remote_outer': 'fd77::2', 'encapsulation_local_port': 4500, 'encapsulation_remote_port': 20774}"
    [ "$(json 'v[1]["nat"]' <<<"$output")" = "$want" ]
}

@test "nothing to list: headings alone, or an empty array" {
    start_mock scene=empty
    run -0 ctl latches
    [ "${#lines[@]}" -eq 1 ]
    [[ ${lines[0]} == PROGRAM*AGE ]]
    run -0 ctl latches --json
    [ "$output" = "[]" ]
    run -0 ctl peers
    [ "${#lines[@]}" -eq 1 ]
}

@test "colours on a terminal, none with NO_COLOR, in a pipe, or in JSON" {
    start_mock
    on_terminal() { script -qec "$build/btnsctl --socket $socket $*" /dev/null </dev/null; }
    esc=$'\033'
    run -0 on_terminal latches
    [[ $output == *"$esc[31mFAILED (BROKEN)$esc[0m  ed25519"* ]]
    NO_COLOR=1 run -0 on_terminal latches
    [[ $output != *"$esc"* ]]
    NO_COLOR='' run -0 on_terminal latches
    [[ $output == *"$esc"* ]]
    run -0 on_terminal latches --json
    [[ $output != *"$esc"* ]]
    run -0 ctl latches
    [[ $output != *"$esc"* ]]
}
