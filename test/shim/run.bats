#!/usr/bin/env bats
# btns-run: what it runs, what it refuses and by which reason, and that nothing runs uncovered.
bats_require_minimum_version 1.5.0

setup_file() {
    load ../ctl/helpers
    load run/samples
    make_dir
    make_runner
    make_samples
    mkdir "$dir/privileged"
    [[ $EUID -ne 0 ]] || make_privileged_samples "$dir/privileged"
}

teardown_file() {
    rm -rf "$dir"
}

setup() {
    load ../ctl/helpers
    load run/samples
    start_mock
    export BTNS_SOCKET_PATH=$socket
    unset LD_PRELOAD BTNS_MODE BTNS_POLICY BTNS_VERBOSE
    runner=$dir/bin/btns-run shim=$dir/bin/libbtns-shim.so
    cd "$samples" || return
}

teardown() {
    show_stderr
    stop_mock
}

another_mock() {
    stop_mock
    start_mock "$1"
    export BTNS_SOCKET_PATH=$socket
}

need_root() {
    [[ $EUID -eq 0 ]] || skip "must be root"
}

as_nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# The marker speaks in every program it is loaded into, which so was covered.
was_covered() { [[ $stderr == *"marker: loaded"* ]]; }
did_not_run() { [[ $output != *"program: runs"* && $stderr != *"marker: loaded"* ]]; }

# ---- what must agree

@test "--help, manual page and completion name the same options" {
    of_help=$("$runner" --help | long_options)
    same_words "$of_help" "$(long_options <"$BATS_TEST_DIRNAME/../../shim/run/btns-run.1")"
    same_words "$of_help" "$(grep 'local options=' "$BATS_TEST_DIRNAME/../../scripts/completions/btns-run.bash" | long_options)"
    same_words "$of_help" "$(sed -nE 's/^complete.* -l ([a-z]+).*/--\1/p' "$BATS_TEST_DIRNAME/../../scripts/completions/btns-run.fish" | long_options)"
    same_words "$of_help" "$(sed "s/.*'\(--[a-z]*\).*/\1/; t; d" "$BATS_TEST_DIRNAME/../../scripts/completions/btns-run.zsh" | long_options)"
    [ "$(wc -w <<<"$of_help")" -eq 10 ]
}

@test "completion: own options, then the program's words" {
    . "$BATS_TEST_DIRNAME/../../scripts/completions/btns-run.bash"
    complete_words() {
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _btns_run
        echo "${COMPREPLY[*]}"
    }
    _command_offset() { COMPREPLY=("from word $1"); }
    [ "$(complete_words btns-run --re)" = --require ]
    [[ " $(complete_words btns-run --prefer pri) " == *" printf "* ]]
    [ "$(complete_words btns-run --policy f curl --ver)" = "from word 3" ]
    [ "$(complete_words btns-run -- curl --ver)" = "from word 2" ]
}

# ---- usage

@test "wrong usage is 125, and runs nothing" {
    for line in '' '--' '--wrong dynamic' '-x ./dynamic' '--require --prefer ./dynamic' \
        '--prefer --require ./dynamic' '--prefer --bypass ./dynamic' '--policy' '--to 10.0.0.1:80 ./dynamic' '--check=1 ./dynamic'; do
        # shellcheck disable=SC2086
        run --separate-stderr "$runner" $line
        echo "'$line': $status: $stderr"
        [ "$status" -eq 125 ]
        did_not_run
        [[ $stderr == "btns-run: "* ]]
    done
    [ ! -s "$asked" ]
}

@test "--help and --version" {
    run -0 "$runner" --version
    [[ $output =~ ^btns-run\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    run -0 "$runner" --help
    [[ $output == usage:*125*126*127* ]]
}

# ---- running

@test "the program's own exit status, and its death by a signal" {
    run --separate-stderr "$runner" ./dynamic
    [ "$status" -eq 7 ]
    was_covered
    for want in 0 1 125 126 255; do
        run "$runner" sh -c "exit $want"
        [ "$status" -eq "$want" ]
    done
    run "$runner" sh -c 'kill -TERM $$'
    [ "$status" -eq 143 ]
}

@test "arguments, also those that look like options, are the program's" {
    run --separate-stderr -0 "$runner" --require printf '<%s>' --prefer '' 'a b' -- --help
    [ "$output" = "<--prefer><><a b><--><--help>" ]
    run --separate-stderr -0 "$runner" --require -- printf '<%s>' --check
    [ "$output" = "<--check>" ]
    run --separate-stderr -0 "$runner" bash -c 'echo "$0"'
    [ "$output" = bash ]
}

@test "same process, same descriptors" {
    run --separate-stderr -0 bash -c 'exec 7</dev/null; echo $$; exec "$0" sh -c "echo \$\$; ls /proc/\$\$/fd" ' "$runner"
    [ "${lines[0]}" = "${lines[1]}" ]
    inherited=$(bash -c 'exec 7</dev/null; exec sh -c "ls /proc/\$\$/fd"' | xargs)
    [ "${lines[*]:2}" = "$inherited" ]
}

@test "what the shim is told: nothing but what the options say" {
    told() { "$runner" "$@" env 2>/dev/null | grep -E '^(LD_PRELOAD|BTNS_(MODE|POLICY|VERBOSE))=' | sort | xargs; }
    echo 'rules' >"$dir/policy"
    [ "$(told)" = "LD_PRELOAD=$shim" ]
    [ "$(told --require)" = "BTNS_MODE=require LD_PRELOAD=$shim" ]
    [ "$(told --prefer)" = "BTNS_MODE=prefer LD_PRELOAD=$shim" ]
    [ "$(told --bypass)" = "BTNS_MODE=bypass LD_PRELOAD=$shim" ]
    [ "$(told --verbose)" = "BTNS_VERBOSE=1 LD_PRELOAD=$shim" ]
    [ "$(told --policy "$dir/policy")" = "BTNS_POLICY=abcdef0123456789 LD_PRELOAD=$shim" ]
    export BTNS_MODE=prefer BTNS_POLICY=1 BTNS_VERBOSE=1
    [ "$(told)" = "LD_PRELOAD=$shim" ]
    [ "$(told --require)" = "BTNS_MODE=require LD_PRELOAD=$shim" ]
    run -0 --separate-stderr "$runner" printenv BTNS_SOCKET_PATH
    [ "$output" = "$socket" ]
}

@test "other preloaded libraries stay, behind the shim; the rest of the environment as it was" {
    cc -shared -fPIC -o "$dir/other.so" -x c - <<<'int other;'
    LD_PRELOAD=" $dir/other.so::/elsewhere/libbtns-shim.so:$dir/other.so" \
        run --separate-stderr -0 "$runner" printenv LD_PRELOAD
    [ "$output" = "$shim:$dir/other.so:$dir/other.so" ]
    A=1 B='x y' run --separate-stderr -0 "$runner" env
    want=$(A=1 B='x y' LD_PRELOAD=$shim env 2>/dev/null | grep -v ^_= | sort)
    diff <(echo "$want") <(grep -v ^_= <<<"$output" | sort)
}

@test "--verbose says what is done; without it a good run says nothing" {
    run --separate-stderr "$runner" --verbose ./dynamic
    [[ $stderr == *"btns-run: shim: $shim"*"btns-run: program: ./dynamic, which runs $samples/dynamic"*"btns-run: btnsd: answers: pid 4242, 5 rules (generation 7)"* ]]
    run --separate-stderr "$runner" ./dynamic
    [ "$stderr" = "marker: loaded" ]
}

# ---- one btns-run within another

@test "nested: the outer one's orders hold" {
    echo 'rules' >"$dir/policy"
    run --separate-stderr -0 "$runner" --require --policy "$dir/policy" "$runner" env
    [[ $output == *"LD_PRELOAD=$shim"$'\n'* ]]
    [[ $output == *BTNS_MODE=require* && $output == *BTNS_POLICY=abcdef0123456789* ]]
    run --separate-stderr -0 "$runner" --prefer "$runner" printenv BTNS_MODE
    [ "$output" = prefer ]
}

@test "nested: stricter is possible, weaker is refused" {
    run --separate-stderr -0 "$runner" --prefer "$runner" --require printenv BTNS_MODE
    [ "$output" = require ]
    run --separate-stderr -125 "$runner" --require "$runner" --prefer ./dynamic
    [[ $stderr == *"--prefer"*"cannot weaken"* ]]
    run --separate-stderr -125 "$runner" --require "$runner" --bypass ./dynamic
    [[ $stderr == *"--bypass"*"cannot weaken"* ]]
    [[ $output != *"program: runs"* ]]
}

# ---- finding the program

@test "not found is 127, found and not runnable 126" {
    run -127 --separate-stderr "$runner" no-such-program
    [[ $stderr == *"no-such-program: no such program in PATH"* ]]
    run -127 --separate-stderr "$runner" ./no-such-program
    run -127 --separate-stderr "$runner" ./dynamic/x
    run -127 --separate-stderr "$runner" ''
    echo >"$dir/plain"
    run -126 --separate-stderr "$runner" "$dir/plain"
    [[ $stderr == *"cannot be executed: Permission denied"* ]]
    run -126 --separate-stderr "$runner" /usr/bin
    run -126 --separate-stderr "$runner" "$(printf '%05000d' 0)"
}

@test "PATH is searched as execvp does" {
    mkdir -p "$dir/one" "$dir/two"
    echo >"$dir/one/thing"
    cp dynamic "$dir/two/thing"
    run -7 --separate-stderr env PATH="$dir/none:$dir/one:$dir/two" "$runner" thing
    was_covered
    run -126 --separate-stderr env PATH="$dir/one" "$runner" thing
    run -7 --separate-stderr env PATH=/none: "$runner" dynamic
    run -7 --separate-stderr env PATH= "$runner" dynamic
    run -127 --separate-stderr env PATH=/none "$runner" dynamic
    run -0 --separate-stderr env -u PATH "$runner" true
}

# ---- what cannot be covered

@test "programs that cannot be covered are refused by name of the reason" {
    declare -A says=(
        [i386]='wrong architecture: it is i386, 32-bit, and btns'
        [aarch64]='wrong architecture: it is aarch64, 64-bit'
        [s390]='wrong architecture: it is s390, 64-bit'
        [object]='an ELF file, but not a program'
        [headers-cut]='malformed or truncated' [segments-cut]='truncated'
        [three-bytes]='neither an ELF program nor a script' [empty]='neither an ELF program'
        [no-shebang]='neither an ELF program nor a script with #!'
    )
    for name in "${!says[@]}"; do
        for option in '' --require --prefer; do
            # shellcheck disable=SC2086
            run --separate-stderr "$runner" $option "./$name"
            echo "$name $option: $status: $stderr"
            [ "$status" -eq 126 ]
            did_not_run
            [[ $stderr == "btns-run: ./$name: "*"${says[$name]}"* ]]
        done
    done
}

@test "programs that the loader loads no shim into run under a supervisor, which says why" {
    declare -A says=(
        [static]='statically linked' [static-pie]='statically linked' [script-static]='statically linked'
        [go-note]='a Go program' [go-section]='a Go program'
    )
    for name in "${!says[@]}"; do
        for option in '' --require --prefer; do
            # shellcheck disable=SC2086
            run --separate-stderr "$runner" $option "./$name"
            echo "$name $option: $status: $stderr"
            [ "$status" -eq 7 ]
            [[ $output == "program: runs"* ]]
        done
        run --separate-stderr "$runner" --verbose "./$name"
        [[ $stderr == *"btns-run: cover: btns-run as supervisor: ${says[$name]}"* ]]
    done
    # A C library that is not there is the kernel's to miss.
    run --separate-stderr -126 "$runner" ./musl
    [ "$stderr" = "btns-run: ./musl: No such file or directory" ]
}

@test "programs that can be covered are" {
    for name in dynamic dynamic-nopie stripped go-near-miss script script-blanks \
        script-no-newline script-relative script-env chain5; do
        run --separate-stderr "$runner" "./$name"
        echo "$name: $status: $stderr"
        [ "$status" -eq 7 ]
        was_covered
    done
}

@test "scripts: the interpreter at the end of the chain counts" {
    declare -A says=(
        [script-missing]='its interpreter /no/such/interpreter cannot be executed'
        [script-directory]='its interpreter /usr/bin cannot be executed'
        [script-nothing]='names no interpreter' [script-long]='names no interpreter'
        [chain6]='too many scripts'
    )
    for name in "${!says[@]}"; do
        run --separate-stderr "$runner" "./$name"
        echo "$name: $status: $stderr"
        [ "$status" -eq 126 ]
        did_not_run
        [[ $stderr == *"${says[$name]}"* ]]
        # The kernel agrees: none of them runs by itself.
        run -126 python3 -c \
            'import os, sys
try: os.execv(sys.argv[1], sys.argv[1:])
except OSError: sys.exit(126)' "./$name"
    done
}

@test "the loader would really have run them uncovered: the refusals are right" {
    for name in static static-pie; do
        LD_PRELOAD=$shim run --separate-stderr "./$name"
        [[ $output == *"program: runs"* && $stderr != *marker* ]]
    done
}

@test "a file that was cut anywhere is never run" {
    size=$(stat -c %s tiny)
    cp tiny "$dir/cut"
    for ((n = size - 1; n >= 0; n -= 7)); do
        truncate -s "$n" "$dir/cut"
        run --separate-stderr "$runner" "$dir/cut"
        # What is cut behind the last loaded segment runs as if it were whole.
        if [ "$status" -eq 132 ]; then
            run -132 "$dir/cut"
        else
            [ "$status" -eq 126 ] || { echo "cut to $n: $status: $stderr"; return 1; }
        fi
    done
    size=$(stat -c %s dynamic)
    cp dynamic "$dir/cut"
    for ((n = 0; n < size; n += 997)); do
        head -c "$n" dynamic >"$dir/cut"
        run --separate-stderr "$runner" "$dir/cut"
        if [ "$status" -eq 7 ]; then
            run -7 "$dir/cut"
        else
            [ "$status" -eq 126 ] || { echo "cut to $n: $status: $stderr"; return 1; }
        fi
    done
}

@test "a program that may be executed but not read is refused" {
    need_root
    cp dynamic "$dir/unreadable"
    chmod 711 "$dir/unreadable"
    run -7 as_nobody "$dir/unreadable"
    run -126 --separate-stderr as_nobody "$runner" "$dir/unreadable"
    [[ $stderr == *"not readable, so it cannot be examined"* ]]
    did_not_run
}

# agree [COMMAND...]: for each privileged sample here, run by way of COMMAND: btns-run runs it
# exactly when the loader would have loaded the shim, and then it is loaded. $needless is refused too.
agree() {
    local name truth
    for name in suid-root suid-nobody sgid-other sgid-no-x cap-ep cap-p cap-none suid-script; do
        truth=$("$@" env LD_PRELOAD="$shim" "./$name" 2>/dev/null | grep -o 'secure=.') || true
        run --separate-stderr "$@" "$runner" "./$name"
        echo "$*: $name: $truth: $status: $stderr"
        case $truth$name in
        secure=0$needless) [ "$status" -eq 126 ] ;;
        secure=0*) [ "$status" -eq 7 ]; was_covered ;;
        *) [ "$status" -eq 126 ]; did_not_run ;; # or it cannot be executed at all
        esac
    done
}

@test "set-id programs and file capabilities: refused exactly when the loader would not preload" {
    need_root
    cd "$dir/privileged"
    needless=none
    agree env
    agree setpriv --reuid=65534 --regid=65534 --clear-groups
    agree setpriv --reuid=1000 --regid=12345 --clear-groups
    agree setpriv --no-new-privs
    needless=cap-p
    agree setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs
}

@test "each by its reason" {
    need_root
    cd "$dir/privileged"
    declare -A says=(
        [suid-root]='set-user-ID (it would run as user 0)' [cap-ep]='file capabilities'
        [sgid-other]='set-group-ID (it would run as group 12345)' [cap-p]='file capabilities'
    )
    for name in "${!says[@]}"; do
        run -126 --separate-stderr as_nobody "$runner" "./$name"
        [[ $stderr == *"./$name: "*"${says[$name]}"*"btns-run(1), LIMITS"* ]]
    done
}

@test "any program is refused while real and effective ids differ" {
    need_root
    ldd "$runner" | grep -q libasan && skip "the leak checker does not work with such ids"
    for option in --euid=65534 '--egid=65534 --clear-groups'; do
        # shellcheck disable=SC2086
        run -126 --separate-stderr setpriv $option "$runner" ./dynamic
        [[ $stderr == *"other effective than real ids"* ]]
        did_not_run
    done
}

@test "on a file system mounted nosuid such bits are no obstacle" {
    need_root
    mkdir "$dir/nosuid"
    export -f make_privileged_samples agree as_nobody was_covered did_not_run run
    run unshare -m bash -c '
        mount -t tmpfs -o nosuid,mode=755 none "$1/nosuid" || exit 99
        make_privileged_samples "$1/nosuid"
        cd "$1/nosuid"
        for name in suid-root suid-nobody sgid-other cap-ep cap-p; do
            out=$(setpriv --reuid=1000 --regid=1000 --clear-groups "$1/bin/btns-run" "./$name" 2>&1)
            [ "$out" = "marker: loaded
program: runs, secure=0" ] || { echo "$name: $out"; exit 1; }
        done' - "$dir"
    echo "$output"
    [ "$status" -ne 99 ] || skip "cannot mount here"
    [ "$status" -eq 0 ]
}

# ---- the shim

# A btns-run of its own in DIRECTORY, without a shim.
lonely_runner() {
    mkdir -p "$1"
    cp "$runner" "$1/btns-run"
}

@test "the shim is missing: 125, also with --prefer" {
    [ ! -e /usr/lib/btns/libbtns-shim.so ] || skip "btns is installed on this machine"
    lonely_runner "$dir/lonely"
    for option in '' --prefer; do
        # shellcheck disable=SC2086
        run --separate-stderr -125 "$dir/lonely/btns-run" $option ./dynamic
        did_not_run
        [[ $stderr == *"the shim libbtns-shim.so is neither beside btns-run"*"install btns again" ]]
    done
}

@test "the shim of an installation, by its place relative to btns-run" {
    lonely_runner "$dir/prefix/bin"
    mkdir -p "$dir/prefix/lib/btns"
    cp "$shim" "$dir/prefix/lib/btns"
    ln -s "$dir/prefix/bin/btns-run" "$dir/link-to-btns-run"
    run --separate-stderr -0 "$dir/link-to-btns-run" printenv LD_PRELOAD
    [ "$output" = "$dir/prefix/lib/btns/libbtns-shim.so" ]
}

@test "a shim that the loader would ignore is 125" {
    declare -A shims=(
        [empty]='is damaged' [three-bytes]='is damaged' [segments-cut]='is damaged'
        [aarch64]='is damaged or of another architecture' [static]='is damaged' [object]='is damaged'
    )
    lonely_runner "$dir/bad"
    for name in "${!shims[@]}"; do
        cp "$name" "$dir/bad/libbtns-shim.so"
        for option in '' --prefer; do
            # shellcheck disable=SC2086
            run --separate-stderr "$dir/bad/btns-run" $option ./dynamic
            echo "$name $option: $status: $stderr"
            [ "$status" -eq 125 ]
            did_not_run
            [[ $stderr == *"${shims[$name]}"* ]]
        done
    done
    rm "$dir/bad/libbtns-shim.so"
    mkdir "$dir/bad/libbtns-shim.so"
    run --separate-stderr -125 "$dir/bad/btns-run" ./dynamic
    [[ $stderr == *"is not a regular file"* ]]
}

@test "a shim that the user cannot read is 125" {
    need_root
    lonely_runner "$dir/private"
    cp "$shim" "$dir/private"
    chmod 600 "$dir/private/libbtns-shim.so"
    run --separate-stderr -125 as_nobody "$dir/private/btns-run" ./dynamic
    [[ $stderr == *"is not readable"* ]]
    did_not_run
}

@test "a path that LD_PRELOAD cannot carry is 125" {
    for name in 'with space' 'with:colon' 'with$ORIGIN'; do
        lonely_runner "$dir/$name"
        cp "$shim" "$dir/$name"
        run --separate-stderr -125 "$dir/$name/btns-run" ./dynamic
        [[ $stderr == *"has a space, a colon or a dollar sign in its path"* ]]
        did_not_run
        # The loader indeed would not have found it.
        LD_PRELOAD="$dir/$name/libbtns-shim.so" run --separate-stderr ./dynamic
        [[ $stderr != *"marker: loaded"* ]]
    done
}

@test "a shim on a file system mounted noexec is 125" {
    need_root
    mkdir "$dir/noexec"
    run unshare -m bash -c '
        mount -t tmpfs -o noexec,mode=755 none "$1/noexec" || exit 99
        cp "$1/bin/libbtns-shim.so" "$1/noexec/"
        mkdir "$1/for-noexec"
        cp "$1/bin/btns-run" "$1/for-noexec/"
        ln -s "$1/noexec/libbtns-shim.so" "$1/for-noexec/"
        LD_PRELOAD="$1/noexec/libbtns-shim.so" ./dynamic 2>&1 | grep "marker: loaded" && exit 1
        exec "$1/for-noexec/btns-run" ./dynamic' - "$dir"
    echo "$output"
    [ "$status" -ne 99 ] || skip "cannot mount here"
    [ "$status" -eq 125 ]
    [[ $output == *"cannot be mapped for execution"* ]]
}

# ---- btnsd

@test "btnsd is away: 125 and what to do; with --prefer a warning" {
    stop_mock
    export BTNS_SOCKET_PATH=$dir/none
    for option in '' --require; do
        # shellcheck disable=SC2086
        run --separate-stderr -125 "$runner" $option ./dynamic
        did_not_run
        [ "$stderr" = "btns-run: btnsd is not running (no $dir/none): systemctl start btnsd, or run btnsd as root" ]
    done
    run --separate-stderr -7 "$runner" --prefer ./dynamic
    [[ $stderr == "btns-run: warning: what the program sends may go in the clear: btnsd is not running"* ]]
    was_covered
    run --separate-stderr -7 "$runner" --prefer ./static
}

@test "a btnsd that answers nonsense is as good as none" {
    for script in break={short,long,tiny,version,id,type,other-type,close} scene=refusing; do
        another_mock "$script"
        run --separate-stderr "$runner" ./dynamic
        echo "$script: $status: $stderr"
        [ "$status" -eq 125 ]
        did_not_run
        run --separate-stderr "$runner" --prefer ./dynamic
        [ "$status" -eq 7 ]
        [[ $stderr == *"warning: "* ]]
    done
}

@test "no permission to use the socket is 125" {
    need_root
    chmod 700 "$mock_dir"
    run --separate-stderr -125 as_nobody "$runner" ./dynamic
    [[ $stderr == *"no permission"* ]]
}

# ---- --policy

@test "--policy: the text is submitted as it is, the handle handed on" {
    printf 'first\nsecond' >"$dir/policy"
    run --separate-stderr -0 "$runner" --policy "$dir/policy" printenv BTNS_POLICY
    [ "$output" = abcdef0123456789 ]
    grep -A 1 '^POLICY' "$asked" | diff - <(printf 'POLICY version=1 len=20 text=first\nsecond\n')
    run --separate-stderr -0 bash -c '"$0" --policy <(echo piped) printenv BTNS_POLICY' "$runner"
    grep -q 'text=piped' "$asked"
}

@test "--policy: what btnsd refuses is 125 with file, line and reason, also with --prefer" {
    printf 'broken {\n' >"$dir/policy"
    for option in '' --prefer; do
        # shellcheck disable=SC2086
        run --separate-stderr -125 "$runner" $option --policy "$dir/policy" ./dynamic
        did_not_run
        [[ $stderr == *"$dir/policy: "*"policy:3: a section is not closed"* ]]
    done
}

@test "--policy: a file that is missing, unreadable, a directory or too large is 125" {
    run --separate-stderr -125 "$runner" --policy "$dir/none" ./dynamic
    [[ $stderr == *"$dir/none: No such file or directory"* ]]
    run --separate-stderr -125 "$runner" --policy "$dir" ./dynamic
    [[ $stderr == *"Is a directory"* ]]
    head -c 65536 /dev/zero | tr '\0' a >"$dir/policy"
    run --separate-stderr -7 "$runner" --policy "$dir/policy" ./dynamic
    echo >>"$dir/policy"
    run --separate-stderr -125 "$runner" --policy "$dir/policy" ./dynamic
    [[ $stderr == *"larger than 65536 bytes"* ]]
    did_not_run
    run --separate-stderr -125 timeout 200 "$runner" --policy /dev/zero ./dynamic
    need_root
    chmod 600 "$dir/policy"
    run --separate-stderr -125 as_nobody "$runner" --policy "$dir/policy" ./dynamic
    [[ $stderr == *"Permission denied"* ]]
}

@test "--policy with btnsd away is 125 even with --prefer" {
    stop_mock
    echo rules >"$dir/policy"
    run --separate-stderr -125 "$runner" --prefer --policy "$dir/policy" ./dynamic
    did_not_run
    [[ $stderr != *warning* ]]
}

# ---- sockets that were there before

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

# ---- work that others do

# starters NAME...: programs of these names, first in PATH
starters() {
    local name
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    for name; do cp "$samples/dynamic" "$BATS_TEST_TMPDIR/bin/$name"; done
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# work COMMAND...: what --check says of who does its work
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

@test "names cannot forge a line" {
    cp object $'evil\nbtns-run: all is well\033[2J'
    run --separate-stderr -126 "$runner" ./evil*
    [[ $stderr == *'evil\x0abtns-run: all is well\x1b[2J: an ELF file'* ]]
    [ "${#stderr_lines[@]}" -eq 1 ]
}
