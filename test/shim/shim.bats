# The shim, against a mock of btnsd on this host: no lab, no privilege that matters.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    export BTNS_SOCKET_PATH=$BATS_TEST_TMPDIR/s LOG=$BATS_TEST_TMPDIR/log GREETED=$BATS_TEST_TMPDIR/greeted
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    local pid
    unmock
    [ ! -e pids ] || while read -r pid; do stop "$pid"; done <pids
}

# until_ring: between two connections, a command that returns when btnsd looks into the program's memory.
until_ring='until grep -q ^RING "$LOG"; do sleep 0.02; done'

# --- the library

@test "the shim needs nothing but libc" {
    is '[libc.so.6]' "$(readelf -d "$shim" | sed -n 's/.*(NEEDED).*\(\[.*\]\)/\1/p')"
}

@test "the shim exports the calls of its table, and nothing else" {
    local source=$BATS_TEST_DIRNAME/../../shim table
    table=$(sed -n 's/^WORK([a-z_]*, \([A-Za-z0-9_]*\),.*/\1/p' "$source/calls.def" | sort)
    [ "$(wc -l <<<"$table")" -ge 18 ]
    is "$table" "$(nm -D --defined-only "$shim" | cut -d' ' -f3 | sort)"
    is "$table" "$(sed -n 's/^ *\([A-Za-z0-9_]*\);$/\1/p' "$source/exports.map" | sort)"
}

@test "what this glibc exports is in the table, or left out for a reason" {
    local source=$BATS_TEST_DIRNAME/../../shim/calls.def libc exported named
    libc=$(ldd "$programs/calls" | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')
    exported=$(nm -D --with-symbol-versions "$libc" | sed -n '/GLIBC_PRIVATE/d; s/.* \([^@ ]*\)@.*/\1/p' | sort -u |
        grep -E 'connect|accept|listen|send|sock|shutdown|splice|rcmd|rexec|rresv|syscall|close|^(__)?dup[23]?$|adddup|^bind(resvport)?$|^(__)?(prctl|vfork|clone|unshare|setns|chroot)$')
    named=$(sed -nE 's/^(WORK\([a-z_]*, |LEFT_OUT\()([A-Za-z0-9_]*),.*/\2/p' "$source" | sort)
    [ "$(wc -l <<<"$exported")" -gt 50 ]
    is "$exported" "$named"
    is '' "$(grep '^LEFT_OUT' "$source" | grep -vE '"[a-zA-Z].{4,}"\)$')"
}

@test "every call of the table is made by the program that compares calls" {
    local name
    for name in $(nm -D --defined-only "$shim" | cut -d' ' -f3); do
        grep -q "[^a-z0-9_]$name(" "$BATS_TEST_DIRNAME/../programs/calls.c" || { echo "$name is not"; return 1; }
    done
}

@test "the manual page names every call of the table" {
    local name
    for name in $(nm -D --defined-only "$shim" | cut -d' ' -f3 | grep -v '^_'); do
        grep -qw "$name" "$BATS_TEST_DIRNAME/../../shim/btns-shim.7" || { echo "$name is not"; return 1; }
    done
}

# --- no harm

same_as_native() {
    "$programs/calls" >native </dev/null
    with_shim "$programs/calls" >shimmed 2>said
    diff native shimmed
    [ "$(wc -l <native)" -gt 100 ]
}

@test "every call returns and sets errno as without the shim: clear" {
    mock verdict=clear
    same_as_native
    [ "$(asked CONNECT)" -gt 5 ]
    ! grep "^LISTEN local=[^ ]*:0 " "$LOG"
}

@test "every call returns and sets errno as without the shim: protected" {
    mock verdict=protected
    same_as_native
    [ "$(asked CONNECTING)" -gt 2 ]
}

@test "every call returns and sets errno as without the shim: unprotected" {
    mock verdict=unprotected cache=0
    same_as_native
    grep -q '^btns: calls: .*: unprotected: the mock says so$' said
}

@test "every call returns and sets errno as without the shim: btnsd away, --prefer" {
    BTNS_MODE=prefer same_as_native
    grep -q '^btns: calls: 0.0.0.0:.*: unprotected: btnsd is not running' said
}

@test "pointers that cannot be read, or end where a page does: every call ends as without the shim" {
    "$programs/pointers" >native </dev/null
    grep -qx done native
    grep -c EFAULT native
    for verdict in clear protected; do
        mock verdict=$verdict
        with_shim "$programs/pointers" >shimmed 2>said
        diff native shimmed
    done
}

@test "an address that is longer than any is asked about too: the kernel sends to it" {
    mock verdict=denied error=126
    with_shim "$programs/pointers" long >out 2>said
    is 3 "$(grep -c '= -1 ENOKEY$' out)"
    grep -qx '0 came' out
    is 3 "$(asked CONNECT)"
}

@test "a program has no new descriptor but one high one, that its children do not get" {
    mock verdict=protected
    serve
    run -0 habit counts
    is $'ok\nok\n1 more' "$(head -n 3 <<<"$output")"
    is '960 close-on-exec' "${lines[4]}"
    [ ${#lines[@]} = 5 ]
}

@test "a program that closes all descriptors connects again" {
    mock verdict=protected ring=0
    serve
    run -0 habit closes-all
    is $'ok\nok\nok\n1 open' "$output"
    mock verdict=protected # memory that is shared with btnsd needs no descriptor, until btnsd sees that its own is gone
    run -0 habit closes-all
    [[ $output == $'ok\nok\nok\n'[01]' open' ]]
}

@test "a program that puts its own descriptor on the link's number keeps it" {
    mock verdict=protected
    serve
    run -0 habit dups-over-all
    is $'ok\nthere is a link\nok\nok\nit got EAGAIN\nstill its own' "$output"
}

@test "forked children and their parent go on, without new questions" {
    mock verdict=protected
    serve
    run -0 habit forks
    is $'ok\nok\nok\nok\nok' "$output"
    is 1 "$(asked CONNECT)"
    soon asked_is CONNECTING 4
    is 4 "$(grep -o 'pid=[0-9]*' "$LOG" | sort -u | wc -l)"
}

@test "a vfork and an exec leave the parent's link as it was" {
    mock verdict=protected
    serve
    run -0 habit vforks
    is ok "${lines[0]}"
    is ok "${lines[1]}"
    is ok "${lines[-1]}"
    is 2 "$(asked CONNECT)"
}

@test "a vfork child that closes all and connects does not confuse the parent" {
    mock verdict=protected
    serve
    run -0 habit connects-in-vfork
    is $'ok\nok\nok' "$output"
}

@test "nothing of the shim is left open over an exec" {
    mock verdict=protected
    serve
    with_shim "$programs/habits" counts "$server_host" "$port" >/dev/null # there would be something
    run -0 habit execs
    is ok "${lines[0]}"
    ! grep -qE '^9[0-9][0-9]' <<<"$output"
}

@test "descriptors 0, 1 and 2 stay free when the program closed them" {
    mock verdict=protected
    serve
    run -0 habit closes-standard
    is '0 0 1 2' "$output"
}

@test "a program with a small limit of descriptors gets by" {
    mock verdict=protected
    serve
    run -0 habit has-few
    is $'ok\nok' "$(head -n 2 <<<"$output")"
}

@test "a program that clears its environment is still known" {
    mock verdict=protected
    serve
    BTNS_POLICY=1f2e run -0 habit clears-environment
    is ok "$output"
    grep -q '^CONNECT .* policy=0x1f2e ' "$LOG"
}

@test "100 threads connect together, and nothing is left open" {
    mock verdict=protected delay=30
    serve
    run -0 with_shim "$programs/threads" parallel "$server_host" "$port" 100
    is 'ok 200 left 1' "$output"
    soon asked_is CONNECTING "$((200 - $(asked CONNECT)))"
}

@test "cancelled threads leave nothing open" {
    mock verdict=protected delay=2000 cache=0
    serve
    run -0 with_shim "$programs/threads" cancel "$server_host" "$port" 5
    is 'cancelled 5 left 1' "$output"
    is 5 "$(asked CONNECT)"
}

@test "signals with SA_RESTART: no connect is interrupted" {
    mock verdict=protected delay=15 cache=0
    serve
    run -0 with_shim "$programs/signals" restart "$server_host" "$port" 30
    is 'connected 30 changed 0 interrupted no handled yes' "$output"
    is 30 "$(asked CONNECT)"
}

@test "signals without SA_RESTART: every connection comes about, by the kernel's own ways" {
    mock verdict=protected delay=15 cache=0
    serve
    run -0 with_shim "$programs/signals" interrupt "$server_host" "$port" 30
    [[ $output == 'connected 30 changed 0 interrupted '*' handled yes' ]]
    grep -q '^CONNECT .* flags=0x1 ' "$LOG"
}

@test "an interrupted connect gives EINTR and goes on, as without the shim" {
    mock verdict=protected delay=200000 cache=0
    "$programs/signals" once 127.0.0.1 0 1 >native
    local before=$SECONDS
    with_shim "$programs/signals" once 127.0.0.1 0 1 >shimmed
    [ $((SECONDS - before)) -lt 150 ]
    is EINTR "$(head -n 1 native)"
    diff native shimmed
}

@test "a program that jumps out of connect leaves one descriptor behind, not one each time" {
    mock verdict=protected break=silent
    serve
    run -0 with_shim "$programs/signals" jump "$server_host" "$port" 20
    is 'jumped 20 left 2' "$output"
}

@test "a connect before any constructor has run, libc's included" {
    mock verdict=protected
    serve
    run -0 with_shim "$programs/early" "$server_host" "$port"
    is $'ok\nok' "$output"
    is 1 "$(asked CONNECT)" # the second; the first has no environment yet that says where the mock is
}

@test "a library's constructor connects before the shim's has run" {
    mock verdict=protected
    serve
    gcc -D_GNU_SOURCE -I"$BATS_TEST_DIRNAME/../.." -shared -fPIC -o early.so "$BATS_TEST_DIRNAME/early_library.c"
    EARLY_HOST=$server_host EARLY_PORT=$port LD_PRELOAD=$shim:./early.so run -0 "$programs/visitor" "$server_host" "$port"
    is $'ok\nok' "$output"
    grep -q CONNECT "$LOG"
}

# --- connecting

@test "a connection is asked about, with the socket itself" {
    mock verdict=protected
    serve
    run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=127.0.0.1:$port flags=0x8 protocol=6 policy=0 socket=same " "$LOG"
}

# What it sends is taken down octet by octet; the answer it waits for never comes.
@test "what the shim tells of a program is its connection: no argument, environment or data of it (O63)" {
    [ "$(id -u)" = 0 ] || skip "btnsd is root's"
    serve
    python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
s.listen()
print("listens", flush=True)
with open(sys.argv[2], "wb") as log:
    while True:
        c = s.accept()[0]
        said = c.recv(65536) # nothing: the link, before there is something to tell
        log.write(said and said + b"\n--end--\n")
        log.flush()
        c.close()' "$BTNS_SOCKET_PATH" "$LOG" >"$BATS_TEST_TMPDIR/ready" 3>&- &
    echo $! >>"$BATS_TEST_TMPDIR/pids"
    soon grep -q listens "$BATS_TEST_TMPDIR/ready"
    run env PRIVATE=environment-4711 LD_PRELOAD="$shim" timeout 600 python3 -c '
import os, socket, sys
os.chdir("/proc")
s = socket.socket()
s.connect((sys.argv[1], int(sys.argv[2])))
s.send(b"data-4711")' "$server_host" "$port" argument-4711
    [ "$status" -eq 0 ] # to loopback it goes on
    soon grep -aq -e --end-- "$LOG"
    if grep -aE '4711|python|/proc|PRIVATE' "$LOG"; then return 1; fi
    # One struct btns_flow: head, flags, protocol, descriptor, cookie, policy and two addresses.
    is $((8 + 4 + 2 + 2 + 8 + 8 + 24 + 24 + 9)) "$(stat -c %s "$LOG")"
}

@test "IPv6 as IPv4, and a mapped address is its IPv4 one" {
    mock verdict=protected
    serve ::1
    run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=::1:$port " "$LOG"
    serve
    server_host=::ffff:127.0.0.1 run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=127.0.0.1:$port " "$LOG"
}

@test "any address, as a destination, is loopback" {
    mock verdict=protected
    serve
    server_host=0.0.0.0 run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=127.0.0.1:$port " "$LOG"
    serve ::1
    server_host=:: run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=::1:$port " "$LOG"
}

@test "the second connection to a destination makes no request" {
    mock verdict=protected
    serve
    run -0 visit count=5
    is $'ok\nok\nok\nok\nok' "$output"
    is 1 "$(asked CONNECT)"
    soon asked_is CONNECTING 4
    grep -q "^CONNECTING local=-:0 remote=127.0.0.1:$port flags=0 protocol=6 " "$LOG"
}

@test "btnsd is told of a warm connection without a system call" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected
    serve
    with_shim strace -o trace -e trace=sendmsg "$programs/visitor" "$server_host" "$port" count=20 between="$until_ring" >said
    is 20 "$(grep -c '^ok$' said)"
    settled
    is 19 "$(asked CONNECTING)"
    is 2 "$(grep -c 'sendmsg(' trace)" # a question, and the memory
}

@test "btnsd that does not look into the memory is sent messages, and no message is lost when it is full" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected ring=0
    serve
    run -0 visit count=5
    settled
    is 4 "$(asked CONNECTING)"
    mock verdict=protected ring=2
    with_shim strace -o trace -e trace=sendmsg "$programs/visitor" "$server_host" "$port" count=400 between="$until_ring" >said
    settled
    is 399 "$(asked CONNECTING)"
    is 61 "$(grep -c 'sendmsg(' trace)" # a question, the memory, and what 340 slots do not hold
}

@test "a child has none of the memory that its parent shares with btnsd, however it was forked" {
    mock verdict=protected
    serve
    run -0 habit forks-by-number
    is $'ok\nok\nok\nok' "$output"
    settled
    is 3 "$(asked CONNECTING)"
    is 2 "$(grep -o 'pid=[0-9]*' "$LOG" | sort -u | wc -l)"
}

@test "a known clear destination needs no message at all" {
    mock verdict=clear
    serve
    run -0 visit count=5
    settled
    is 1 "$(wc -l <"$LOG")"
}

@test "a verdict that may not be kept is asked for each time" {
    mock verdict=protected cache=0
    serve
    run -0 visit count=3
    settled
    is 3 "$(asked CONNECT)"
    is 0 "$(asked CONNECTING)"
}

@test "a cached verdict is for the network namespace in which it was given" {
    unshare -n true 2>/dev/null || skip "needs root"
    mock verdict=protected
    serve
    run -0 habit leaves-its-network
    is $'ok\nok\nENETUNREACH\nits old socket: ok' "$output"
    settled
    is 2 "$(asked CONNECT)"
    is 2 "$(asked CONNECTING)"
}

@test "a process that is made in another network namespace asks" {
    unshare -n true 2>/dev/null || skip "needs root"
    mock verdict=protected
    serve
    run -0 habit clones-into-another-network
    is $'ok\nok\nENETUNREACH' "$output"
    settled
    is 2 "$(asked CONNECT)"
    is 1 "$(asked CONNECTING)"
}

@test "a socket with an address of its own is asked about, however it was bound and whatever its number was" {
    mock verdict=protected
    serve
    run -0 habit binds-oddly
    is 19 "$(grep -c '^ok$' <<<"$output")"
    settled
    is $((1 + 9)) "$(asked CONNECT)"
    is 9 "$(asked CONNECTING)"
}

@test "a warm connection costs one system call, and what is none of btnsd's business costs none" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected
    serve
    with_shim strace -o trace "$programs/visitor" "$server_host" "$port" count=20 between="$until_ring" >said
    counted() { sed -n '/connect.*AF_INET/,$p' trace | sed '/^exit_group/,$d; /^brk/d' | cut -d'(' -f1 | sort | uniq -c; } # libc's first brk() is earlier with the shim
    counted >shimmed
    strace -o trace "$programs/visitor" "$server_host" "$port" count=20 between="$until_ring" >said
    counted >native
    is 19 "$(($(awk '{ n += $1 } END { print n }' shimmed) - $(awk '{ n += $1 } END { print n }' native)))"
    printf '%s\n' 'import socket, os' 'u, n, p = socket.socket(socket.AF_UNIX), "u%d" % os.getpid(), os.pipe()' \
        'u.bind(n); u.listen()' 'os.getppid()' 'for i in range(20):' '    a = socket.socket(socket.AF_UNIX); a.connect(n)' \
        '    b = u.accept()[0]; a.send(b"x"); b.recv(1); a.close(); b.close()' '    os.write(p[1], b"x"); os.read(p[0], 1)' \
        '    f = os.open("f", os.O_CREAT | os.O_RDWR); d = os.dup(f); os.close(f); os.close(d)' 'os.getppid()' >local.py
    with_shim strace -o trace /usr/bin/python3 local.py
    sed -n '/^getppid/,/^getppid/p' trace | cut -d'(' -f1 >shimmed
    strace -o trace /usr/bin/python3 local.py
    sed -n '/^getppid/,/^getppid/p' trace | cut -d'(' -f1 >native
    diff native shimmed
    [ "$(wc -l <native)" -gt 200 ]
}

@test "no page, no cached verdict" {
    mock verdict=protected page=0
    serve
    run -0 visit count=3
    is 3 "$(asked CONNECT)"
}

@test "when the epoch has moved it asks again, once" {
    mock verdict=protected
    serve
    run -0 visit count=2 between="kill -USR1 $(<"$BTNS_SOCKET_PATH.pid"); until grep -q EPOCH $LOG; do sleep 0.02; done"
    settled
    is 2 "$(asked CONNECT)"
    is 0 "$(asked CONNECTING)"
    : >"$LOG"
    run -0 visit count=3
    is 1 "$(asked CONNECT)"
}

@test "a restarted btnsd is asked anew: protected" {
    mock verdict=protected
    serve
    run -0 --separate-stderr visit count=2 between="$(restart verdict=denied error=13)"
    is $'ok\nEACCES' "$output"
}

@test "a restarted btnsd is asked anew: clear, though its epoch is the same" {
    mock verdict=clear
    serve
    run -0 --separate-stderr visit count=2 between="$(restart verdict=denied error=13)"
    is $'ok\nEACCES' "$output"
}

@test "when btnsd has gone nothing goes by what it said" {
    mock verdict=clear
    serve
    run -0 --separate-stderr visit count=2 between="$(restart break=close)"
    is 1 "$(asked CONNECT)" # of the new one, which leaves no answer; loopback goes on
}

@test "a socket with an address or a route of its own does not use a cached verdict" {
    mock verdict=protected
    serve
    run -0 visit count=3 bind=1
    is 3 "$(asked CONNECT)"
    grep -q '^CONNECT local=127.0.0.1:[1-9][0-9]* ' "$LOG"
    : >"$LOG"
    run -0 visit count=3 mark=1
    is 3 "$(asked CONNECT)"
}

@test "a non-blocking connect says so, and is in progress" {
    mock verdict=protected delay=200000
    serve
    run -0 visit nonblock=1
    is $'EINPROGRESS\npoll 1\nSO_ERROR 0' "$output"
    grep -q '^CONNECT .* flags=0x9 ' "$LOG"
    is 0 "$(asked WHY)"
}

@test "SO_SNDTIMEO bounds the wait for a verdict too" {
    mock verdict=protected delay=200000
    serve
    local before=$SECONDS
    run -0 visit timeout=300
    # Connected in the background, before the program could look, or not yet.
    [[ $output == ok || $output == EINPROGRESS ]]
    [ $((SECONDS - before)) -lt 150 ]
    is 2 "$(asked CONNECT)"
    grep -q '^CONNECT .* flags=0x9 ' "$LOG"
}

@test "MSG_FASTOPEN is a connect" {
    mock verdict=denied error=13
    serve
    run -0 --separate-stderr visit fastopen=1
    is EACCES "$output"
    mock verdict=protected
    run -0 visit fastopen=1 count=2
    is $'ok\nok' "$output"
    is 1 "$(asked CONNECT)"
}

@test "MPTCP is asked about as what it is, and never goes by a cached verdict" {
    mock verdict=protected
    serve
    run visit protocol=262 count=2
    [ "$status" = 0 ] || skip "no MPTCP here"
    is 2 "$(grep -c '^CONNECT .* protocol=262 ' "$LOG")"
    run -0 visit count=4 protocol=6 later=262
    is 1 "$(grep -c '^CONNECT .* protocol=6 ' "$LOG")"
    is 5 "$(grep -c '^CONNECT .* protocol=262 ' "$LOG")"
    run -0 visit count=2 protocol=262 later=6
    is 2 "$(grep -c '^CONNECT .* protocol=6 ' "$LOG")"
}

@test "denied: the verdict's errno, and one line that says who, where and why" {
    mock verdict=denied error=113 text='no key of bob'
    serve
    run -0 --separate-stderr visit count=3
    is $'EHOSTUNREACH\nEHOSTUNREACH\nEHOSTUNREACH' "$output"
    is "btns: visitor: 127.0.0.1:$port: no key of bob" "$stderr"
    is 3 "$(asked CONNECT)"
    is 1 "$(wc -l <"$GREETED")" # its port, and nobody
}

@test "unprotected: goes on, and says so once" {
    mock verdict=unprotected text='bob has no btnsd' cache=0
    serve
    run -0 --separate-stderr visit count=3
    is $'ok\nok\nok' "$output"
    is "btns: visitor: 127.0.0.1:$port: unprotected: bob has no btnsd" "$stderr"
}

@test "where this host may send a protected connection elsewhere, a process says so once, for all destinations" {
    mock verdict=protected translates=1 text='if a rule sends it elsewhere, it is stopped'
    serve
    run -0 --separate-stderr visit count=3
    is "btns: visitor: 127.0.0.1:$port: protected: if a rule sends it elsewhere, it is stopped" "$stderr"
    is 3 "$(asked CONNECT)"
}

@test "BTNS_VERBOSE says each verdict" {
    mock verdict=protected text=bob
    serve
    BTNS_VERBOSE=1 run -0 --separate-stderr visit
    is "btns: visitor: 127.0.0.1:$port: protected: bob" "$stderr"
}

@test "btns-run's choices reach btnsd" {
    mock
    serve
    BTNS_MODE=require BTNS_POLICY=abcdef0123456789 run -0 visit
    grep -q '^CONNECT .* flags=0xa .* policy=0xabcdef0123456789 ' "$LOG"
    BTNS_MODE=prefer run -0 visit
    grep -q '^CONNECT .* flags=0xc .* policy=0 ' "$LOG"
}

failed_late() {
    mock verdict=protected cache=0 fail=300 text='no answer from bob'
    visit full=1 nonblock=1 look="$1"
}

@test "a non-blocking connection that btnsd fails later: SO_ERROR, and the reason" {
    run -0 failed_late error
    is $'EINPROGRESS\npoll 1' "$(head -n 2 <<<"$output")"
    [[ ${lines[2]} == 'btns: visitor: 127.0.0.1:'*': no answer from bob' ]]
    is 'SO_ERROR ECONNRESET' "${lines[3]}"
    is 0 "$(asked WHY)" # btnsd tells by itself
}

@test "a non-blocking connection that btnsd fails later: a second connect" {
    run -0 --separate-stderr failed_late connect
    is $'EINPROGRESS\npoll 1\nEACCES' "$output"
    [[ $stderr == 'btns: visitor: 127.0.0.1:'*': no answer from bob' ]]
    is 3 "$(asked CONNECT)" # two that fill the queue, and this one, once
}

@test "a non-blocking connection that btnsd fails later: close" {
    run -0 --separate-stderr failed_late close
    is $'EINPROGRESS\npoll 1' "$output"
    [[ $stderr == 'btns: visitor: 127.0.0.1:'*': no answer from bob' ]]
}

# --- listening and accepting

@test "a listener is asked about, with its port, before it listens" {
    mock verdict=denied error=13
    run -1 --separate-stderr with_shim "$programs/greeter" 127.0.0.1 1
    [[ ${stderr_lines[0]} == 'btns: greeter: 127.0.0.1:'*': the mock says so' ]]
    [[ ${stderr_lines[1]} == *'listen: Permission denied' ]]
    grep -q '^LISTEN local=127.0.0.1:[1-9][0-9]* remote=-:0 .* socket=same ' "$LOG"
}

shimmed_server_told() {
    LD_PRELOAD=$shim serve 127.0.0.1 2 "$1"
    "$programs/visitor" 127.0.0.1 "$port" count=2
    soon asked_is ACCEPTED "$2"
}

@test "accepted connections are told of, with both ends" {
    mock verdict=protected
    shimmed_server_told '' 2
    local from
    from=$(sed -n 's/^accepted //p' "$GREETED" | head -n 1)
    grep -q "^ACCEPTED local=127.0.0.1:$port remote=127.0.0.1:$from .* protocol=6 " "$LOG"
    is 1 "$(asked LISTEN)"
}

@test "a number that has got another listener is not taken for the one before: dup2(), close() and socket(), a passed one" {
    mock verdict=protected
    cat >swap.py <<'END'
import array, os, socket
def listener():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    return s, s.getsockname()
def visit(s, to, n=3):
    for i in range(n):
        c = socket.create_connection(to)
        a, _ = s.accept()
        a.close()
        c.close()
    print(to[1])
first, to = listener()
visit(first, to)
other, to = listener()
os.dup2(other.fileno(), first.fileno())
visit(first, to)
number = first.fileno()
passed, there = listener()
ours, theirs = socket.socketpair()
ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [passed.fileno()]))])
os.close(number)
data = theirs.recvmsg(1, socket.CMSG_SPACE(4))[1][0][2]
assert array.array("i", data)[0] == number
visit(first, there)
first.detach()
os.close(number)
first = socket.socket()
first.bind(("127.0.0.1", 0))
first.listen()
visit(first, first.getsockname())
END
    run -0 with_shim /usr/bin/python3 swap.py
    settled
    is 4 "${#lines[@]}"
    for port in "${lines[@]}"; do is 3 "$(grep -c "^ACCEPTED local=127.0.0.1:$port " "$LOG")"; done
}

@test "a warm accept() costs one system call" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected
    printf '%s\n' 'import socket, os' 's = socket.socket()' 's.bind(("127.0.0.1", 0))' 's.listen(64)' \
        'def all(n):' '    c = [socket.create_connection(s.getsockname()) for i in range(n)]' '    os.getppid()' \
        '    for i in range(n): s.accept()[0].close()' '    os.getppid()' 'all(20)' 'all(20)' >many.py
    with_shim strace -o trace /usr/bin/python3 many.py
    # of the second round, what is not there without the shim
    awk '/^getppid/ { n++ } n == 3' trace | cut -d'(' -f1 | sort | uniq -c >shimmed
    strace -o trace /usr/bin/python3 many.py
    awk '/^getppid/ { n++ } n == 3' trace | cut -d'(' -f1 | sort | uniq -c >native
    is 20 "$(($(awk '{ n += $1 } END { print n }' shimmed) - $(awk '{ n += $1 } END { print n }' native)))"
}

@test "a forked child tells of what it accepts on its parent's listener" {
    mock verdict=protected
    shimmed_server_told fork 2
}

@test "another program asks about an inherited listener, once, and tells of what it accepts" {
    mock verdict=protected
    shimmed_server_told exec 2
    is 2 "$(asked LISTEN)"
    is 0 "$(asked MAYACCEPT)"
}

# older VERDICT: a server that inherits its listener with two connections in it, which are older than its asking; a third
# comes later. What each of them read is in got.
older() {
    mock verdict=protected older="$1"
    printf '%s\n' 'import os, socket, sys' \
        's = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(8); s.set_inheritable(True); r, w = os.pipe()' \
        'def read(c):' '    try: return c.recv(9).decode().strip() or "end"' '    except OSError as e: return "reset"' \
        'if os.fork() == 0:' '    before = [socket.create_connection(s.getsockname()) for _ in range(2)]' \
        '    os.write(w, b"x"); got = [read(c) for c in before]' \
        '    got.append(read(socket.create_connection(s.getsockname())))' '    open("got", "w").write(" ".join(got) + "\n"); os._exit(0)' \
        'os.read(r, 1); os.environ["LD_PRELOAD"] = sys.argv[1]' \
        'os.execv(sys.argv[2], ["greeter", "inherited", "0", str(s.fileno())])' >inherit.py
    python3 inherit.py "$shim" "$programs/greeter" >"$GREETED" 2>said </dev/null 3>&- &
    echo $! >>pids
    soon test -s got
}

@test "an inherited listener: a connection older than its floor is closed if the rule does not allow it" {
    older denied
    is 'end end hello' "$(<got)" # the third is younger: the kernel has let it in
    is 1 "$(grep -c ^accepted "$GREETED")"
    grep -q '^btns: greeter: 127.0.0.1:.*: the mock says so$' said
    is 2 "$(asked MAYACCEPT)"
    is 1 "$(asked LISTEN)"
}

@test "an inherited listener: a connection older than its floor is accepted if the rule allows it" {
    older protected
    is 'hello hello hello' "$(<got)"
    is 2 "$(asked MAYACCEPT)"
}

# inherits VERDICT [COOKIE]: a program that inherits, as from inetd, a connection with data in it on descriptor 0
inherits() {
    mock verdict=protected older="$1"
    cat >inherit.py <<'END'
import os, socket, sys
l = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(l.getsockname()); s, _ = l.accept()
c.sendall(b"a secret\n"); c.shutdown(socket.SHUT_WR)
cookie = int.from_bytes(s.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)
if os.fork() == 0:
    os.dup2(s.fileno(), 0)
    os.environ.update(LD_PRELOAD=sys.argv[1], BTNS_SOCKETS="0:%x" % (cookie + int(sys.argv[2])))
    os.execvp("cat", ["cat"])
os.wait()
END
    run -0 --separate-stderr python3 inherit.py "$shim" "${2:-0}" 3>&-
    settled
}

@test "an inherited connection: what came before the program asked is not read if the rule does not allow it" {
    inherits denied
    is '' "$output"
    [[ $stderr == *'btns: cat: 127.0.0.1:'*': the mock says so'* ]]
    is 1 "$(asked MAYACCEPT)"
    is 0 "$(asked ACCEPTED)"
}

@test "an inherited connection is the program's if the rule allows it, and btnsd is told" {
    inherits protected
    is 'a secret' "$output"
    is 1 "$(asked MAYACCEPT)"
    is 1 "$(asked ACCEPTED)"
}

@test "an inherited connection: another socket on its number is not taken for it" {
    inherits denied 1
    is 'a secret' "$output"
    is 0 "$(asked MAYACCEPT)"
}

@test "an inherited listener is asked about before the program runs" {
    mock verdict=protected
    run -0 python3 -c 'import os, socket, sys
s = socket.create_server(("127.0.0.1", 0)); s.set_inheritable(True)
cookie = int.from_bytes(s.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)
os.environ.update(LD_PRELOAD=sys.argv[1], BTNS_SOCKETS="%d:%x" % (s.fileno(), cookie))
os.execvp("true", ["true"])' "$shim" 3>&-
    is 1 "$(asked LISTEN)"
}

# inherits_datagrams VERDICT [PEER]: one datagram came before the program runs; it prints what it hears, and whether it may send
inherits_datagrams() {
    mock verdict="$1" error=126
    cat >send.py <<'END'
import socket, sys
socket.socket(fileno=int(sys.argv[1])).sendto(b"after", ("127.0.0.1", int(sys.argv[2])))
END
    cat >hear.py <<'END'
import os, socket, subprocess, sys
s = socket.socket(fileno=int(sys.argv[1]))
os.environ.pop("LD_PRELOAD")
subprocess.run(["python3", "send.py", sys.argv[2], str(s.getsockname()[1])], pass_fds=[int(sys.argv[2])])
s.setblocking(False)
try:
    while True: print(s.recv(9).decode())
except BlockingIOError: pass
try: s.send(b""); print("sent")
except OSError as e: print(e.errno)
END
    cat >inherit.py <<'END'
import os, socket, sys
s, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in "ab")
for u in s, other: u.bind(("127.0.0.1", 0))
if len(sys.argv) > 2: s.connect(other.getsockname())
other.sendto(b"before", s.getsockname())
for u in s, other: u.set_inheritable(True)
cookie = int.from_bytes(s.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)
os.environ.update(LD_PRELOAD=sys.argv[1], BTNS_SOCKETS="%d:%x" % (s.fileno(), cookie))
os.execvp("python3", ["python3", "hear.py", str(s.fileno()), str(other.fileno())])
END
    run -0 --separate-stderr python3 inherit.py "$shim" ${2:+"$2"} 3>&-
}

@test "an inherited datagram socket is asked about before the program runs, which hears nothing that came before" {
    inherits_datagrams clear
    is $'before\nafter\n89' "$output" # EDESTADDRREQ
    is 1 "$(asked LISTEN)"
    inherits_datagrams protected
    is $'after\n89' "$output"
    inherits_datagrams denied
    is 89 "$output"
    [[ $stderr == *'btns: python3: 127.0.0.1:'*': the mock says so'* ]]
}

@test "an inherited datagram socket that is connected keeps its peer only if the rule allows it" {
    inherits_datagrams protected peer
    is $'before\nafter\nsent' "$output"
    grep -q '^CONNECT .*protocol=17' "$LOG"
    inherits_datagrams denied peer
    is 89 "$output"
}

@test "connections to a clear listener are nobody's business" {
    mock verdict=clear
    shimmed_server_told '' 0
    settled
    is 0 "$(asked ACCEPTED)"
}

@test "accept does not fail, and does not wait, when btnsd has gone" {
    mock verdict=protected
    LD_PRELOAD=$shim serve 127.0.0.1 2
    unmock
    run -0 "$programs/visitor" 127.0.0.1 "$port" count=2
    is $'ok\nok' "$output"
    soon eval '[ "$(grep -c "^accepted [0-9]*$" "$GREETED")" = 2 ]' # and errno is as it was
}

@test "a local socket, and a raw one, are none of btnsd's business" {
    mock
    with_shim python3 -c '
import socket
a = socket.socket(socket.AF_UNIX); a.bind("u"); a.listen()
b = socket.socket(socket.AF_UNIX); b.connect("u"); a.accept()
c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); c.bind("d"); c.sendto(b"", "d")
try: socket.socket(socket.AF_INET, socket.SOCK_RAW, 99).sendto(b"", ("127.0.0.1", 0))
except PermissionError: pass'
    is 0 "$(wc -l <"$LOG")"
}

@test "datagrams: btnsd is asked at connect(), before the first to an address, and at a bind() to a port" {
    mock verdict=clear
    with_shim python3 -c '
import socket
def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp().connect(("127.0.0.1", 9))
udp().sendto(b"", ("127.0.0.1", 9))
udp().sendmsg([b""], [], 0, ("127.0.0.1", 9))
udp().bind(("127.0.0.1", 0))
s = udp()
s.bind(("127.0.0.1", 5999))
import subprocess
subprocess.run(["bash", "-c", "echo heard >/dev/udp/127.0.0.1/5999"], env={})
assert s.recv(100) == b"heard\n"'
    is 3 "$(asked CONNECT)"
    is 1 "$(asked LISTEN)"
}

@test "datagrams: who is refused gets btnsd's errno, sends nothing, and hears nothing" {
    mock verdict=denied error=126
    run -0 with_shim python3 -c '
import socket, errno
def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def tried(call, *args):
    try: print(call.__name__, call(*args))
    except OSError as e: print(call.__name__, errno.errorcode[e.errno])
tried(udp().connect, ("127.0.0.1", 9))
tried(udp().sendto, b"x", ("127.0.0.1", 9))
tried(udp().sendmsg, [b"x"], [], 0, ("127.0.0.1", 9))
s = udp()
tried(s.bind, ("127.0.0.1", 5998))
import subprocess
subprocess.run(["bash", "-c", "echo heard >/dev/udp/127.0.0.1/5998"], env={}) # without the shim
s.setblocking(False)
tried(s.recv, 100)
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
raw = struct.pack("=HH4s8x", 0, socket.htons(9), bytes([127, 0, 0, 1]))
last = udp()
print("unspecified", libc.sendto(last.fileno(), b"x", 1, 0, raw, len(raw)), errno.errorcode[ctypes.get_errno()])
'
    is 'connect ENOKEY
sendto ENOKEY
sendmsg ENOKEY
bind ENOKEY
recv EAGAIN
unspecified -1 ENOKEY' "$(grep -v '^btns: ' <<<"$output")"
}

# Calls of libc with datagrams for python: many(fd, flags, addresses), and the address of a port.
datagrams='
import socket, ctypes, struct, errno, mmap
libc = ctypes.CDLL(None, use_errno=True)
kept = []
def udp(family=socket.AF_INET):
    kept.append(socket.socket(family, socket.SOCK_DGRAM))
    return kept[-1]
def to(port, family=socket.AF_INET): return struct.pack("=HH4s8x", family, socket.htons(port), bytes([127, 0, 0, 1]))
def messages(addresses):
    keep = [ctypes.create_string_buffer(a, max(len(a), 1)) for a in addresses]
    return keep, b"".join(struct.pack("@PI4xPNPNi4xI4x", ctypes.addressof(k), len(a), 0, 0, 0, 0, 0, 0) for k, a in zip(keep, addresses))
def many(fd, flags, *addresses):
    keep, raw = messages(addresses)
    sent = libc.sendmmsg(fd, raw, len(addresses), flags)
    print(sent, errno.errorcode[ctypes.get_errno()] if sent < 0 else "")
'

@test "datagrams: each message of sendmmsg() is asked about, whatever the one before it names" {
    mock verdict=clear
    with_shim python3 -c "$datagrams"'
many(udp().fileno(), 0, to(9), to(10), to(11))
connected = udp(socket.AF_INET6)
connected.connect(("::ffff:127.0.0.1", 9))
many(connected.fileno(), 0, struct.pack("=H14x", socket.AF_UNSPEC), to(10), to(11))
many(connected.fileno(), 0, b"", to(12))
many(udp().fileno(), socket.MSG_FASTOPEN, to(9), to(10))
many(udp().fileno(), socket.MSG_FASTOPEN, to(9, socket.AF_UNSPEC))'
    is 10 "$(asked CONNECT)"
}

@test "datagrams: sendmmsg() reads no more messages than the kernel" {
    mock verdict=clear
    run -0 with_shim python3 -c "$datagrams"'
keep, raw = messages([to(9)] * 1024)
room = 1 << 18
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
area = libc.mmap(None, room, 3, 0x22, -1, 0)
libc.mprotect(ctypes.c_void_p(area + room // 2), room // 2, 0)
start = area + room // 2 - len(raw)
ctypes.memmove(start, raw, len(raw))
print(libc.sendmmsg(udp().fileno(), ctypes.c_void_p(start), 1 << 20, 0))'
    is 1024 "$output"
}

@test "datagrams: a verdict is kept until the socket has another address of its own" {
    mock verdict=clear
    with_shim python3 -c "$datagrams"'
s = udp()
def twice(): s.sendto(b"", ("127.0.0.1", 9)); s.sendto(b"", ("127.0.0.1", 9))
twice()
s.connect(("127.0.0.1", 10))
twice()
raw = to(0, socket.AF_UNSPEC)
assert libc.connect(s.fileno(), raw, len(raw)) == 0
twice()
assert libc.connect(s.fileno(), raw, len(raw)) == 0
s.bind(("127.0.0.2", 0))
twice()'
    is 5 "$(asked CONNECT)"
}

@test "datagrams: a verdict is not kept when the address changes by another number, or in another process" {
    mock verdict=clear
    with_shim python3 -c "$datagrams"'
import os
def send(s): s.sendto(b"", ("127.0.0.1", 9))
s = udp()
send(s); send(s)
other = s.dup()
other.connect(("127.0.0.1", 10))                 # asked about, too
send(s); send(s)'
    is 3 "$(asked CONNECT)"
    : >"$LOG"
    with_shim python3 -c "$datagrams"'
import os
s = udp()
def send(): s.sendto(b"", ("127.0.0.1", 9))
send()
if not os.fork():
    s.connect(("127.0.0.1", 10))
    os._exit(0)
os.wait()
send(); send()'
    settled
    is 3 "$(asked CONNECT)"
    : >"$LOG"
    python3 -c "$datagrams"'
import os, subprocess, sys
s = udp()
s.set_inheritable(True)
os.execvpe("python3", ["python3", "-c", """
import os, socket, sys
s = socket.socket(fileno=int(sys.argv[1]))
def send(): s.sendto(b"", ("127.0.0.1", 9))
send(); send(); send()
s.connect(("127.0.0.1", 10))
send(); send()
""", str(s.fileno())], dict(os.environ, LD_PRELOAD=sys.argv[1]))' "$shim"
    is $((2 + 1 + 1)) "$(asked CONNECT)" # the first one gave it a port
}

@test "datagrams: --require without a supervisor lets no question to a name server go unasked" {
    mock verdict=clear
    BTNS_MODE=require with_shim python3 -c "$datagrams"'
udp().sendto(b"", ("127.0.0.1", 53))'
    (($(sed -n 's/^CONNECT .*remote=127.0.0.1:53 flags=\(0x[0-9a-f]*\) .*/\1/p' "$LOG") & 2)) # BTNS_F_REQUIRE
    unmock
    away_from_loopback env BTNS_MODE=require LD_PRELOAD="$shim" python3 -c "$datagrams"'
for call in (lambda s: s.sendto(b"", ("192.0.2.1", 53))), (lambda s: s.connect(("192.0.2.1", 53))):
    try: call(udp()); print("went")
    except OSError as e: print(errno.errorcode[e.errno])' >out 2>said
    is $'ENETDOWN\nENETDOWN' "$(<out)"
}

@test "datagrams: bind() with an address without a family is asked about, as it binds" {
    mock verdict=clear
    with_shim python3 -c "$datagrams"'
raw = struct.pack("=HH4s8x", socket.AF_UNSPEC, socket.htons(5997), bytes(4))
assert libc.bind(udp().fileno(), raw, len(raw)) == 0'
    is 1 "$(asked LISTEN)"
}

@test "datagrams: bind() leaves a program of eBPF where it is" {
    mock verdict=clear
    run -0 with_shim python3 -c "$datagrams"'
insns = struct.pack("=BBhi", 0xb7, 0, 0, 0) + struct.pack("=BBhi", 0x95, 0, 0, 0) # return 0: drops all
code = ctypes.create_string_buffer(insns)
name = ctypes.create_string_buffer(b"GPL")
attr = struct.pack("=IIQQIIQII", 1, 2, ctypes.addressof(code), ctypes.addressof(name), 0, 0, 0, 0, 0)
program = libc.syscall(321, 5, attr, len(attr))
if program < 0:
    print("no eBPF here")
    raise SystemExit
s = udp()
s.setsockopt(socket.SOL_SOCKET, 50, program)
s.bind(("127.0.0.1", 5996))
udp().sendto(b"x", ("127.0.0.1", 5996))
s.setblocking(False)
try: print("heard", s.recv(100))
except BlockingIOError: print("dropped")'
    [ "$output" != "no eBPF here" ] || skip "eBPF is not allowed here"
    is dropped "$output"
}

# --- btnsd away, or not itself

refused_away() {
    run -0 --separate-stderr away_from_loopback env LD_PRELOAD="$shim" "$@" "$programs/visitor" 192.0.2.1 9
    is ENETDOWN "$output"
    is 1 "${#stderr_lines[@]}"
}

@test "btnsd away: fails closed, and says what to do" {
    refused_away
    is "btns: visitor: 192.0.2.1:9: btnsd is not running ($BTNS_SOCKET_PATH: No such file or directory): refused; start it (systemctl start btnsd), or run without btns-run" "$stderr"
}

@test "btnsd away: --require fails closed" {
    refused_away BTNS_MODE=require
}

@test "btnsd away: a mode nobody knows fails closed" {
    refused_away BTNS_MODE=perhaps
}

@test "btnsd away: loopback goes on, without a word" {
    serve
    run -0 visit count=2
    is $'ok\nok' "$output"
}

@test "btnsd away: --prefer goes on in the clear, and says so once" {
    BTNS_MODE=prefer run -0 --separate-stderr away_from_loopback env LD_PRELOAD="$shim" \
        "$programs/visitor" 192.0.2.1 9 count=2
    is $'ECONNREFUSED\nECONNREFUSED' "$output"
    is "btns: visitor: 192.0.2.1:9: unprotected: btnsd is not running ($BTNS_SOCKET_PATH: No such file or directory)" "$stderr"
}

@test "btnsd away: a listener on loopback goes on, others fail closed" {
    run -1 --separate-stderr with_shim "$programs/greeter" 0.0.0.0 1
    [[ ${stderr_lines[0]} == 'btns: greeter: 0.0.0.0:'*': btnsd is not running '* ]]
    [[ ${stderr_lines[1]} == *'listen: Network is down' ]]
    LD_PRELOAD=$shim serve 127.0.0.1 1
    run -0 "$programs/visitor" 127.0.0.1 "$port"
    is ok "$output"
}

refused_broken() {
    mock verdict=clear "$@"
    refused_away
}

@test "an answer that is too short is none" {
    refused_broken break=short
    [[ $stderr == *'an answer that makes no sense'* ]]
}

@test "an answer that is too long is none" {
    refused_broken break=long
    [[ $stderr == *'an answer that makes no sense'* ]]
}

@test "an answer of another version is none (O2)" {
    refused_broken break=version
    [[ $stderr == *'an answer that makes no sense'* ]]
}

@test "an answer of another type is none" {
    refused_broken break=type
    [[ $stderr == *'an answer that makes no sense'* ]]
}

@test "an answer to another question is none" {
    refused_broken break=id
    [[ $stderr == *'an answer that makes no sense'* ]]
}

@test "an answer about another socket is none" {
    refused_broken break=cookie
    [[ $stderr == *'an answer that makes no sense'* ]]
}

@test "a verdict nobody knows is none" {
    refused_broken break=verdict
    [[ $stderr == *'an answer that makes no sense'* ]]
}

@test "no answer at all is none" {
    refused_broken break=close
    [[ $stderr == *'btnsd went away without an answer'* ]]
}

@test "descriptors that came unasked are closed" {
    mock verdict=protected break=descriptors
    serve
    run -0 habit counts
    is '1 more' "${lines[2]}"
}

@test "btnsd that is not root's is none (O60)" {
    [ "$(id -u)" = 0 ] || skip "needs root to be another user"
    local dir
    dir=$(mktemp -d)
    chmod 777 "$dir"
    cp "$programs/mock" "$dir"
    BTNS_SOCKET_PATH=$dir/s
    setpriv --reuid=65534 --clear-groups "$dir/mock" "$dir/s" "$dir/log"
    chmod 777 "$dir/s"
    refused_away
    unmock
    rm -r "$dir"
    [[ $stderr == *"the process that answers on btnsd's socket is not root"* ]]
}

@test "TCP_FASTOPEN_CONNECT is refused, as the first packet would leave long after the verdict" {
    mock verdict=protected
    serve
    run -0 habit opens-late
    is $'ENOPROTOOPT\nok\nok' "$output"
    BTNS_MODE=bypass run -0 habit opens-late
    is $'ok\nok\nok' "$output"
}

@test "keys of TCP-AO, which the kernel tells to whoever has the socket, are not for the program (O87)" {
    mock verdict=protected
    # A mock of libc below the shim, as of a kernel that tells them.
    gcc -x c -shared -fPIC -o tells.so - <<<'int getsockopt(int fd, int level, int name, void *value, unsigned *len) { return 0; }'
    cat >asks.py <<'END'
import ctypes, errno, socket
libc, s = ctypes.CDLL(None, use_errno=True), socket.socket()
for option in 41, 40:
    print(errno.errorcode[ctypes.get_errno()] if libc.getsockopt(s.fileno(), 6, option, None, None) else "told")
END
    LD_PRELOAD=$shim:$PWD/tells.so run -0 python3 asks.py
    is $'ENOPROTOOPT\ntold' "$output"
}

# unsigns: a program that sets a key of TCP-MD5, and removes it; and one of TCP-AO, by libc and by the system call's number.
unsigns() {
    cat >unsigns.py <<'END'
import ctypes, errno, socket, struct
libc, s = ctypes.CDLL(None, use_errno=True), socket.socket()
peer = struct.pack("H2x4s", socket.AF_INET, socket.inet_aton("192.0.2.1")).ljust(128, b"\0")
def md5(secret): return peer + struct.pack("BBHI80s", 0, 0, len(secret), 0, secret)
def say(fd, option, value):
    for call in libc.setsockopt, lambda *a: libc.syscall(54, *a):
        print("ok" if call(fd, 6, option, value, len(value)) == 0 else errno.errorcode[ctypes.get_errno()], end=" ")
say(s.fileno(), 14, md5(b"secret"))
say(s.fileno(), 14, md5(b""))
say(s.fileno(), 32, md5(b""))
say(s.fileno(), 14, b"")
say(-1, 39, b"")
say(-1, 38, b"")
END
}
kept='ok ok ENOPROTOOPT ENOPROTOOPT ENOPROTOOPT ENOPROTOOPT EINVAL EINVAL ENOPROTOOPT ENOPROTOOPT EBADF EBADF '

@test "a program cannot remove a key of TCP-MD5 or TCP-AO from its socket (O87)" {
    [[ $(uname -m) == x86_64 ]] || skip "the number of setsockopt is x86_64's"
    mock verdict=protected
    unsigns
    run -0 with_shim python3 unsigns.py
    is "$kept" "$output"
    # Supervised, what btns-run starts has no shim.
    run -0 "${shim%/*}/btns-run" --supervise env -u LD_PRELOAD python3 unsigns.py
    is "$kept" "$output"
    run -0 python3 unsigns.py
    is 'ok ok ok ENOENT ENOENT ENOENT EINVAL EINVAL EBADF EBADF EBADF EBADF ' "$output"
}

@test "a listener whose port is chosen late has one before it is asked about" {
    mock verdict=protected
    run -0 with_shim "$programs/habits" listens-late 127.0.0.1 0
    is $'ok\na port\nstill late' "$output"
    is 4 "$(grep -c '^LISTEN local=[^ ]*:[1-9][0-9]* ' "$LOG")"
}

@test "rcmd() and rexec() ask before libc connects, and btnsd hears of the connection" {
    mock verdict=denied error=113
    run -0 --separate-stderr habit runs-remotely
    is $'EHOSTUNREACH\nEHOSTUNREACH' "$output"
    is 2 "$(asked CONNECT)"
    mock verdict=protected
    python3 -c '
import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print("port", s.getsockname()[1], flush=True)
kept = []
while True:
    kept.append(s.accept()[0]); kept[-1].send(b"\0")' >"$GREETED" 3>&- </dev/null &
    echo $! >>pids
    soon grep -q ^port "$GREETED"
    port=$(sed -n 's/^port //p' "$GREETED")
    run -0 --separate-stderr habit runs-remotely
    is $'ok\nok' "$output"
    settled
    is 1 "$(asked CONNECT)" # the other is warm
    is 3 "$(asked CONNECTING)" # and of each of the two connections btnsd is told
}

@test "syscall() is covered where its calls are" {
    mock verdict=protected
    serve
    run -0 habit calls-by-number
    is $'connect ok\nsendto ok\nsendmsg ok\nlisten ok\naccept ok\naccept4 ok' "$output"
    settled
    is 3 "$(($(asked CONNECT) + $(asked CONNECTING)))"
    is 1 "$(asked LISTEN)"
    is 2 "$(asked ACCEPTED)"
}

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
    BTNS_SOCKET_PATH=$dir/s
    mock verdict=clear
    # shellcheck disable=SC2016 # for the shell below
    run -0 --separate-stderr unshare -n bash -c 'ip link set lo up && ip addr add 192.0.2.1/32 dev lo && exec "$@"' _ \
        setpriv --reuid=65534 --regid=65534 --clear-groups unshare --map-user=1000 env LD_PRELOAD="$shim" "$programs/visitor" 192.0.2.1 9
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
    mock verdict=protected
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
    rm "$BTNS_SOCKET_PATH.pid" # it has ended
}

@test "a program without a descriptor left connects with the sockets that it has" {
    mock verdict=denied error=113
    run -0 --separate-stderr away_from_loopback env LD_PRELOAD="$shim" "$programs/habits" has-none-left 192.0.2.1 9
    is EHOSTUNREACH "$output"
    is 1 "$(asked CONNECT)"
    mock verdict=clear
    run -0 --separate-stderr away_from_loopback env LD_PRELOAD="$shim" "$programs/habits" has-none-left 192.0.2.1 9
    is ECONNREFUSED "$output" # the other end's
    is '' "$stderr"
}

# --- standard error

@test "lines go to standard error as it was at the start, and to no other file" {
    mock verdict=denied error=13
    serve
    habit replaces-stderr >out 2>said
    is $'EACCES\n0 octets' "$(<out)"
    is '' "$(<said)"
    habit clears-environment >out 2>said
    grep -q '^btns: habits: ' said
}

@test "lines never go into a pipe that the program made" {
    mock verdict=denied error=13
    serve
    run -0 habit pipes-where-stderr-was
    is 'EACCES, 1 and 2, HEADTAIL' "$output"
}

@test "lines never go to a socket, and a broken pipe kills nobody" {
    mock verdict=denied error=13
    serve
    run -0 --separate-stderr habit has-socket-as-stderr
    is $'EACCES\nit got EAGAIN' "$output"
    run -0 --separate-stderr habit breaks-stderr
    is EACCES "$output"
}

@test "the journal's socket is named by systemd, and gets lines" {
    mock verdict=denied error=13
    serve
    local with_socket="
import os, socket, subprocess, sys
a, b = socket.socketpair()
s = os.fstat(b.fileno())
env = dict(os.environ, LD_PRELOAD='$shim', JOURNAL_STREAM='%d:%d' % (s.st_dev, s.st_ino + int(sys.argv[1])))
subprocess.run(['$programs/visitor', '$server_host', '$port'], stderr=b, env=env)
a.setblocking(False)
try: print(a.recv(1000).decode(), end='')
except BlockingIOError: print('nothing')"
    run -0 python3 -c "$with_socket" 0
    is "btns: visitor: 127.0.0.1:$port: the mock says so" "${lines[1]}"
    run -0 python3 -c "$with_socket" 1
    is nothing "${lines[1]}"
}

@test "a line that the limit kept back is said later, and how many were kept back" {
    mock verdict=denied error=13
    with_shim python3 -c '
import socket, time
for round in range(3):
    for port in range(1, 21):
        socket.socket().connect_ex(("127.0.0.1", port))
    time.sleep(1.1)' 2>said
    is 20 "$(grep -c 'the mock says so' said)"
    is "$(grep -c 'the mock says so' said)" "$(grep 'the mock says so' said | sort -u | wc -l)"
    grep -qE '^btns: python3[^:]*: [0-9]+ more lines were left out$' said
}

@test "a scan does not fill the terminal, and how many lines were left out is said at the end" {
    mock verdict=denied error=13
    with_shim python3 -c '
import socket
for port in range(1, 200):
    socket.socket().connect_ex(("127.0.0.1", port))' 2>said
    [ "$(grep -c 'the mock says so' said)" -ge 10 ] && [ "$(wc -l <said)" -le 60 ]
    local left
    left=$(sed -n 's/.*: \([0-9]*\) more lines\{0,1\} w.*/\1/p' said | paste -sd+ | bc)
    is 199 "$((left + $(grep -c 'the mock says so' said)))"
}

# --- real programs

web_server() {
    mkdir -p site
    head -c 300000 /dev/urandom >site/page
    LD_PRELOAD=$1 python3 -u -c '
import http.server, functools
h = functools.partial(http.server.SimpleHTTPRequestHandler, directory="site")
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), h)
print("port", s.server_port, flush=True)
s.serve_forever()' >"$GREETED" 2>/dev/null 3>&- </dev/null &
    echo $! >>pids
    soon grep -q ^port "$GREETED"
    port=$(sed -n 's/^port //p' "$GREETED")
}

@test "curl from python's http.server, both under the shim" {
    mock verdict=protected
    web_server "$shim"
    with_shim curl -sS --parallel -o got1 "http://127.0.0.1:$port/page" -o got2 "http://127.0.0.1:$port/page"
    cmp site/page got1
    cmp site/page got2
    grep -q "^CONNECT .* remote=127.0.0.1:$port flags=0x9 " "$LOG"
    soon grep -q "^ACCEPTED local=127.0.0.1:$port " "$LOG"
}

@test "wget with a time limit, which it takes by jumping" {
    mock verdict=protected break=silent
    serve
    local before=$SECONDS
    run with_shim wget -q -T 1 -t 2 -O got "http://127.0.0.1:$port/"
    [ "$status" -ne 0 ]
    [ $((SECONDS - before)) -lt 50 ]
    is 2 "$(asked CONNECT)"
}

@test "python asyncio, 50 connections at once" {
    mock verdict=protected
    serve
    run -0 with_shim python3 -c "
import asyncio
async def one():
    r, w = await asyncio.open_connection('127.0.0.1', $port)
    line = await r.readline(); w.close(); return line
async def main():
    got = await asyncio.gather(*[one() for _ in range(50)])
    print(sum(x == b'hello\n' for x in got))
asyncio.run(main())"
    is 50 "$output"
}

@test "python asyncio sees a refusal as an error, with its errno" {
    mock verdict=denied error=113
    serve
    run -0 --separate-stderr with_shim python3 -c "
import asyncio
async def main():
    try: await asyncio.open_connection('127.0.0.1', $port)
    except OSError as e: print(e.errno)
asyncio.run(main())"
    is 113 "$output"
}

@test "valgrind finds no fault" {
    command -v valgrind >/dev/null || skip "no valgrind"
    mock verdict=protected
    serve
    LD_PRELOAD=$shim run -0 valgrind -q --error-exitcode=99 "$programs/visitor" "$server_host" "$port" count=3
    is $'ok\nok\nok' "$output"
}
