# Real programs under the shim: curl, wget, Python's servers and asyncio, valgrind. Against a mock of btnsd.

bats_require_minimum_version 1.5.0
load helpers

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
    soon grep -q "^ACCEPTED " "$LOG"
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
