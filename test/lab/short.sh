# Rules on one line: the five that administrators want first, each by itself, and the packets on the wire.
. "$BTNS_REPO/test/lab/lib.sh"

patient alice bob
up alice bob
ports=(8001 8002 8003 8004)
on bob python3 "$py/accept_close.py" "${ports[@]}" & servers=$!
on mallory python3 "$py/accept_close.py" 8004 23 & servers="$servers $!"
eventually 10 port_open bob 8004
eventually 10 port_open mallory 23
bob_key=$(key bob)

# policy LINE...: puts these rules into force, and no others
policy() { printf '%s\n' 'format = 1' "$@" | set_policy alice; }
# to ADDRESS PORT COMMAND...: prints connect()'s result under btns-run
to() { on alice "${@:3}" btns-run python3 "$py/errno_of.py" "$1" "$2" 2>"$scratch/err"; }
# goes ADDRESS PORT RESULT COMMAND...: connect() has this result; the first contact may take more than one attempt
connects() { [[ $(to "$1" "$2" "${@:4}" | tee /dev/stderr) == "$3" ]]; }
# protected PORT COMMAND...: it connects to bob, and bob's link carries it in ESP alone
protected() {
    wire bob start
    eventually 60 connects 10.77.0.2 "$1" connected "${@:2}" || { wire bob stop; return 1; }
    some_esp bob && no_clear bob "$1"
    local status=$?
    wire bob stop
    return $status
}
# clear PORT COMMAND...: it connects to bob, in the clear
clear() {
    wire bob start
    connects 10.77.0.2 "$1" connected "${@:2}"
    local status=$?
    (($(clear_tcp bob "$1") > 0)) || status=1
    wire bob stop
    return $status
}
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

policy 'protect to 10.77.0.2 port 8001' 'bypass all'
check one-host protected 8001
check one-host-alone clear 8002

policy 'protect user nobody' 'bypass all'
check one-user protected 8002 "${nobody[@]}"
check other-user clear 8004

policy "peer bob { key = \"$bob_key\" address = 10.77.0.2 }" 'protect with bob port 8003' 'bypass all'
check one-peer protected 8003
policy "peer bob { key = \"ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=\" address = 10.77.0.2 }" \
    'protect with bob port 8001 profile short' 'profile "short" { timeout = 5 }' 'bypass all'
check other-key eval '! connects 10.77.0.2 8001 connected; cat "$scratch/err"; [[ $(to 10.77.0.2 8001) != connected ]]'

policy 'prefer all'
check prefers-protected protected 8004
check prefers-clear connects 10.77.0.66 8004 connected

policy 'deny always out port telnet because "passwords in the clear"' 'bypass all'
check denied connects 10.77.0.66 23 EACCES
check denied-says-why says 'passwords in the clear|line-2|deny' "$scratch/err"
# The kernel enforces the rule for programs that btns-run did not start.
check denied-outside eval '[[ $(on alice timeout 3 python3 "$py/errno_of.py" 10.77.0.66 23) != connected ]]'
check others-go connects 10.77.0.66 8004 connected

printf '%s\n' 'format = 1' 'prefer all' 'deny port telnet' | put_policy alice
check contradiction eval '! on alice btnsctl reload 2>"$scratch/err"; cat "$scratch/err"; says "10-test.conf:3: this rule contradicts line 2" "$scratch/err"'
check contradiction-changes-nothing connects 10.77.0.66 23 EACCES

cleanup_servers $servers
