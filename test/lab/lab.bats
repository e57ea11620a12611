# The lab itself: hosts, streams, exit status, counts of captured packets, and that a lab leaves nothing behind.

# Each test here boots a lab of its own.
unset BTNS_LAB_POOL

setup_file() {
    repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export repo lab=$repo/scripts/btns-lab
    export tmp=$BATS_FILE_TMPDIR
    make_mock_btnsd
    # One boot for most of the tests, with the engine that BTNS_LAB_ENGINE names or the lab chooses.
    BTNS_BUILD=$tmp/mock timeout 3000 "$lab" run "$BATS_TEST_DIRNAME/lab-commands.sh" \
        >"$tmp/seen" 2>"$tmp/complaints" </dev/null || echo "status $?" >>"$tmp/complaints"
}

teardown_file() { [[ ! -e $tmp/server ]] || kill -TERM "$(<"$tmp/server")" 2>/dev/null || true; }

# A stand-in for btnsd: its option says whether it becomes ready, dies, or leaves a process behind.
make_mock_btnsd() {
    mkdir -p "$tmp/mock"
    cat >"$tmp/mock/btnsd" <<'END'
#!/bin/bash
echo "mock btnsd: $*"
case $* in
*--die*) echo 'cannot live' >&2; exit 3 ;;
*--orphan*) (setsid sleep 271 >/dev/null 2>&1 3>&- &) ;;
*) (setsid bash -c 'while kill -0 '$$' 2>/dev/null; do sleep 0.1; done; sleep 0.5' 3>&- &) ;;
esac
[[ $1 == --ready-fd ]] || exit 2
echo ready >&"$2"
exec sleep 314 3>&-
END
    chmod 755 "$tmp/mock/btnsd"
}

engines() {
    echo netns
    [[ -z $(type -P linux.uml) ]] || echo uml
}

# expect NAME VALUE: the lab script has printed "NAME: VALUE".
expect() {
    local line
    line=$(grep "^$1: " "$tmp/seen") || { echo "'$1' was never seen"; cat "$tmp/complaints"; return 1; }
    [[ $line == "$1: $2" ]] || { printf 'expected %s: %s\n    seen %s\n' "$1" "$2" "$line"; return 1; }
}

@test "hosts have their names and addresses" {
    expect 'alice hostname' alice
    expect 'bob hostname' bob
    expect 'alice addresses' '10.77.0.1/24 fd77::1/64'
    expect 'bob addresses' '10.77.0.2/24 fd77::2/64'
    expect 'mallory addresses' '10.77.0.66/24 fd77::66/64'
}

@test "addresses can be used at once" {
    expect 'not usable yet' ''
}

@test "every host resolves every name, IPv4 and IPv6" {
    for host in alice bob mallory; do
        expect "$host resolves alice" 'fd77::1|10.77.0.1'
        expect "$host resolves bob" 'fd77::2|10.77.0.2'
        expect "$host resolves mallory" 'fd77::66|10.77.0.66'
    done
}

@test "hosts reach each other, but not the script" {
    expect 'alice pings bob 4' 0
    expect 'alice pings mallory 6' 0
    expect 'script reaches bob' 2
}

# The build of this test is in a directory of Bats's that other users may not enter.
@test "users other than root can run the built programs, wherever the build is" {
    expect 'alice: others reach the build' 0
}

@test "each host has its own /etc/btns, /run and /var/lib/btns" {
    for host in alice bob mallory; do
        expect "$host directories" \
            '/etc/btns 755 root|/etc/btns/policy.d 755 root|/var/lib/btns 700 root|/run 755 root'
        expect "$host files" '/etc/btns:|policy.d||/run:||/var/lib/btns:'
    done
    expect 'alice keeps' 'mine|mine|mine|mine'
    expect 'bob has' ''
    expect 'machine has' ''
    [[ ! -e /etc/lab.test && ! -e /run/lab.test ]]
}

@test "each host has the shipped policies" {
    policies=("$repo"/policy.d/*.conf)
    [[ -e ${policies[0]} ]] || skip 'no policies are shipped'
    expect 'alice policies' "644 root $(cat "${policies[@]}" | cksum)"
    expect 'mallory policies' "644 root $(cat "${policies[@]}" | cksum)"
}

@test "on: status, streams, directory, process" {
    expect 'on status' 42
    expect 'on unknown command' 127
    expect 'on unknown host' 2
    expect 'on pipes' ' a \0 b \n'
    expect 'on stdout' out
    expect 'on stderr' err
    expect 'on directory' "$PWD"
    expect 'on pid' same
    expect 'on terminated' '9 terminated'
}

# In each family: IKE on both ports and a keepalive (3), ESP in UDP (1), two clear datagrams, one connection.
@test "wire: kinds are counted, IPv4 and IPv6 alike, also while it is capturing" {
    expect 'fetched clear' 'hello|hello'
    clear='^alice clear: esp 2\|ike 6\|tcp-clear 9000 [0-9]+\|udp-clear 500 2\|udp-clear 5353 2$'
    [[ $(grep '^alice clear: ' "$tmp/seen") =~ $clear ]]
    expect 'wire start twice' 1
}

@test "wire: both ends count the same, and ping and neighbour discovery are not counted" {
    while_capturing=$(sed -n 's/^alice clear: //p' "$tmp/seen")
    [[ -n $while_capturing ]]
    expect 'alice stopped' "$while_capturing"
    expect 'bob stopped' "$while_capturing"
}

@test "wire: protected connections are ESP only, on both ends" {
    expect 'fetched protected' 'hello|hello'
    protected=$(sed -n 's/^alice protected: //p' "$tmp/seen")
    # Two connections of at least SYN, SYN-ACK, ACK, data, and the end in both directions.
    [[ $protected =~ ^esp\ ([0-9]+)$ && ${BASH_REMATCH[1]} -ge 16 ]]
    expect 'bob protected' "$protected"
}

@test "wire: a burst just before stop is counted to the last packet" {
    expect 'mallory burst' 'udp-clear 7777 3000'
}

@test "wire: the capture is a file; impossible requests are refused" {
    expect 'alice file' LAB/hosts/alice.pcap
    expect 'wire stop twice' 1
    expect 'wire report of nothing' 1
    expect 'wire of nowhere' 2
}

@test "up and down: btnsd is ready, runs once, and ends with all processes that it started" {
    expect 'up' 0
    expect 'alice log' 'mock btnsd: --ready-fd 3'
    expect 'up twice' 1
    expect 'btnsd runs' 0
    expect 'down' 0
    expect 'btnsd runs after down' 1
    expect 'child runs after down' 1
    expect 'down again' 0
    expect 'up in a pipe' ''
    expect 'up after kill' 0
}

@test "up of a btnsd that dies at once fails and shows its log" {
    expect 'up of a dying btnsd fails' 1
    expect 'up of a dying btnsd' "up: btnsd on alice ended before it was ready; its log:|$(
        )mock btnsd: --ready-fd 3 --die|cannot live|[lab: btnsd ended with status 3]"
}

@test "down lists the processes that are left" {
    expect 'down with an orphan' 'still there after 2 s|sleep 271'
}

@test "status, arguments, environment and both streams pass through byte by byte" {
    head -c 3000000 /dev/urandom >"$tmp/bytes"
    cat >"$tmp/pass.sh" <<'END'
[[ $# == 3 && $1 == 'a b' && -z $2 && $3 == $'new\nline' && $SOME_VARIABLE == $'x\n"y' ]] || exit 1
[[ $PWD == "$EXPECT_PWD" && $(umask) == 0077 ]] || exit 2
cat "$BYTES"
head -c 100000 "$BYTES" >&2
printf '\0\3\4\21\23\r\n last, without newline'
sleep 271 &
exit 42
END
    { cat "$tmp/bytes"; printf '\0\3\4\21\23\r\n last, without newline'; } >"$tmp/want.out"
    head -c 100000 "$tmp/bytes" >"$tmp/want.err"
    mkdir -p "$tmp/a directory"
    for engine in $(engines); do
        status=0
        (
            umask 077
            cd "$tmp/a directory"
            SOME_VARIABLE=$'x\n"y' EXPECT_PWD="$tmp/a directory" BYTES="$tmp/bytes" timeout 3000 \
                "$lab" run --engine "$engine" ../pass.sh 'a b' '' $'new\nline' >"$tmp/got.out" 2>"$tmp/got.err"
        ) || status=$?
        [[ $status == 42 ]] || { echo "$engine: status $status"; head -c 2000 "$tmp/got.err"; return 1; }
        cmp "$tmp/got.out" "$tmp/want.out"
        cmp "$tmp/got.err" "$tmp/want.err"
    done
}

# left MARK DIRECTORY: prints what a lab has left behind: processes with our mark in their environment, mounts, links,
# directories.
left() {
    grep -lz "^LAB_MARK=$1$" /proc/[0-9]*/environ 2>/dev/null
    grep "$2" /proc/self/mountinfo
    ls -d "$2" 2>/dev/null
    ip -brief link | grep -E 'alice|bob|mallory|br0'
}

@test "nothing is left when the script has ended, or the lab was ended by TERM, INT or HUP" {
    cat >"$tmp/long.sh" <<'END'
on alice sleep 271 &
on bob setsid sleep 271 &
wire alice start
up mallory
echo "$BTNS_LAB"
[[ $1 == stay ]] || exit 0
sleep 271
END
    for engine in $(engines); do
        for signal in none TERM INT HUP; do
            mark=$$-$engine-$signal
            stay=stay
            [[ $signal != none ]] || stay=go
            : >"$tmp/dir" # the output of the round before must not be taken for this one's
            # Background commands of a shell ignore INT unless told otherwise.
            LAB_MARK=$mark BTNS_BUILD=$tmp/mock timeout 3000 env --default-signal=INT \
                "$lab" run --engine "$engine" "$tmp/long.sh" "$stay" >"$tmp/dir" 2>"$tmp/err" 3>&- &
            waiter=$!
            until [[ -s $tmp/dir ]] || ! kill -0 "$waiter"; do sleep 0.05; done
            dir=$(<"$tmp/dir")
            [[ $dir == /tmp/btns-lab.* ]] || { echo "$engine $signal: '$dir'"; cat "$tmp/err"; return 1; }
            want=0
            if [[ $signal != none ]]; then
                [[ -n $(left "$mark" "$dir") ]]
                want=$((128 + $(kill -l "$signal")))
                kill -"$signal" "$(pgrep -P "$waiter")"
            fi
            status=0
            wait "$waiter" || status=$?
            [[ $status == "$want" ]] || { echo "$engine $signal: status $status"; cat "$tmp/err"; return 1; }
            rest=$(left "$mark" "$dir" || true)
            [[ -z $rest ]] || { echo "$engine $signal: left: $rest"; return 1; }
        done
    done
}

@test "a crash of user-mode Linux is told from a failing script" {
    [[ -n $(type -P linux.uml) ]] || skip 'no user-mode Linux here'
    echo 'echo c >/proc/sysrq-trigger; sleep 271' >"$tmp/crash.sh"
    run timeout 3000 "$lab" run --engine uml "$tmp/crash.sh"
    [[ $status == 3 ]]
    [[ $output == *'Kernel panic'* ]]
}

@test "serve: one machine runs script after script, each among new hosts; a script that crashes the machine fails alone" {
    [[ -n $(type -P linux.uml) ]] || skip 'no user-mode Linux here'
    local server pool=$tmp/pool
    "$lab" serve "$pool" </dev/null >"$tmp/served" 2>&1 3>&- &
    server=$!
    echo "$server" >"$tmp/server"
    until [[ -p $pool/free ]] || ! kill -0 "$server" 2>/dev/null; do sleep 0.1; done
    [[ -p $pool/free ]] || { kill -0 "$server" 2>/dev/null || cat "$tmp/served"; skip 'this kernel needs no machine'; }
    cat >"$tmp/served.sh" <<'END'
echo "uptime $(cut -d . -f 1 /proc/uptime)"
on alice ls /etc/btns /run /var/lib/btns
ls /sys/class/net | paste -sd ' '
on alice ip xfrm state add src 10.77.0.1 dst 10.77.0.2 proto esp spi "$1" mode transport enc cipher_null ''
on alice ip -o xfrm state | grep -c 'spi 0x'
on alice touch /run/left /etc/btns/left
on bob setsid sleep 271 &
ip link add stray type bridge
echo complaint >&2
exit "$1"
END
    serve_script() { BTNS_LAB_POOL=$pool timeout 3000 "$lab" run "$@" </dev/null; }
    local n status before=0 now
    for n in 7 8; do
        status=0
        serve_script "$tmp/served.sh" "$n" >"$tmp/said" 2>"$tmp/err" || status=$?
        [[ $status == "$n" && $(<"$tmp/err") == complaint ]] || { cat "$tmp/said" "$tmp/err"; return 1; }
        now=$(sed -n 's/^uptime //p' "$tmp/said")
        ((now >= before))
        before=$now
        sed 1d "$tmp/said" | diff - <(printf '%s\n' /etc/btns: policy.d '' /run: '' /var/lib/btns: 'alice bob br0 lo mallory' 1)
    done
    status=0
    echo 'echo c >/proc/sysrq-trigger; sleep 271' >"$tmp/crash.sh"
    serve_script "$tmp/crash.sh" >"$tmp/said" 2>"$tmp/err" || status=$?
    [[ $status == 3 ]]
    grep -q 'Kernel panic' "$tmp/err"
    status=0
    serve_script "$tmp/served.sh" 9 >"$tmp/said" 2>&1 || status=$?
    [[ $status == 9 ]]
    # When a caller is ended, its machine is ended, too; the server boots another.
    echo 'touch "$BTNS_LAB/began"; on alice sleep 271' >"$tmp/long-served.sh"
    BTNS_LAB_POOL=$pool "$lab" run "$tmp/long-served.sh" </dev/null >"$tmp/said" 2>&1 3>&- &
    local caller=$!
    until compgen -G "$pool/*/lab" >/dev/null && [[ -e $(<"$(compgen -G "$pool/*/lab")")/began ]]; do sleep 0.1; done
    kill -TERM "$caller"
    status=0
    wait "$caller" || status=$?
    [[ $status == 143 ]]
    status=0
    serve_script "$tmp/served.sh" 10 >"$tmp/said" 2>&1 || status=$?
    [[ $status == 10 ]]
    kill -TERM "$server"
    status=0
    wait "$server" || status=$?
    [[ $status == 143 ]]
}

@test "wrong usage is refused with status 2" {
    for arguments in '' run fly 'run --engine' 'run --engine vax /dev/null' 'run /no/such/script' 'shell script'; do
        # shellcheck disable=SC2086
        run "$lab" $arguments
        [[ $status == 2 && $output == *usage:* ]] || { echo "btns-lab $arguments: $status $output"; return 1; }
    done
    run "$lab" --help
    [[ $status == 0 && $output == usage:* ]]
}

@test "fetch-kernel: a kernel that cannot be fetched leaves nothing behind, and the message says where it was looked for" {
    [[ $(uname -m) == x86_64 ]] || skip "there is a newer user-mode Linux for amd64 alone"
    run env BTNS_DEBIAN_MIRROR=http://127.0.0.1:9 "$repo/scripts/lab/fetch-kernel" "$tmp/kernel"
    [[ $status == 1 && $output == *"could not fetch"*127.0.0.1:9* ]] || { echo "$status $output"; return 1; }
    [[ ! -e $tmp/kernel && ! -e $tmp/kernel.new ]]
    run "$repo/scripts/lab/fetch-kernel" --help
    [[ $status == 0 && $output == usage:* ]]
    run "$repo/scripts/lab/fetch-kernel" --fly
    [[ $status == 2 && $output == usage:* ]]
}

@test "btns-setup --check: does nothing if all packages are there; otherwise names the missing ones" {
    mkdir -p "$tmp/mock-apt" "$tmp/mock-dpkg"
    printf '#!/bin/sh\ntouch %s/apt-was-run\n' "$tmp" | tee "$tmp/mock-apt/apt-get" >"$tmp/mock-apt/apt"
    chmod 755 "$tmp"/mock-apt/*
    export BTNS_NO_KERNEL=yes # without a network, the newer kernel may be missing
    for option in --check ''; do
        # shellcheck disable=SC2086
        PATH=$tmp/mock-apt:$PATH run "$repo/scripts/btns-setup" $option
        [[ $status == 0 && ! -e $tmp/apt-was-run ]] || { echo "$output"; return 1; }
    done
    cat >"$tmp/mock-dpkg/dpkg-query" <<'END'
#!/bin/sh
/usr/bin/dpkg-query "$@" | grep -v ' tcpdump$'
END
    chmod 755 "$tmp/mock-dpkg/dpkg-query"
    PATH=$tmp/mock-dpkg:$PATH run "$repo/scripts/btns-setup" --check
    [[ $status == 1 ]]
    [[ ${#lines[@]} == 2 && ${lines[1]} == *tcpdump*captures ]]
}
