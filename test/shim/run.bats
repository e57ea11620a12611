#!/usr/bin/env bats
# btns-run: its options, how it finds and runs a program, the environment of the program and the shim; btnsd and
# --policy.
bats_require_minimum_version 1.5.0

load run/common

# ---- lists that must agree

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
    [[ $stderr == "btns-run: warning: the program's traffic may go in the clear: btnsd is not running"* ]]
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

# ---- its output

@test "names cannot forge a line" {
    cp object $'evil\nbtns-run: all is well\033[2J'
    run --separate-stderr -126 "$runner" ./evil*
    [[ $stderr == *'evil\x0abtns-run: all is well\x1b[2J: an ELF file'* ]]
    [ "${#stderr_lines[@]}" -eq 1 ]
}
