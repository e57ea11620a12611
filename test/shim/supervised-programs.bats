#!/usr/bin/env bats
# Programs of others under btns-run's supervisor: what they do without the shim is asked about, and they work.

bats_require_minimum_version 1.5.0
load helpers
load supervision

need() { command -v "$1" >/dev/null || skip "there is no $1 here"; }

# serve_www: a web server in the background; sets port
serve_www() {
    echo hello >index.html
    python3 -u -m http.server --bind 127.0.0.1 0 >server 2>&1 3>&- &
    echo $! >>pids
    soon grep -q 'Serving HTTP' server
    port=$(grep -oE 'port [0-9]+' server | grep -oE '[0-9]+')
}

@test "another C library: musl's programs are asked about, without the shim over which their loader would fail" {
    need musl-gcc
    mock verdict=denied error=126
    musl-gcc -o musl -x c - <<'END'
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
int main(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = 9, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&to, sizeof to) ? errno : 0;
}
END
    run -126 supervised ./musl
    run -126 supervised --require ./musl
    [ "$(asked SPEAK)" -eq 2 ]
}

@test "io_uring: a program falls back to connect(), which is asked about, with the shim and without" {
    make_ring_client . || skip "there is no liburing here"
    mock verdict=clear
    serve_www
    for how in '' sqpoll; do
        for command in ./ring-client 'env -i ./ring-client'; do
            # shellcheck disable=SC2086
            run -0 --separate-stderr supervised --require $command 127.0.0.1 "$port" $how
            is 'connected by connect(): ok' "$stderr"
            [[ $output == *hello* ]]
        done
    done
    is 2 "$(asked SPEAK)"
    (($(asked CONNECT) >= 3))
}

@test "io_uring: a ring that was set up before the program connects nothing" {
    make_ring_client . || skip "there is no liburing here"
    mock verdict=clear
    serve
    run ./ring-client 127.0.0.1 "$port" under env # as it does natively
    [[ $status -ne 77 && $output == *"connected by io_uring: ok"* ]] || skip "no ring can be made here: $output"
    soon grep -q accepted "$GREETED"
    : >"$GREETED"
    for mode in --require --supervise; do
        for how in '' sqpoll; do
            # shellcheck disable=SC2086
            run ! ./ring-client 127.0.0.1 "$port" under $how "$runner" $mode
            [[ $output == *"no completion: ENOSYS" ]]
        done
    done
    [ ! -s "$GREETED" ]
    is 0 "$(asked CONNECT)"
}

@test "Rust: a static program is asked about" {
    make_fetch_rs . || skip "there is no rustc here"
    mock verdict=clear
    serve_www
    run -0 supervised ./fetch-rs 127.0.0.1 "$port"
    [[ $output == *hello* ]]
    is 1 "$(asked SPEAK)"
    mock verdict=denied error=126
    run ! supervised ./fetch-rs 127.0.0.1 "$port"
    [[ $output == *'code: 126'* ]]
}

@test "--require: calls by cffi, in a library that it loads itself, are asked about" {
    /usr/bin/python3 -c 'import cffi' || skip "there is no cffi here"
    mock verdict=denied error=126
    serve
    run -0 supervised --require /usr/bin/python3 -c '
import cffi, socket, struct, sys
ffi = cffi.FFI()
ffi.cdef("int connect(int, const char *, unsigned);")
a = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(int(sys.argv[1])), bytes([127, 0, 0, 1]))
for libc in (ffi.dlopen("libc.so.6"), ffi.dlopen(None)):
    s = socket.socket()
    print(libc.connect(s.fileno(), a, len(a)), ffi.errno)' "$port"
    is '-1 126
-1 126' "$(grep -v '^btns' <<<"$output")"
    [ ! -s "$GREETED" ] || ! grep accepted "$GREETED"
}

@test "java: its own connections and those of a native agent (the debugger's) are asked about" {
    need java
    mock verdict=clear
    serve_www
    cat >Fetch.java <<'END'
class Fetch {
    public static void main(String[] to) throws Exception {
        new java.net.URI(to[0]).toURL().openStream().transferTo(System.out);
    }
}
END
    run -0 supervised --require java -Xint Fetch.java "http://127.0.0.1:$port/"
    [[ $output == *hello* ]]
    (($(asked CONNECT) >= 1))
    mock verdict=denied error=126
    run ! supervised --require java -Xint Fetch.java "http://127.0.0.1:$port/"
    serve
    run ! supervised --require java -Xint -agentlib:jdwp=transport=dt_socket,address=127.0.0.1:"$port" -version
    [[ $output == *"connect failed"* ]]
    (($(asked CONNECT) >= 2))
    ! grep accepted "$GREETED"
}

@test "bubblewrap: what runs in its sandbox is asked about under --require, with the shim and without" {
    need bwrap
    mock verdict=denied error=126
    serve
    sandbox=(bwrap --bind / / --dev /dev --proc /proc --unshare-user --unshare-pid --unshare-ipc)
    for clear in '' --clearenv; do
        # shellcheck disable=SC2086
        run supervised --require "${sandbox[@]}" $clear "$programs/visitor" 127.0.0.1 "$port"
        [[ $output == *ENOKEY* ]]
    done
    is 1 "$(asked SPEAK)"
    is 2 "$(asked CONNECT)"
    # In a network of its own nothing is there to be protected: it is refused, or reaches nobody.
    run supervised --require "${sandbox[@]}" --unshare-net "$programs/visitor" 127.0.0.1 "$port"
    [[ $output != ok* ]]
    ! grep accepted "$GREETED"
}

@test "a sandbox without a way to btnsd (another user namespace, another /run): the shim leaves the question to the supervisor" {
    need bwrap
    [[ $EUID -eq 0 ]] || skip "must be root to be another user"
    # A user that maps itself, and nobody else: root has no number in there.
    as_user=(setpriv --reuid=1234 --regid=1234 --clear-groups)
    sandbox=(bwrap --ro-bind / / --dev /dev --proc /proc --unshare-user)
    chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"/.. || true
    for hide in '' "--tmpfs $BATS_TEST_TMPDIR"; do
        # shellcheck disable=SC2206
        command=("${as_user[@]}" timeout 300 "$runner" --require "${sandbox[@]}" $hide "$programs/visitor" 127.0.0.1)
        mock verdict=denied error=126
        serve
        run "${command[@]}" "$port"
        [[ $output == *ENOKEY* ]]
        is 1 "$(grep -c "^CONNECT .*remote=127.0.0.1:$port .*socket=same" "$LOG")"
        is 1 "$(asked SPEAK)"
        ! grep accepted "$GREETED"
        # UDP likewise: nobody is at that address, but btnsd is asked first.
        "${command[@]:0:${#command[@]}-2}" "$programs/leaves" 192.0.2.1 9999 >left 2>said
        ways ENOKEY sendto sendto-unspec sendmsg sendmmsg udp-connect udp-bind
        is 5 "$(grep -c '^CONNECT .*remote=192.0.2.1:9999 .*protocol=17 .*socket=same' "$LOG")"
        is 1 "$(grep -c '^LISTEN local=0.0.0.0:5353 .*socket=same' "$LOG")"
        mock verdict=protected
        run -0 "${command[@]}" "$port"
        is ok "$output"
        is 1 "$(asked SPEAK)"
    done
    echo rules >inner
    run -0 "${as_user[@]}" timeout 300 "$runner" --require "$runner" --policy inner "${sandbox[@]}" "$programs/visitor" 127.0.0.1 "$port"
    is 1 "$(grep -c "^CONNECT .*policy=0xabcdef0123456789 socket=same" "$LOG")"
    : >"$LOG"
    "${as_user[@]}" timeout 300 "$runner" --require "${sandbox[@]}" "$programs/greeter" 127.0.0.1 2 >"$GREETED" 3>&- </dev/null &
    echo $! >>pids
    soon grep -q '^port ' "$GREETED"
    port=$(sed -n 's/^port //p' "$GREETED")
    is 1 "$(grep -c "^LISTEN local=127.0.0.1:$port " "$LOG")"
    "$programs/visitor" 127.0.0.1 "$port" count=2
    soon grep -q '^accepted' "$GREETED"
    is 1 "$(asked LISTEN)"
    mock verdict=denied error=13
    run ! "${as_user[@]}" timeout 300 "$runner" --require "${sandbox[@]}" "$programs/greeter" 127.0.0.1 1 </dev/null
    # What it inherits is asked about too, by the first accept().
    run "${as_user[@]}" timeout 300 /usr/bin/python3 -c '
import os, socket, sys
s = socket.create_server(("127.0.0.1", 0))
c = socket.create_connection(s.getsockname())
s.set_inheritable(True)
os.execv(sys.argv[1], sys.argv[1:] + ["inherited", "1", str(s.fileno())])' \
        "$runner" --require "${sandbox[@]}" "$programs/greeter" </dev/null
    [[ $status -ne 0 && $output != *accepted* ]]
}

@test "a program's own filter counts beside the supervisor's, which still asks where the program itself cannot" {
    mock verdict=clear
    serve
    run -0 supervised --require "$programs/without-unix" "$programs/visitor-static" 127.0.0.1 "$port"
    is ok "$output"
    is 1 "$(asked SPEAK)"
    mock verdict=denied error=126
    run supervised --require "$programs/without-unix" "$programs/visitor-static" 127.0.0.1 "$port"
    [[ $output == *ENOKEY* ]]
    run supervised --require "$programs/without-unix" /usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX)'
    [[ $output == *'Address family not supported'* ]]
}

@test "sshd, whose children shut themselves in by filters, serves under --require, and its sessions stay supervised" {
    need sshd
    [[ $EUID -eq 0 ]] || skip "must be root"
    mock verdict=denied error=126
    serve
    ssh-keygen -q -t ed25519 -N '' -f host
    ssh-keygen -q -t ed25519 -N '' -f user
    cat >server <<END
exec unshare -m sh -c 'mount -t tmpfs none /run && mkdir /run/sshd && exec "\$@"' _ "$runner" --require /usr/sbin/sshd \
    -i -f /dev/null -h "$PWD/host" -o StrictModes=no -o AuthorizedKeysFile="$PWD/user.pub"
END
    run timeout 100 ssh -F none -i user -o ProxyCommand="sh $PWD/server" -o BatchMode=yes -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null root@x "echo a session; env -i $programs/visitor 127.0.0.1 $port"
    [[ $output == *'a session'*ENOKEY* ]]
    ! grep accepted "$GREETED"
}

@test "gdb and strace run programs under --require, which are protected" {
    mock verdict=clear
    serve_www
    for command in 'gdb -q -batch -ex run --args' 'strace -f -o /dev/null'; do
        need "${command%% *}"
        # shellcheck disable=SC2086
        run supervised --require $command /usr/bin/curl -sS "http://127.0.0.1:$port/"
        [[ $output == *hello* ]]
    done
    (($(asked CONNECT) >= 2))
}

@test "tmux's server, which outlives its client, stays supervised under --require" {
    need tmux
    mock verdict=denied error=126
    serve
    supervised --require tmux -S "$BATS_TEST_TMPDIR/tmux" -f /dev/null new-session -d \
        "env -i $programs/visitor 127.0.0.1 $port >late 2>&1"
    soon grep -q ENOKEY late
}

@test "nginx starts new workers under --require" {
    need nginx
    mock verdict=clear
    serve_www
    cat >nginx.conf <<END
pid $PWD/nginx.pid; error_log $PWD/nginx.log; daemon off; worker_processes 1; events { worker_connections 64; }
http { access_log off; client_body_temp_path $PWD/body; proxy_temp_path $PWD/proxy; fastcgi_temp_path $PWD/fastcgi;
       uwsgi_temp_path $PWD/uwsgi; scgi_temp_path $PWD/scgi;
       server { listen unix:$PWD/www; root $PWD; location / { proxy_pass http://127.0.0.1:$port; } } }
END
    "$runner" --require nginx -c "$PWD/nginx.conf" 3>&- & nginx=$!
    echo $nginx >>pids
    get() { curl -sS --unix-socket www http://localhost/; }
    soon eval '[[ $(get) == hello ]]'
    before=$(pgrep -P "$(<nginx.pid)")
    kill -HUP $nginx
    soon eval '! kill -0 $before 2>/dev/null'
    is hello "$(get)"
    kill $nginx
    wait $nginx
}
