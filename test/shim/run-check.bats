#!/usr/bin/env bats
# btns-run: sockets that a program inherits, programs that hand their work to another process, and --check.
bats_require_minimum_version 1.5.0

load run/common

# ---- inherited sockets

# with_sockets COMMAND...: the command inherits a listener on 7 and a connection on 8
with_sockets() {
    python3 -c 'import os, socket, sys
l = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(l.getsockname()); s, _ = l.accept()
os.dup2(l.fileno(), 7); os.dup2(s.fileno(), 8); os.closerange(9, 20)
os.execvp(sys.argv[1], sys.argv[1:])' "$@" 3>&-
}

@test "the program is told which TCP sockets it inherits, and no others" {
    run -0 --separate-stderr with_sockets "$runner" printenv BTNS_SOCKETS
    [[ ,$output, =~ ,7:[0-9a-f]+, && ,$output, =~ ,8:[0-9a-f]+, ]]
    run -1 --separate-stderr "$runner" printenv BTNS_SOCKETS
    [ -z "$output" ]
    BTNS_SOCKETS=1:1 run -1 --separate-stderr "$runner" printenv BTNS_SOCKETS
}

@test "an inherited connection is not for a program that cannot ask about it" {
    run -126 --separate-stderr with_sockets "$runner" ./static
    [[ $stderr == *"the program inherits a connection or a UDP socket, and has no shim to ask whether that is protected"* ]]
    did_not_run
}

@test "a UDP socket with a port is inherited like a connection; one without is no business of anybody's" {
    with_udp() {
        python3 -c 'import os, socket, sys
u, v = (socket.socket(f, socket.SOCK_DGRAM) for f in (socket.AF_INET6, socket.AF_INET))
u.bind(("::1", 0)); os.dup2(u.fileno(), 7); os.dup2(v.fileno(), 8)
os.execvp(sys.argv[1], sys.argv[1:])' "$@" 3>&-
    }
    run --separate-stderr -0 with_udp "$runner" printenv BTNS_SOCKETS
    [[ $output =~ ^7:[0-9a-f]+$ ]]
    run -126 --separate-stderr with_udp "$runner" ./static
    [[ $stderr == *"inherits a connection or a UDP socket"* ]]
    did_not_run
}

# ---- programs that hand their work to another process

# starters NAME...: programs of these names, first in PATH
starters() {
    local name
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    for name; do cp "$samples/dynamic" "$BATS_TEST_TMPDIR/bin/$name"; done
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# work COMMAND...: prints what --check says about the process that does its work
work() { "$runner" --check "$@" | sed -n 's/^work *//p'; }

@test "a program that hands its work to another process: it is said, and refused under --require" {
    starters systemctl
    run -7 --separate-stderr "$runner" systemctl start x
    [[ $stderr == *"warning: "*"systemctl has the work done by systemd, which btns-run does not cover"* ]]
    run -126 --separate-stderr "$runner" --require systemctl start x
    [[ $stderr == *"systemctl has the work done by systemd"*"btnsctl cover"* ]]
    did_not_run
    run -7 --separate-stderr "$runner" systemctl --user status x
    [[ $stderr != *warning* ]]
}

@test "starters are found by name, also behind programs that only start them, and not in other words" {
    local line
    starters systemctl service docker at sudo tmux nice env systemd-run machinectl podman batch
    while read -r line; do
        eval "set -- $line"
        [[ $(work "$@") == *"which btns-run does not cover"* ]] || { echo "not found: $line"; return 1; }
    done <<'END'
service x start
systemctl --user restart x
systemd-run curl x
docker run x ps
podman run x
machinectl shell x
at now
batch
nice -n 5 systemctl start x
sudo -u bob systemctl start x
env A=1 nice docker run x
sh -c 'cd /; exec systemctl start x'
bash -ec 'true && A=1 service x start'
END
    while read -r line; do
        eval "set -- $line"
        [[ $(work "$@") == "the program's own" ]] || { echo "found: $line"; work "$@"; return 1; }
    done <<'END'
systemctl status x
docker ps
at -l
sh -c 'echo service start'
sh service start
nice echo docker
env A=1 echo at
END
}

@test "a program that clears the environment: it is said, unless a supervisor sees what it starts" {
    starters sudo env
    [[ $(work sudo true) == *"sudo clears the environment, and what it starts has no shim then"* ]]
    [[ $(work env -i true) == *"env clears the environment"* ]]
    [ "$(work env -u A true)" = "the program's own" ]
    [[ $(work --require sudo true) == "what sudo starts has the supervisor, not the shim" ]]
}

@test "tmux and ssh hand their work on where their server runs" {
    starters tmux ssh
    export HOME=$BATS_TEST_TMPDIR TMUX_TMPDIR=$BATS_TEST_TMPDIR
    unset TMUX
    mkdir -p "$HOME/.ssh" "$TMUX_TMPDIR/tmux-$(id -u)"
    echo '  ControlPath ~/.ssh/m-%r@%h' >"$HOME/.ssh/config"
    [ "$(work tmux new)" = "the program's own" ]
    [ "$(work ssh bob true)" = "the program's own" ]
    python3 -c 'import socket, sys, time
s = [socket.socket(socket.AF_UNIX) for p in sys.argv[1:]]
for x, p in zip(s, sys.argv[1:]): x.bind(p); x.listen()
print("up", flush=True); time.sleep(600)' "$TMUX_TMPDIR/tmux-$(id -u)/default" "$HOME/.ssh/m-me@bob" >"$HOME/up" 3>&- & local server=$!
    until grep -q up "$HOME/up"; do sleep 0.05; done
    [[ $(work tmux new) == *"tmux has the work done by the tmux server that runs ("*"/default)"* ]]
    [ "$(work tmux -L other new)" = "the program's own" ]
    [[ $(work ssh bob true) == *"ssh has the work done by an ssh master that runs ("*"/m-me@bob)"* ]]
    [ "$(work ssh -S none bob true)" = "the program's own" ]
    run -126 "$runner" --require ssh bob true
    kill $server
}

# ---- --check

@test "--check runs nothing and shows everything" {
    run --separate-stderr -0 "$runner" --check ./script
    did_not_run
    [ -z "$stderr" ]
    want=$(cat <<END
mode      as the rules say
shim      $shim
program   ./script, which runs $samples/dynamic
cover     the shim
work      the program's own
sockets   no socket of TCP or UDP is inherited
btnsd     answers: pid 4242, 5 rules (generation 7)
policy    the system's
connect   for instance 192.0.2.1:80: protected: rule "web" (a.conf:3)
accept    for instance 0.0.0.0:80: protected: rule "web" (a.conf:3)
result    it would be run, covered by the shim
END
    )
    diff <(echo "$want") <(echo "$output")
}

@test "--check says by which mechanism the program would be covered" {
    cover() { "$runner" --check "$@" | grep -E '^(cover|result) '; }
    diff <(cover --require ./dynamic) - <<'END'
cover     the shim, and btns-run as supervisor for what it does not reach (--require)
result    it would be run, covered by the shim and a supervisor
END
    diff <(cover ./static) - <<'END'
cover     btns-run as supervisor: statically linked
result    it would be run, covered by a supervisor
END
    diff <(cover --supervise ./dynamic) - <<'END'
cover     the shim, and btns-run as supervisor for what it does not reach
result    it would be run, covered by the shim and a supervisor
END
}

@test "--check asks about the file that btnsd would see, with the mode and policy given" {
    echo rules >"$dir/policy"
    "$runner" --check --require --policy "$dir/policy" --to 10.0.0.1:81 ./script
    [ "$(tail -n 1 "$asked")" = "EXPLAIN version=1 len=1072 program=$samples/dynamic flags=2 policy=abcdef0123456789 remote=10.0.0.1:81 protocol=6" ]
    run -0 --separate-stderr "$runner" --check --prefer --to '[fd77::2]:81' ./dynamic
    [ "$(tail -n 1 "$asked")" = "EXPLAIN version=1 len=1072 program=$samples/dynamic flags=4 policy=0 remote=[fd77::2]:81 protocol=6" ]
    [[ $output == *'connect   [fd77::2]:81: denied: rule "no" (a.conf:9): discard'$'\n          ''rule "web" (a.conf:3): other port'* ]]
    run -0 --separate-stderr "$runner" --check --to localhost:http ./dynamic
    [[ $output == *"127.0.0.1:80: protected"* ]]
}

@test "--check has the exit status that running would have had" {
    run -126 "$runner" --check ./object
    [[ $output == *"program   NO: ./object: an ELF file, but not a program"*"it would not be run: exit status 126" ]]
    run -127 "$runner" --check no-such-program
    run -125 "$runner" --check --to nowhere ./dynamic
    lonely_runner "$dir/bad-to-check"
    cp empty "$dir/bad-to-check/libbtns-shim.so"
    run -125 "$dir/bad-to-check/btns-run" --check ./dynamic
    [[ $output == *"shim      NO: "*"exit status 125" ]]
    stop_mock
    run -125 "$runner" --check ./dynamic
    [[ $output == *"btnsd     NO: btnsd is not running"* ]]
    run -0 "$runner" --check --prefer ./dynamic
    [[ $output == *"btnsd     WARNING: btnsd is not running"*"it would be run"* ]]
}
