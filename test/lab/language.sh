# Conditions on processes, addresses and routes: connect() does what the first matching rule says.
. "$BTNS_REPO/test/lab/lib.sh"

patient alice bob
up alice bob
for port in 8000 8005; do serve bob $port "$scratch"; servers+=("$served"); done
on bob python3 "$py/accept_close.py" 8001 8002 8003 8004 8006 & servers+=($!)
eventually 10 port_open bob 8006
device=$(on alice ip -o route get 10.77.0.2 | grep -o 'dev [^ ]*' | cut -d ' ' -f 2)

policy() { put_policy alice "$1"; }
policy 10-test.conf <<CONF
format = 1
point "wan-out" { at = { connect, transmit, receive } interface = "$device" }
profile "brief" { lifetime = 90s }
group "peers" { hosts = { "bob" } users = { nobody } }
program "test" {
  match = { "*" }
  rule "user" { remote = "@peers" port = 8001 user = "@peers" action = { discard, log } }
  rule "other-user" { remote = "@peers" port = 8001 action = bypass }
  rule "group" { remote = "@peers" port = 8002 group = 4242 action = discard }
  rule "no-group" { remote = "@peers" port = 8002 action = bypass }
  rule "cgroup" { remote = "@peers" port = 8003 cgroup = "/btns-*" action = discard }
  rule "no-cgroup" { remote = "@peers" port = 8003 action = bypass }
  rule "other-way" { at = connect remote = "@peers" port = 8004 interface = nowhere0 action = discard }
  rule "way" { at = wan-out remote = "@peers" port = 8004 action = bypass }
  rule "no-way" { remote = "@peers" port = 8004 action = discard }
  rule "new" { at = connect remote = "@peers" port = 8005 peer = new action = discard }
  rule "known" { at = connect remote = "@peers" port = 8005 peer = known action = protect require = { confidentiality, known-peer } }
  rule "from" { at = connect remote = "@peers" port = 8006 local = 10.77.0.1 action = discard }
  rule "from-6" { at = connect remote = "@peers" port = 8006 local = "fd77::1" action = bypass }
  rule "server" { at = accept port = 8100 local = 10.77.0.1 action = protect }
  rule "server-rest" { at = accept port = 8100 action = bypass }
}
CONF
check loads on alice btnsctl reload

# tries ADDRESS PORT RESULT COMMAND...: the result of connect() under btns-run, started by COMMAND
tries() {
    local host=$1 port=$2 want=$3 got
    shift 3
    got=$(on alice "$@" btns-run python3 "$py/errno_of.py" "$host" "$port" 2>"$scratch/err") || true
    cat "$scratch/err"
    echo "$got"
    [[ $got == "$want" ]]
}
as() { setpriv=(setpriv --reuid="$1" --regid="$1" "${@:2}"); }

as 65534 --clear-groups
check user tries 10.77.0.2 8001 EACCES "${setpriv[@]}"
check user-names-rule says '8001: discarded by rule "user" \(.*10-test.conf:7\)' "$scratch/err"
check group-without tries 10.77.0.2 8002 connected "${setpriv[@]}"
as 1 --clear-groups
check other-user tries 10.77.0.2 8001 connected "${setpriv[@]}"
check root tries 10.77.0.2 8001 connected env
as 65534 --groups 7,4242,9
check group tries 10.77.0.2 8002 EACCES "${setpriv[@]}"

# A verdict that was cached as root does not apply to the user that the program becomes, nor the reverse.
check changed-user eval '[[ $(on alice btns-run python3 "$py/changed_user.py" 10.77.0.2 8001) == "connected connected EACCES EACCES connected" ]]'

mkdir "$scratch/cgroup"
if mount -t cgroup2 none "$scratch/cgroup" 2>/dev/null && mkdir -p "$scratch/cgroup/btns-lab/inner"; then
    (echo "$BASHPID" >"$scratch/cgroup/btns-lab/inner/cgroup.procs"; check cgroup tries 10.77.0.2 8003 EACCES env)
    umount "$scratch/cgroup"
else
    echo "no cgroup2 in this kernel" >"$RESULTS.d/cgroup"
    echo "ok cgroup" >>"$RESULTS"
fi
check no-cgroup tries 10.77.0.2 8003 connected env

check way tries 10.77.0.2 8004 connected env
check local-address tries 10.77.0.2 8006 EACCES env
check local-address-6 tries fd77::2 8006 connected env

wire bob start
check new-peer tries 10.77.0.2 8005 EACCES env
check becomes-known eval '[[ $(on alice btns-run curl -sS4 -o /dev/null -w "%{http_code}" http://bob:8000/) == 200 ]]'
check known-peer tries 10.77.0.2 8005 connected env
check known-peer-protected no_clear bob 8005
# The kernel ends the SA after the rule's lifetime; IKE replaces it earlier.
check lifetime-in-kernel eval 'on alice ip -s xfrm state | tee /dev/stderr | grep -E "expire add: soft (6[0-9]|7[0-2])\(sec\), hard 90\(sec\)"'
check lifetime-explained eval 'on alice btnsctl explain python3 tcp 10.77.0.2:8005 | tee /dev/stderr | grep "profile .brief.: .* lifetime 90 s"'
wire bob stop

# ---- a listener on every address, under rules for some of them ----
serve alice 8100 "$scratch"; servers+=("$served")
check local-listener-blocked drops alice on bob curl -sS4 -m 500 http://10.77.0.1:8100/
check local-listener-open eval 'on bob curl -sS6 -m 200 "http://[fd77::1]:8100/"'

# ---- explain agrees ----
explains() { on alice btnsctl explain -v "${@:2}" python3 tcp 10.77.0.2:"$1"; }
check explain-user eval 'explains 8001 --user nobody | tee /dev/stderr | grep -q "+ test/user "'
check explain-other-user eval 'explains 8001 | tee /dev/stderr | grep -A1 -e "- test/user " | grep -q "user 0 is not listed"'
check explain-cgroup eval 'explains 8003 --cgroup /btns-x/y | tee /dev/stderr | grep -q "+ test/cgroup "'
check explain-interface eval 'explains 8004 | tee /dev/stderr | grep -A1 -e "- test/other-way " | grep -q "the interface $device is not listed"'
check explain-known eval 'explains 8005 | tee /dev/stderr | grep -q "+ test/known "'
check explain-new eval 'explains 8005 | grep -A1 -e "- test/new " | grep -q "the peer is known, not new"'
check logged eval 'tail "$BTNS_LAB/alice.log"; says "decided: /.*python3.* \(pid [0-9]+, user 65534\) connect 10.77.0.2:8001: discard, by rule .user. \(.*10-test.conf:7\)" "$BTNS_LAB/alice.log"'

# ---- a conflict is refused with both places; the old rules stay in force ----
printf 'format = 1\nprogram "x" { match = { "/usr/bin/*" }\n  rule "mine" { port = 8001 action = protect } }\n' | policy 10-zother.conf
check conflict-refused eval '! on alice btnsctl reload 2>"$scratch/err"; cat "$scratch/err"; says "10-zother.conf:3: rule \"mine\" \(protect\) conflicts with \"user\" \(discard\) at .*10-test.conf:7" "$scratch/err"'
as 65534 --clear-groups
check conflict-old-rules tries 10.77.0.2 8001 EACCES "${setpriv[@]}"
on alice rm /etc/btns/policy.d/10-zother.conf /etc/btns/policy.d/10-test.conf
cleanup_servers "${servers[@]}"
