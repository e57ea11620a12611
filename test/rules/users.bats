#!/usr/bin/env bats
# Users' own policies and blocks, and who can see them. With a part of btnsd and the real btnsctl.

load authors

@test "a rule is about the protocols that it names: explain tells datagrams from connections" {
    serve
    sed -i 's/  rule "habit"/  rule "datagrams" { at = connect protocol = udp remote = "10.0.0.3" action = discard }\n  rule "each" { at = connect protocol = { udp, tcp } remote = "10.0.0.4" action = discard }\n&/' "$place/policy/10.conf"
    as 0 reload
    [[ $status -eq 0 ]]
    told() { as 0 explain --json /bin/true "$1" "$2:53"; [[ $output == *"\"protocol\":\"$1\",\"verdict\":\"$3\""* ]]; }
    told udp 10.0.0.3 denied
    told tcp 10.0.0.3 protected
    told udp 10.0.0.4 denied
    told tcp 10.0.0.4 denied
    told udp 10.0.0.2 clear # a rule that does not name UDP is about TCP alone
    as 0 explain /bin/true sctp 10.0.0.3:53
    [[ $status -eq 2 && $output == *sctp* ]]
}

@test "a user's own rule overrides the administrator's default, for that user alone (O46, O49, O73)" {
    serve
    mine bypass
    as 4001 policy add "$place/mine.conf"
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 own
    [[ $output == *'"author":"user 4001"'* && $output != *'"user 0"'* ]]
    decides 4001 10.0.0.1 law
    decides 4002 10.0.0.2 habit
    decides 0 10.0.0.2 habit
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"+ mine/own (mine:3, user 4001): bypass"* && $output == *"the user's own rule decides: own (mine:3)"* ]]
    as 4002 explain -v /bin/true 10.0.0.2:80
    [[ $output != *mine* ]]
    as 4001 explain -v /bin/true 10.0.0.1:80
    [[ $output == *"+ house/law ("*", administrator, mandatory): protect"* && $output == *"a mandatory rule decides: law"* ]]
    # A user's rule that is stronger than the mandatory one may replace it.
    mine discard 10.0.0.1
    as 4001 policy add "$place/mine.conf"
    decides 4001 10.0.0.1 own
    decides 4001 10.0.0.2 habit
    as 4001 policy remove mine
    decides 4001 10.0.0.1 law
}

@test "a user's stored policies outlive btnsd; files are root's, one for each policy; the audit log has each change (O49, O59)" {
    serve
    mine bypass
    as 4001 policy add --name work "$place/mine.conf"
    as 4001 policy block house/habit
    [[ $status -eq 0 ]]
    [[ $(cd "$place/state" && find ./users -type f -printf '%M %u %p\n' | sort) == "-rw------- root ./users/4001/blocks
-rw------- root ./users/4001/work.conf" && $(stat -c %a "$place/state/users/4001") == 700 ]]
    stop
    start
    # The audit log has the change, its user, and the text's hash.
    [[ $(grep -c '"user-policy","change":"added","uid":4001,"by":4001,"name":"work","sha256":"'"$(sha256sum <"$place/mine.conf" | cut -c 1-64)" "$place/state/audit.jsonl") == 1 ]]
    grep -q '"rule-file","change":"added","file":".*10.conf","author":"administrator","sha256":"'"$(sha256sum <"$place/policy/10.conf" | cut -c 1-64)" "$place/state/audit.jsonl"
    decides 4001 10.0.0.2 own
    decides 4001 10.0.1.2 rest
    decides 4002 10.0.0.2 habit
    as 4001 policy remove work
    [[ $status -eq 0 && ! -e $place/state/users/4001/work.conf ]]
    decides 4001 10.0.0.2 rest
    stop
    start
    decides 4001 10.0.0.2 rest
}

@test "audit lines are also in systemd's journal, if there is one (O59)" {
    serve
    stop
    # A /run of its own, with a stand-in for the journal that keeps its messages, and this test's files.
    cat >"$place/journal.py" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/run/systemd/journal/socket")
s.settimeout(600)
print("listens", flush=True)
said = b""
while b"user-policy" not in said:
    said = s.recv(65536)
    print(said.decode(), flush=True)
END
    : >"$place/ready"
    unshare -m sh -ec '
        mount --make-rprivate /
        mount --bind "$1" /mnt
        mount -t tmpfs -o mode=755 none /run
        mkdir -p "$1" /run/systemd/journal
        mount --move /mnt "$1"
        python3 "$1/journal.py" >"$1/journal" 3>&- &
        until grep -q listens "$1/journal"; do sleep 0.1; done
        exec "$2" "$1/socket" "$1"' sh "$place" "$(realpath "$UNIT")/requests/policy_daemon" >"$place/ready" 2>"$place/log" &
    daemon=$!
    until grep -q ready "$place/ready"; do
        kill -0 "$daemon" || { cat "$place/log"; return 1; }
        sleep 0.05
    done
    mine bypass
    as 4001 policy add "$place/mine.conf"
    [[ $status -eq 0 ]]
    for ((i = 0; i < 1200; i++)); do ! grep -q user-policy "$place/journal" || break; sleep 0.1; done
    cat "$place/journal"
    grep -q '^SYSLOG_IDENTIFIER=btnsd-audit$' "$place/journal"
    # The same lines as in the file.
    diff <(sed -n 's/^MESSAGE=//p' "$place/journal") <(tail -n "$(grep -c '^MESSAGE=' "$place/journal")" "$place/state/audit.jsonl")
    [[ $(grep -c '"event":"rule-file"' "$place/journal") -ge 1 ]]
}

@test "users block rules of others, or all, but no mandatory one; unknown is 3, denied is 4 (O70, O71, O72, O73)" {
    serve
    as 4001 policy block house/habit
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 rest
    decides 4002 10.0.0.2 habit
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"the user has blocked it"* ]]
    as 4001 policy unblock house/habit
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 habit
    as 4001 policy block house/habit
    as 4001 policy block house/law
    [[ $status -eq 4 && $output == *"denied by policy: rule house/law ("*") is mandatory: the law" && $output != *"policy: denied"* ]]
    as 4001 policy block house/lav
    [[ $status -eq 3 && $output == *"unknown: no rule is called house/lav"* ]]
    as 4001 policy block --all
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 ""
    decides 4001 10.0.0.1 law
    decides 4002 10.0.0.2 habit
    mine prefer
    as 4001 policy add "$place/mine.conf"
    decides 4001 10.0.0.2 own
    as 4001 policy unblock --all
    as 4001 policy remove mine
    decides 4001 10.0.0.2 habit
    as 4001 policy unblock house/habit
    [[ $status -eq 3 ]]
    as 4001 policy remove mine
    [[ $status -ne 0 ]]
    as 4001 policy block house/habit --all
    [[ $status -eq 2 ]]
}

# about FIELD...: of the JSON in $output, on standard output (`as` adds what else was printed)
about() { grep -v '^btnsctl: ' <<<"$output" | python3 -c 'import json, sys
v = json.load(sys.stdin)
v = v[0] if isinstance(v, list) else v
print(*[v[k] for k in sys.argv[1:]])' "$@"; }

@test "answers name requestor, request and service; "unknown" and "denied" differ (O65, O66, O72, O83)" {
    serve
    mine protect
    sed -i '2i profile "quick@2" { timeout = 2 }' "$place/mine.conf"
    sed -i 's/action = protect/& profile = quick/' "$place/mine.conf"
    as 4001 policy add --json "$place/mine.conf"
    [[ $status -eq 0 && $(about requestor request service outcome error) == "4001 policy add mine done None" ]]
    as 4001 explain --json /bin/true 10.0.0.2:80
    [[ $(about requestor request service outcome) == "4001 explain quick@2 done" ]]
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"explain of quick@2 for user 4001: done" ]]
    as 4002 explain --json /bin/true 10.0.0.2:80
    [[ $(about requestor request service outcome) == "4002 explain default done" ]]
    mine discard
    as 4001 policy add "$place/mine.conf"
    as 4001 explain --json /bin/true 10.0.0.2:80
    [[ $(about requestor request service outcome error verdict) == "4001 explain None denied EACCES denied" ]]
    as 4001 policy block --json house/law
    [[ $status -eq 4 && $(about requestor request service outcome error) == "4001 policy block house/law denied EPERM" ]]
    as 4001 policy block house/law
    [[ $status -eq 4 && $output == "btnsctl: policy block of house/law for user 4001: denied by policy: "* ]]
    as 4001 policy block --json house/none
    [[ $status -eq 3 && $(about service outcome error) == "house/none unknown ENOENT" ]]
    as 4001 policy remove --json none
    [[ $status -eq 3 && $(about requestor request service outcome error) == "4001 policy remove none unknown ENOENT" ]]
    as 4001 policy remove none
    [[ $status -eq 3 && $output == "btnsctl: policy remove of none for user 4001: service unknown: "* ]]
    as 4002 policy remove --json --user 4001 mine
    [[ $status -eq 4 && $(about requestor service outcome) == "4002 mine denied" ]]
    printf 'nonsense' >"$place/mine.conf"
    as 4001 policy add --json "$place/mine.conf"
    [[ $status -eq 1 && $(about requestor service outcome error) == "4001 mine failed EINVAL" ]]
}

@test "a profile's vendor and description are shown with it (O46, O69, O91)" {
    serve
    mine protect
    sed -i '2i profile "quick" { vendor = "Acme of Ghent" description = "for the impatient" }' "$place/mine.conf"
    sed -i 's/action = protect/& profile = quick/' "$place/mine.conf"
    as 4001 policy add "$place/mine.conf"
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"+ mine/own ("*"      for: for the impatient"*"      by: Acme of Ghent"* ]]
    as 4001 explain --json /bin/true 10.0.0.2:80
    [[ $output == *'"vendor":"Acme of Ghent","description":"for the impatient"'* ]]
    as 4001 policy list
    [[ $output == *"service"*"quick"*"for the impatient (Acme of Ghent)"* ]]
    as 4001 policy list --json
    [[ $(python3 -c 'import json, sys
for i in json.load(sys.stdin): print(i["kind"], i["name"], i["vendor"], i["description"])' <<<"$output") == "policy mine None None
service quick Acme of Ghent for the impatient" ]]
    as 4002 policy list
    [[ $output != *quick* ]]
}

@test "a question about a user counts all of the user's groups, or is refused (O50)" {
    serve
    sed -i 's/  rule "law"/  rule "crowd" { group = 70400 remote = "10.0.0.3" action = discard }\n&/' "$place/policy/10.conf"
    as 0 reload
    in_groups() { # in_groups N: nobody is in so many groups, the last is 70000 + N
        { cat /etc/group; for ((i = 1; i <= $1; i++)); do echo "many$i:x:$((70000 + i)):nobody"; done; } >"$place/groups"
        run unshare -m sh -c 'mount --bind "$1" /etc/group && exec "$2" explain -v --user nobody /bin/true 10.0.0.3:80' sh "$place/groups" "$ctl"
        echo "$1 groups: $status: $output"
    }
    in_groups 399
    [[ $status -eq 0 && $output == *"- house/crowd"* ]]
    in_groups 400
    [[ $status -eq 0 && $output == *"+ house/crowd"* ]]
    in_groups 1500
    [[ $status -eq 1 && $output == *"--user: nobody is in more than 1024 groups: more cannot be asked about" ]]
}

@test "blocks are names: they apply to the rules of the next generation, too (O36, O71)" {
    serve
    as 4001 policy block house/habit
    sed -i 's/^  rule "law"/  rule "new" { remote = "10.9.0.0\/16" action = bypass }\n&/' "$place/policy/10.conf"
    as 0 reload
    [[ $status -eq 0 ]]
    decides 4001 10.9.0.1 new
    decides 4001 10.0.0.2 rest
    sed -i 's/"habit" {/& mandatory = true reason = "now it is"/' "$place/policy/10.conf"
    as 0 reload
    decides 4001 10.0.0.2 habit
}

@test "btnsd stores about a user what the manual page says, in the places that it names; the audit log has no text of a policy (O88)" {
    serve
    local page=$BATS_TEST_DIRNAME/../../btnsd/btnsd.8 file
    mine discard
    sed -i '2i profile "quick" { description = "private-4711" }' "$place/mine.conf"
    sed -i 's/action = discard/action = protect profile = quick/' "$place/mine.conf"
    as 4001 policy add "$place/mine.conf"
    as 4001 policy block house/habit
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $status -eq 0 ]]
    [[ $(grep -rl private-4711 "$place/state") == "$place/state/users/4001/mine.conf" ]]
    # Every file with data about the user, by its name in the page.
    for file in $(cd "$place/state" && grep -rl . . | sed 's/4001/UID/; s,^\./,,; s,^users/UID/.*,users/UID,'); do
        sed -n '/^\.SH PRIVACY/,/^\.SH FILES/p' "$page" | sed 's/\\://g' | grep -q "/btns/$file\( \|$\)" || { echo "$file is not in the page"; return 1; }
    done
    as 4002 policy list --json
    [[ $output != *4001* && $output != *4711* ]]
}

@test "nobody sees or changes another user's policies, except root (O49, O50, O52, O61, O74, O77, O89)" {
    serve
    mine bypass
    as 4001 policy add "$place/mine.conf"
    as 4001 policy block --all
    as 4002 policy list
    [[ $status -eq 0 && $output != *mine* ]]
    as 4002 policy list --user 4001
    [[ $status -eq 4 && $output == *"only root may see other users' policies" ]]
    as 4002 policy remove --user 4001 mine
    [[ $status -eq 4 && $output == *"only root may change another user's policies" ]]
    as 4002 policy unblock --all --user 4001
    [[ $status -eq 4 ]]
    as 4002 policy remove mine
    [[ $status -eq 3 ]]
    as 4002 reload
    [[ $status -ne 0 && $output == *"only root may do this" ]]
    as 4002 explain -v --user 4001 /bin/true 10.0.0.2:80
    [[ $status -eq 4 && $output == *"only root may ask about another user's processes"* ]]
    local command nobodys_key=ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=
    for command in reload 'forget 10.0.0.1' "nolatch $nobodys_key on" "peers add $nobodys_key 10.0.0.1"; do
        # shellcheck disable=SC2086 # words
        as 4002 $command
        [[ $status -eq 4 && $output == 'btnsctl: only root may do this' ]] || { echo "$command: $status: $output"; return 1; }
    done
    decides 4001 10.0.0.2 own
    as 4001 policy list --json
    [[ $(python3 -c 'import json, sys
for i in json.load(sys.stdin): print(i["uid"], i["kind"], i["name"], i["rules"], len(i["sha256"] or ""))' <<<"$output") == "4001 policy mine 1 64
4001 blocks all * None 0" ]]
    [[ $output == *$(sha256sum <"$place/mine.conf" | cut -c 1-64)* ]]
    as 0 policy list
    [[ $output == *4001*mine* ]]
    as 0 policy list --mine
    [[ $output != *mine* ]]
    as 0 policy remove --user 4001 mine
    [[ $status -eq 0 ]]
    as 0 policy unblock --all --user 4001
    decides 4001 10.0.0.2 habit
}

@test "a service's account is a user: rules about it, and its own, say which peers may connect to its programs (O54, O48)" {
    serve
    sed -i 's/^  rule "law"/  rule "daemon" { at = accept port = 8100 user = 4001 action = discard }\n&/' "$place/policy/10.conf"
    as 0 reload
    listening() { # listening UID RULE...: who decides about callers, first one first
        as 0 explain --user "$1" --accept --json /bin/true tcp 0.0.0.0:8100
        [[ $(python3 -c 'import json, sys
print(" ".join(c["rule"] for c in json.load(sys.stdin)[0]["candidates"] if c["outcome"] == "wins"))' <<<"$output") == "$2" ]]
    }
    listening 4001 daemon
    listening 4002 rest
    printf 'format = 1\nprogram "mine" { match = "*"  rule "guests" { at = accept port = 8100 action = prefer } }\n' >"$place/mine.conf"
    chmod 644 "$place/mine.conf"
    as 4002 policy add "$place/mine.conf"
    [[ $status -eq 0 ]]
    listening 4002 guests
    listening 4001 daemon
}

@test "fields that a user may not use are refused with line and reason, and nothing changes (O6, O32)" {
    serve
    mine bypass
    as 4001 policy add "$place/mine.conf"
    try() { printf '%b' "$1" >"$place/bad.conf"; as 4001 policy add "$place/bad.conf"; [[ $status -eq 1 && $output == *"$2"* ]]; }
    try 'format = 1\nprogram "p" {' 'bad:'
    try 'format = 1\nprogram "p" { match = "*"\nrule "r" { action = bypass mandatory = true reason = "me" } }\n' 'bad:3: mandatory is not for users'
    try 'format = 1\npackage "bad" { version = 1 sequence = 1 }\n' "bad:2: package is not for users' policies"
    try 'format = 1\nauthor "bad" { programs = "*" }\n' "bad:2: author is not for users' policies"
    try 'format = 1\n\0' 'bad: holds a NUL octet'
    head -c 70000 /dev/zero >"$place/bad.conf"
    as 4001 policy add "$place/bad.conf"
    [[ $status -eq 1 && $output == *larger* ]]
    as 4001 policy add --name '../../x' "$place/mine.conf"
    [[ $status -eq 1 ]]
    as 4001 policy add --name '.x' "$place/mine.conf"
    [[ $status -eq 1 ]]
    as 4001 policy remove '../4001/mine'
    [[ $status -eq 1 ]]
    decides 4001 10.0.0.2 own
    [[ $(ls -A "$place/state/users/4001") == mine.conf ]]
}
