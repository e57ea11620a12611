#!/usr/bin/env bats
# libbtns: its functions one by one, and what it exports, includes and documents.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    build=${BTNS_BUILD:-build}
}

# program NAME [COMMAND...]: it prints TAP without a fault, under COMMAND if there is one.
program() {
    run timeout 300 "${@:2}" "$build/programs/$1"
    echo "$output" | grep -v '^ok'
    [[ $status -eq 0 && ${lines[-1]} =~ ^1\.\.[1-9] ]]
}

functions() { sed '/^ *[/*]/d' libapi/btns/ipsec.h | grep -oE '\bipsec_[a-z_]+\(' | tr -d '(' | sort -u; }

@test "each function: what it promises, its errnos, no memory at every place, 16 threads, no descriptor kept (A1, A4 to A15)" {
    program ipsec-calls
}

@test "the function's errno is that of btnsd, of the system or of a process's limit; watches; each refused call has its own reason (A1, A9, A12)" {
    program ipsec-errnos
}

@test "messages, of TCP and of UDP: what they promise, their errnos, no memory at every place, fork beside a thread (A10, A14)" {
    program ipsec-messages
}

@test "the same with the shim, whose calls precede the library's (A10, A14)" {
    program ipsec-messages env LD_PRELOAD="$(realpath "$build/libbtns-shim.so")"
}

@test "under the shim a refused call has its reason: by the system's name, by ipsec_connect(), and in the thread that made it (A1)" {
    BTNS_SOCKET_PATH=/nonexistent LD_LIBRARY_PATH=$build PYTHONPATH=libapi/python LD_PRELOAD=$(realpath "$build/libbtns-shim.so") \
        run --separate-stderr python3 -c '
import btns, errno, socket, threading
def refused(call):
    try:
        call(socket.socket())
    except OSError as e:
        assert e.errno == errno.ENETDOWN
        print(btns.reason())
refused(lambda s: btns.connect(s, ("192.0.2.1", 9)))
refused(lambda s: s.connect(("192.0.2.1", 9)))
threading.Thread(target=lambda: print(btns.reason() or "none")).start()'
    [[ ${lines[0]} == *': refused; '* && ${lines[1]} == "${lines[0]}" && ${lines[2]} == none && ${#lines[@]} == 3 ]]
}

@test "TLS: every kind of certificate, both versions, resumption, which peer is bound to the channel, no memory at every place (A3, A15)" {
    program ipsec-tls
}

@test "TLS: the extension by which both ends tell which channel they see (A15)" {
    program ipsec-tls-offer
}

@test "a libbtns of a later version works with today's btnsd (A1)" {
    gcc -std=gnu11 -D_GNU_SOURCE -I. -fPIC -fvisibility=hidden -DBTNS_API_VERSION=2u -shared -Wl,-soname,libbtns.so.1 \
        -Wl,--version-script=libapi/library/exports.map -o "$BATS_TEST_TMPDIR/libbtns.so.1" \
        libapi/library/*.c libapi/wire/{addr,attrs,names}.c
    program ipsec-calls env LD_LIBRARY_PATH="$BATS_TEST_TMPDIR"
    program ipsec-messages env LD_LIBRARY_PATH="$BATS_TEST_TMPDIR"
}

@test "no uninitialized memory is read, and no memory leaks (valgrind)" {
    [[ -n $(type -P valgrind) ]] || skip 'valgrind is not installed'
    local name
    for name in ipsec-calls ipsec-errnos ipsec-messages; do
        gcc -g -std=gnu11 -D_GNU_SOURCE -I. -Ilibapi -DLIBC_ALLOCATOR -o "$BATS_TEST_TMPDIR/$name" "test/programs/$name.c" \
            -L"$build" -lbtns -Wl,-rpath,"$(realpath "$build")"
        # The main thread's own memory (its last reason, its messages) is still reachable.
        run timeout 300 valgrind -q --leak-check=full --show-leak-kinds=definite,indirect,possible \
            --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=9 --trace-children=no "$BATS_TEST_TMPDIR/$name"
        echo "$output" | grep -v '^ok'
        [[ $status -eq 0 ]]
    done
}

@test "the two libraries export what the header declares, and six system calls" {
    exported=$(nm -D --defined-only "$build/libbtns.so.1" "$build/libbtns-openssl.so.1" |
        awk '$2 == "T" { sub("@@.*", "", $3); print $3 }' | grep -v '^btns_private_' | sort -u)
    diff <(functions; printf '%s\n' connect listen recvmsg sendmmsg sendmsg sendto) <(echo "$exported") ||
        diff <({ functions; printf '%s\n' connect listen recvmsg sendmmsg sendmsg sendto; } | sort) <(echo "$exported")
    [[ $(nm -D --defined-only "$build/libbtns.so.1" | grep -c 'ipsec_.*@@BTNS_1.0') -ge 40 ]]
    # Nobody loads OpenSSL without asking.
    ! readelf -d "$build/libbtns.so.1" | grep -E 'NEEDED.*(ssl|crypto)'
}

@test "the header is C and C++, with all warnings" {
    printf '#include <btns/ipsec.h>\nint main(void) { return ipsec_free_policy(ipsec_new_policy(IPSEC_DEFAULT_POLICY)); }\n' \
        >"$BATS_TEST_TMPDIR/a.c"
    cp "$BATS_TEST_TMPDIR/a.c" "$BATS_TEST_TMPDIR/a.cc"
    gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -Ilibapi "$BATS_TEST_TMPDIR/a.c" -L"$build" -lbtns -o "$BATS_TEST_TMPDIR/c"
    LD_LIBRARY_PATH=$build "$BATS_TEST_TMPDIR/c"
    [[ -n $(type -P g++) ]] || skip 'g++ is not installed'
    g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -Ilibapi "$BATS_TEST_TMPDIR/a.cc" -L"$build" -lbtns -o "$BATS_TEST_TMPDIR/cc"
    LD_LIBRARY_PATH=$build "$BATS_TEST_TMPDIR/cc"
}

@test "every function has a manual page in section 3, and every page names functions of the header" {
    named=$(for page in libapi/man/*.3; do
        sed -n '/^\.SH NAME/{n;s/ \\-.*//;s/,//g;p}' "$page" | tr ' ' '\n'
    done | sort)
    diff <(functions) <(grep -vxE 'ipsec_(policy|channel_info|socket|msg)' <<<"$named")
}

@test "every function has an entry of its own in its page, and every attribute one with its length, as the header has it" {
    local name type
    entries=$(sed -s -n '/^\.SH DESC/,${/^\.BI\? /p}' libapi/man/*.3)
    for name in $(functions | grep -vxE 'ipsec_(openssl_to_channel_info|tls_offer)'); do
        grep -q "\b$name(" <<<"$entries" || { echo "$name"; return 1; }
    done
    # NAME LENGTH of each attribute: "4", "text", ...
    listed=$(sed -nE '/^enum ipsec_(policy|channel)_attr/,/^\}/s|^    (IPSEC_[A-Z_]+) = [^/]*/\* (ID\. )?([a-z0-9]+).*|\1 \3|p' libapi/btns/ipsec.h)
    [[ $(wc -l <<<"$listed") -ge 45 ]]
    while read -r name type; do
        grep -A1 -hE "^\.B $name( \(ID\))?$" libapi/man/ipsec_{policy,channel_info}.3 | tail -1 | grep -iqE "^$type\b" ||
            { echo "$name: $type"; return 1; }
    done <<<"$listed"
}
