# The shim without btnsd, or with one whose answers are malformed: it fails closed, and says what to do.

bats_require_minimum_version 1.5.0
load helpers

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
