#!/usr/bin/env bats
# btnsctl peers, key and keyscan.
bats_require_minimum_version 1.5.0

load common

# ---- peers

@test "peers" {
    start_mock
    run -0 ctl peers
    want=$(cat <<'END'
KEY                                                   ADDRESS    NAME  TRUST          FIRST SEEN           LAST SEEN
ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=  10.77.0.2  -     leap-of-faith  2001-09-09 01:46:40  2001-09-09 02:46:40
ed25519:MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=  fd77::66   bob   no latch       2001-09-09 01:46:40  2001-09-09 02:46:40
END
    )
    diff <(echo "$want") <(echo "$output")
    run -0 ctl peers -v
    [[ ${lines[0]} == KEY*'INNER ADDRESS '*'IN WORDS' && ${lines[1]} == *' nutuf-vomas-zifij-girog-sinos-loduz' && ${lines[2]} == *' fd62:746e:7300:deb0:e38c:ed1e:41de:6f92  tupub-vavas-vuhiv-haliv-kuvif-visav' ]]
    run -0 ctl peers --json
    [ "$(json 'v[1]' <<<"$output")" = \
        "{'schema': 1, 'key': 'ed25519:MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=', 'words': 'tupub-vavas-vuhiv-haliv-kuvif-visav', 'inner_address': 'fd62:746e:7300:deb0:e38c:ed1e:41de:6f92', 'address': 'fd77::66', 'name': 'bob', 'trust': 'pinned', 'latch': 'no', 'no_latch': True, 'revoked': False, 'file': None, 'line': None, 'first_seen': 1000000000, 'last_seen': 1000003600}" ]
}

@test "peers pin, name, forget and no-latch: the requests that btnsd gets, and mistakes that are refused first" {
    start_mock
    key=ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=
    run -0 ctl peers pin "$key" fd77::66 bob
    [ "$(tail -n 1 "$asked")" = "PIN version=1 len=136 addr=fd77::66 key=$(printf '22%.0s' {1..32}) name=bob" ]
    run -0 ctl peers add "$key" 10.0.0.1
    [ "$(tail -n 1 "$asked")" = "PIN version=1 len=136 addr=10.0.0.1 key=$(printf '22%.0s' {1..32}) name=" ]
    run -0 ctl peers name bob 10.0.0.1
    [ "$(tail -n 1 "$asked")" = "PIN version=1 len=136 addr=10.0.0.1 key=- name=bob" ]
    run -0 ctl peers name bob "$key"
    [ "$(tail -n 1 "$asked")" = "PIN version=1 len=136 addr=- key=$(printf '22%.0s' {1..32}) name=bob" ]
    run -0 ctl peers forget 10.0.0.1
    [[ "$(tail -n 1 "$asked")" == "FORGET "*" addr=10.0.0.1 "* ]]
    run -0 ctl peers no-latch "$key" on
    [[ "$(tail -n 1 "$asked")" == "NOLATCH version=1 len=48"* ]]
    run -0 ctl --json peers name bob "$key"
    [[ "$output" == *'"request":"peers name","service":"bob","outcome":"done"'* ]]
    run -0 ctl --json peers no-latch "$key" on
    [[ "$output" == *'"request":"peers no-latch","service":"'"$key"'","outcome":"done"'* ]]
    run -0 ctl --json peers forget 10.0.0.1
    [[ "$output" == *'"request":"peers forget","service":"10.0.0.1","outcome":"done"'* ]]
    run -0 ctl --json nolatch "$key" on # the command's old form still works
    [[ "$output" == *'"request":"nolatch",'* ]]
    for wrong in "pin $key" forget "forget $key x" "no-latch $key" "no-latch $key maybe" "add $key" "add 10.0.0.1 $key" "name $key bob" "name any-of-ca $key" "name b/b $key" \
        "name bob" "name bob 10.0.0.1 x" "drop $key" "add $key 10.0.0.1 x/y"; do
        # shellcheck disable=SC2086 # words
        run -2 ctl peers $wrong
    done
}

@test "peers: its subcommands can be abbreviated, and a misspelt one gets a suggestion" {
    start_mock
    run -0 ctl peers forg 10.0.0.1
    [[ "$(tail -n 1 "$asked")" == "FORGET "* ]]
    run -0 ctl --json peers forg 10.0.0.1
    [[ "$output" == *'"request":"peers forget"'* ]]
    is_answered() { run -2 --separate-stderr ctl peers "$1"; echo "$stderr"; [[ $stderr == "btnsctl: $2"* ]]; }
    is_answered forgte 'no such command: peers forgte; did you mean peers forget?'
    is_answered n 'peers n could be peers name, peers no-latch'
    is_answered quince 'no such command: peers quince'
}

@test "peers export: the lines of known_peers, or this host's own on request; also as JSON" {
    start_mock
    run -0 ctl peers export
    [ "${lines[0]}" = 'ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI= 10.77.0.2 first=2001-09-09T01:46:40Z last=2001-09-09T02:46:40Z trust=leap' ]
    [ "${lines[1]}" = 'ed25519:MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM= fd77::66 first=2001-09-09T01:46:40Z last=2001-09-09T02:46:40Z trust=pinned latch=no name=bob' ]
    [ "${#lines[@]}" = 2 ]
    run -0 ctl peers export --self
    [[ "${#lines[@]}" == 3 && ${lines[0]} == "ed25519:ERERERERERERERERERERERERERERERERERERERERERE= "*" trust=pinned"* ]]
    [[ ${lines[0]} != *127.0.0.1* && ${lines[0]} != *fe80::* ]]
    run -0 ctl peers export --self --json
    [ "$(json '[(x["self"], x["trust"], x["name"]) for x in v[1:]]' <<<"$output")" = "[(False, 'leap', None), (False, 'pinned', 'bob')]" ]
    [ "$(json 'v[0]["self"], v[0]["key"], v[2]["addresses"]' <<<"$output")" = "(True, 'ed25519:ERERERERERERERERERERERERERERERERERERERERERE=', ['fd77::66'])" ]
    run -2 ctl peers --self
    run -2 ctl peers forget 10.0.0.1 --self
    says_here() { [[ $output == *"--self is for peers export alone"* ]]; }
    says_here
}

@test "peers import: sends a file or standard input to btnsd, and says if it cannot be read" {
    start_mock
    echo '# nobody' >"$dir/fleet.txt"
    run -0 ctl peers import "$dir/fleet.txt"
    [ "$(tail -n 1 "$asked")" = "IMPORT version=1 len=264 name=$dir/fleet.txt attached=yes" ]
    run -0 ctl peers import - --json <"$dir/fleet.txt"
    [[ "$output" == *'"request":"peers import","service":"-","outcome":"done"'* ]]
    [ "$(tail -n 1 "$asked")" = "IMPORT version=1 len=264 name=standard input attached=yes" ]
    run -1 ctl peers import "$dir/none.txt"
    [[ $output == "btnsctl: $dir/none.txt: No such file or directory" ]]
    head -c 17M /dev/zero >"$dir/large"
    run -1 ctl peers import "$dir/large"
    [[ $output == *"larger than 16777216 octets: import it in several parts"* ]]
    run -2 ctl peers import
}

@test "key rotate: one request; a wrong word is answered with the right ones" {
    start_mock
    run -0 ctl key rotate
    [ "$(tail -n 1 "$asked")" = "ROTATE version=1 len=8" ]
    run -0 ctl key rotate --json
    [ "$(json 'v["request"], v["outcome"]' <<<"$output")" = "('key rotate', 'done')" ]
    run -2 --separate-stderr ctl key turn
    [[ ${stderr_lines[0]} == 'btnsctl: no such command: key turn; there are: key rotate' ]]
    run -2 ctl key
}

@test "keyscan: prints lines for peers import; says which hosts give no key, and asks the others" {
    start_mock
    run -0 --separate-stderr ctl keyscan 10.0.0.1
    [[ ${lines[0]} == "# 10.0.0.1, inner address fd62:746e:7300:"* && ${lines[1]} =~ ^ed25519:IiIi[^\ ]*=\ 10\.0\.0\.1\ first=[^\ ]*Z\ last=[^\ ]*Z\ trust=leap$ ]]
    [ "$(tail -n 1 "$asked")" = "KEYSCAN version=1 len=32 addr=10.0.0.1" ]
    run -1 --separate-stderr ctl keyscan 10.0.0.9 10.0.0.2 nobody.invalid
    [[ ${lines[0]} == "# 10.0.0.2, "* && ${#lines[@]} == 2 ]]
    [[ ${stderr_lines[0]} == "btnsctl: keyscan: 10.0.0.9 (10.0.0.9) gave no key: no answer in time" ]]
    [[ ${stderr_lines[1]} == "btnsctl: keyscan: nobody.invalid: "* ]]
    run -1 --separate-stderr ctl keyscan 10.0.0.1 10.0.0.9 --json
    [ "$(json '[(x["host"], x["address"], x["key"][:12], x["inner_address"][:15]) for x in v]' <<<"$output")" = "[('10.0.0.1', '10.0.0.1', 'ed25519:IiIi', 'fd62:746e:7300:')]" ]
    [[ $stderr == *'"outcome":"failed","text":"keyscan: 10.0.0.9 (10.0.0.9) gave no key'* ]]
    run -2 ctl keyscan
}

@test "keyscan: hosts are asked at once, and written in the order in which they were given" {
    start_mock
    run -1 --separate-stderr ctl keyscan 10.0.2.7 10.0.0.1 10.0.0.9 10.0.1.7 10.0.3.7
    echo "$output$stderr"
    [ "$(sed -n '/^#/s/,.*//p' <<<"$output" | tr -d '\n')" = '# 10.0.2.7# 10.0.0.1# 10.0.1.7# 10.0.3.7' ]
    [[ $stderr == "btnsctl: keyscan: 10.0.0.9 (10.0.0.9) gave no key: no answer in time" ]]
    # Twice the same address is asked once.
    run -0 --separate-stderr ctl keyscan 10.0.0.1 10.0.0.1
    [ "$(grep -c '^ed25519:' <<<"$output")" -eq 1 ]
}
