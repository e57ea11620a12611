# The shim in programs that have shut themselves in: another root, user namespaces, system call filters, no descriptors. Against a mock of btnsd.

bats_require_minimum_version 1.5.0
load helpers

@test "a program that changes its root directory asks over the connection that it had before" {
    mock verdict=clear
    run -0 --separate-stderr away_from_loopback env LD_PRELOAD="$shim" "$programs/habits" changes-root 192.0.2.1 9
    is ECONNREFUSED "$output"
    is '' "$stderr"
    is 1 "$(asked CONNECT)"
    is 1 "$(asked CHANNEL)"
}

@test "so do its children, as other users, when they connect and when they listen" {
    [ "$(id -u)" = 0 ] || skip "needs root to be another user"
    mock verdict=clear
    # shellcheck disable=SC2016 # for the shell below
    run -0 --separate-stderr unshare -n bash -c 'ip link set lo up && ip addr add 192.0.2.1/32 dev lo && exec "$@"' _ \
        env LD_PRELOAD="$shim" "$programs/habits" changes-root-in-a-child 192.0.2.1 9
    is $'ECONNREFUSED\nok ok' "$output"
    is '' "$stderr"
    is 1 "$(asked CONNECT)"
    is 1 "$(asked LISTEN)"
    is 2 "$(asked CHANNEL)"
}

@test "a program that enters a user namespace without root asks over the connection that it had before" {
    mock verdict=clear
    run -0 --separate-stderr away_from_loopback env LD_PRELOAD="$shim" "$programs/habits" changes-user-namespace 192.0.2.1 9
    is ECONNREFUSED "$output"
    is 1 "$(asked CONNECT)"
}

@test "where root has no number in a program's user namespace it is told that" {
    [ "$(id -u)" = 0 ] || skip "needs root to be another user"
    local dir
    dir=$(mktemp -d)
    chmod 755 "$dir"
    cp "$shim" "$programs/visitor" "$dir" # user nobody may have no access to the tree
    BTNS_SOCKET_PATH=$dir/s
    mock verdict=clear
    # shellcheck disable=SC2016 # for the shell below
    run -0 --separate-stderr unshare -n bash -c 'ip link set lo up && ip addr add 192.0.2.1/32 dev lo && exec "$@"' _ \
        setpriv --reuid=65534 --regid=65534 --clear-groups unshare --map-user=1000 env LD_PRELOAD="$dir/${shim##*/}" "$dir/visitor" 192.0.2.1 9
    unmock
    rm -r "$dir"
    [[ $stderr == *'root, as whom btnsd runs, has no number in the program'\''s user namespace'* ]]
    [[ $stderr == *'start btns-run outside of that namespace'* ]]
    is 0 "$(asked CONNECT)"
}

@test "a program that may make no AF_UNIX socket is told that" {
    mock verdict=clear
    # shellcheck disable=SC2016 # for the shell below
    run -0 --separate-stderr away_from_loopback "$programs/without-unix" env LD_PRELOAD="$shim" "$programs/visitor" 192.0.2.1 9
    [[ $stderr == *'the program may make no AF_UNIX socket to ask btnsd with'*'Address family not supported by protocol'* ]]
    [[ $stderr == *'RestrictAddressFamilies='* ]]
}

@test "a program that changed its root directory and closed all is told that, not to start btnsd" {
    mock verdict=clear
    run -0 --separate-stderr away_from_loopback env LD_PRELOAD="$shim" "$programs/habits" changes-root-and-closes 192.0.2.1 9
    is ENETDOWN "$output"
    [[ $stderr == *"the program has changed its root directory, btnsd's socket is not in it"*'restart the program'*'mount --bind'* ]]
    [[ $stderr != *'systemctl start'* ]]
}

# of_manual CALL: the system calls that the manual page lists for it.
of_manual() {
    sed -n '/^\.SS "System calls"/,/^\.SH/p' "$BATS_TEST_DIRNAME/../../shim/btns-shim.7" |
        awk -v call="$1" '/^\.BR? /{ found = index($0, call) } !/^\./ && found' | grep -oE '[a-z_0-9]+' | sort -u
}

@test "accept() makes the system calls that the manual page lists, and no other" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected ring=0 # so each connection is told of
    printf '%s\n' '#!/bin/sh' "exec env LD_PRELOAD=$shim strace -o $PWD/trace $programs/greeter \"\$@\"" >traced
    chmod +x traced
    : >"$GREETED"
    ./traced 127.0.0.1 3 >"$GREETED" 3>&- </dev/null &
    echo $! >>pids
    soon grep -q ^port "$GREETED"
    port=$(sed -n 's/^port //p' "$GREETED")
    "$programs/visitor" 127.0.0.1 "$port" count=3
    soon grep -q '^+++ exited' trace
    sed -n '/^accept/,$p' trace | sed '/^exit_group/,$d' | cut -d'(' -f1 | sort -u | grep -vxE 'accept|write|close|newfstatat' >made
    [ -s made ]
    is '' "$(comm -23 made <(of_manual accept))"
}

@test "a filter that kills lets a server serve, if it allows what the manual page lists" {
    mock verdict=protected
    run -0 habit is-sandboxed
    is $'ok\nok' "$output"
    rm "$BTNS_SOCKET_PATH.pid" # the mock has ended
}

@test "a program without a descriptor left connects with the sockets that it has" {
    mock verdict=denied error=113
    run -0 --separate-stderr away_from_loopback env LD_PRELOAD="$shim" "$programs/habits" has-none-left 192.0.2.1 9
    is EHOSTUNREACH "$output"
    is 1 "$(asked CONNECT)"
    mock verdict=clear
    run -0 --separate-stderr away_from_loopback env LD_PRELOAD="$shim" "$programs/habits" has-none-left 192.0.2.1 9
    is ECONNREFUSED "$output" # the error of the other end
    is '' "$stderr"
}

# Sends 60 descriptors that nobody reads, until its standard input ends.
on_their_way='import array, socket, sys
kept = []
for i in range(60):
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    pair[0].sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))])
    kept.append(pair)
print("sent", flush=True)
sys.stdin.read()'

# asks_when_read TYPE COMMAND...: the command sends its first question, of this type, only when these descriptors have
# been read
asks_when_read() {
    local type=$1 program holder
    shift
    : >"$LOG"
    rm -f go
    mkfifo go
    python3 -c "$on_their_way" <go >sent &
    holder=$!
    exec 7>go
    soon grep -q sent sent
    # shellcheck disable=SC2016 # for the shell below
    away_from_loopback bash -c 'ulimit -n 50; exec "$@"' _ "$@" >told 2>&1 7>&- &
    program=$!
    soon eval 'pgrep -P "$(<"$BTNS_SOCKET_PATH.pid")" >/dev/null' # it has a connection, and sends the question now
    is 0 "$(asked "$type")"
    exec 7>&-
    wait "$program" || true
    wait "$holder"
    is 1 "$(asked "$type")"
}

@test "a program that may open fewer files than its user has on their way in messages asks when they have been read" {
    mock verdict=clear
    asks_when_read CONNECT env LD_PRELOAD="$shim" "$programs/habits" has-none-left 192.0.2.1 9
    is ECONNREFUSED "$(<told)"
}

@test "so does one that changed its root directory, and the supervisor of a static program" {
    mock verdict=clear
    asks_when_read CHANNEL env LD_PRELOAD="$shim" "$programs/habits" changes-root 192.0.2.1 9
    is ECONNREFUSED "$(<told)"
    unmock
    mock verdict=clear
    asks_when_read CONNECT "$build/btns-run" "$programs/visitor-static" 192.0.2.1 9
    is ECONNREFUSED "$(<told)"
}

@test "so does a program of libbtns" {
    mock verdict=clear
    asks_when_read '[?]' /usr/bin/python3 -c 'import ctypes, socket, sys
s = socket.socket()
ctypes.CDLL(sys.argv[1]).ipsec_who(s.fileno(), ctypes.create_string_buffer(64), 64)' "$build/libbtns.so"
}
