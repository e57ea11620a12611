#!/usr/bin/env bats
# btns-run: which programs it covers, and which it refuses for which reason; where its shim is, and faults of a shim.
bats_require_minimum_version 1.5.0

load run/common

# ---- programs that cannot be covered

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
    # A missing C library is left to the kernel to report.
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
        # A file cut behind its last loaded segment runs as if it were whole.
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
