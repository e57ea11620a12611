# The lines that the shim writes: where they go, and how many. Against a mock of btnsd.

bats_require_minimum_version 1.5.0
load helpers

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
    left=$(sed -n 's/.*: \([0-9]*\) more lines\{0,1\} w.*/\1/p' said | paste -sd+)
    left=$((left))
    is 199 "$((left + $(grep -c 'the mock says so' said)))"
}
