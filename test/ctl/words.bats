#!/usr/bin/env bats
# btnsctl for people and their programs: filters, tables that fold, monitoring, metrics, the graph.
bats_require_minimum_version 1.5.0

load common

# filtered OPTION...: the local ports of the latches that are listed.
filtered() {
    ctl latches --json "$@" | json '" ".join(str(l["local_port"]) for l in v)'
}

@test "latches: filters by program, process, user, peer, state and port, one by one and together" {
    start_mock
    [ "$(filtered)" = '40000 40002 8000 40004' ]
    [ "$(filtered --program curl)" = '40000 40002' ]
    [ "$(filtered --program 'w?e*')" = 40004 ]
    [ "$(filtered --pid 9)" = 40004 ]
    [ "$(filtered --user 1000)" = '40000 40002' ]
    [ "$(filtered --user root)" = '8000 40004' ]
    [ "$(filtered --peer 10.77.0.66)" = 40004 ]
    [ "$(filtered --peer ed25519:IiIi)" = '40000 40002' ]
    [ "$(filtered --peer ed25519:)" = '' ]
    [ "$(filtered --peer bob)" = '' ]
    [ "$(filtered --state failed)" = 40002 ]
    [ "$(filtered --state unp)" = 40004 ]
    [ "$(filtered --port 8000)" = '40000 8000' ]
    [ "$(filtered --port 8000 --state established)" = 40000 ]
    run -0 ctl latches --pid 9
    [[ ${#lines[@]} -eq 3 && ${lines[1]} == wget* ]]
}

@test "latches: an impossible filter is wrong usage, and the message names its option" {
    start_mock
    while read -r option value text; do
        run -2 --separate-stderr ctl latches "$option" "$value"
        echo "$stderr"
        [ "$stderr" = "btnsctl: $text" ]
    done <<'END'
--pid x9 --pid: 'x9' is no number from 1 to 2147483647
--pid 0 --pid: '0' is no number from 1 to 2147483647
--port 65536 --port: '65536' is no number from 1 to 65535
--state establishd --state: no such state: establishd; did you mean established?
--user nobody-such --user: 'nobody-such' is no user
END
    [ ! -s "$asked" ]
}

@test "a table that is wider than the terminal is folded, its widest columns first, and nothing is lost" {
    start_mock
    export NO_COLOR=1
    run -0 script -qec "stty cols 80; $build/btnsctl --socket $socket latches" /dev/null </dev/null
    folded=${output//$'\r'/}
    echo "$folded"
    [[ -z $(awk 'length > 80' <<<"$folded") && ${#lines[@]} -gt 7 ]]
    grep -q '^PROGRAM  PID  LOCAL' <<<"$folded"
    # The parts of a cell, one below the other, are the cell.
    run -0 script -qec "stty cols 300; $build/btnsctl --socket $socket latches" /dev/null </dev/null
    wide=${output//$'\r'/}
    [ "$(wc -l <<<"$wide")" -eq 7 ]
    [ "$(tr -d ' \n' <<<"$folded" | fold -w1 | sort | tr -d '\n')" = "$(tr -d ' \n' <<<"$wide" | fold -w1 | sort | tr -d '\n')" ]
    # In a pipe nothing is folded.
    [ "$(COLUMNS=40 ctl latches | awk 'length > 80' | wc -l)" -ge 1 ]
}

@test "status --check: one line, and exit 1 with the first thing to mend" {
    start_mock
    run -0 --separate-stderr ctl status --check
    [[ $output == "ok: btnsd 9.8.7, 5 rules, 2 peers, 4 latches" && -z $stderr ]]
    stop_mock
    start_mock scene=ailing
    run -1 --separate-stderr ctl status --check
    [[ -z $output && $stderr == 'btnsctl: 5 to mend: the IKE daemon (charon) is not running' ]]
    run -1 --separate-stderr ctl status --check --json
    [ "$(json 'v["rules"]' <<<"$output")" = 5 ]
    [[ $(json 'v["error"]["text"]' <<<"$stderr") == '5 to mend: '* ]]
    socket=$dir/none run -1 ctl status --check
}

@test "metrics: Prometheus text; without btnsd it says that btnsd is not up, exit 1" {
    start_mock
    run -0 --separate-stderr ctl metrics
    grep -qx 'btns_up 1' <<<"$output"
    grep -qx 'btns_info{version="9.8.7"} 1' <<<"$output"
    grep -qx 'btns_latches{state="established"} 1' <<<"$output"
    grep -qx 'btns_latches{state="broken"} 1' <<<"$output"
    grep -qx 'btns_guards{keys="manual"} 1' <<<"$output"
    # Each line is a comment or a sample, each metric is explained once, and before its samples.
    [[ -z $(grep -vE '^# (HELP|TYPE) btns_[a-z_]+ .+$|^btns_[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9]+$' <<<"$output") ]]
    [[ -z $(sed -n 's/^# HELP \([a-z_]*\) .*/\1/p' <<<"$output" | sort | uniq -d) ]]
    awk '/^# TYPE/ { known[$3] = 1 } /^btns_/ { sub(/[{ ].*/, ""); if (!known[$0]) exit 1 }' <<<"$output"
    [ "$(ctl metrics --json | json '[m["number"] for m in v["metrics"] if m["name"] == "rules"]')" = '[5]' ]
    socket=$dir/none run -1 --separate-stderr ctl metrics
    [ "$output" = $'# HELP btns_up Does btnsd answer?\n# TYPE btns_up gauge\nbtns_up 0' ]
}

@test "metrics and graph: text from outside cannot end a string" {
    start_mock scene=hostile
    run -0 ctl graph
    [[ $output == *'\"d\\e'* && -z $(LC_ALL=C grep -P '[^\x0a\x20-\x7e]' <<<"$output") ]]
}

@test "graph: this host and its peers, an edge for each program and service, as DOT and as JSON" {
    start_mock
    run -0 ctl graph
    want=$(
        cat <<'END'
digraph btns {
  rankdir=LR;
  node [shape=box];
  "this host" [style=bold];
  "this host" -> "10.77.0.2" [label="curl :8000 x1", color=darkgreen]; // protected
  "this host" -> "fd77::2" [label="curl :443 x1", color=red, style=bold]; // refused
  "this host" -> "10.77.0.66" [label="wget :80 x1", color=orange, style=dashed]; // clear
}
END
    )
    diff <(echo "$want") <(echo "$output")
    [ "$(ctl graph --json | json '[(e["address"], e["port"], e["outcome"]) for e in v["edges"]]')" = \
        "[('10.77.0.2', 8000, 'protected'), ('fd77::2', 443, 'refused'), ('10.77.0.66', 80, 'clear')]" ]
    [[ -z $(type -P dot) ]] || ctl graph | dot -Tsvg >/dev/null
}
