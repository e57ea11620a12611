#!/usr/bin/env bats
# Directories of policy files: order, owners, number and size.

load common

@test "files are read in the order of their names, and files with other names are ignored (O11)" {
    policy_dir
    put 10-b.conf second
    put 9.conf last
    put 10-a.conf first
    put .hidden.conf hidden
    put 20.conf~ backup
    put README readme
    put .conf nameless
    dump "$dir"
    [[ $status -eq 0 && ${#lines[@]} -eq 3 ]]
    [[ ${lines[0]} == "10-a.conf:4 p/first "* && ${lines[1]} == "10-b.conf:4 p/second "* ]]
    [[ ${lines[2]} == "9.conf:4 p/last "* ]]
    run "$UNIT/rules/ask/decide" "$dir" connect /usr/bin/p - 10.0.0.1:80
    [[ $output == "p/first:bypass" ]]
}

@test "a profile serves all files, and only one file may define it (O17, O64)" {
    policy_dir
    printf 'format = 1\nprofile "x" { timeout = 7 }\n' >"$dir/50.conf"
    put 10.conf r 'protect profile = x'
    dump "$dir"
    [[ $status -eq 0 && $output == *"profile=x(aes256gcm16,known-key,7000)"* ]]
    printf 'format = 1\n\nprofile "x" { timeout = 8 }\n' >"$dir/60.conf"
    refuses "$dir" "$dir/60.conf:3: profile \"x\" is already defined at $dir/50.conf:2"
    rm "$dir/50.conf" "$dir/60.conf"
    refuses "$dir" "$dir/10.conf:4: there is no profile \"x\": define it, in any file"
    printf 'format = 1\nprofile "default" { }\n' >"$dir/05.conf"
    refuses "$dir" "$dir/10.conf:4: there is no profile \"x\": define it, in any file"
}

@test "one bad file refuses the whole directory" {
    policy_dir
    put 10.conf
    put 20.conf r nonsense
    put 30.conf
    refuses "$dir" "$dir/20.conf:4: action \"nonsense\" is not known: write bypass, prefer, protect, discard, log, sign, random-port or no-downgrade"
    printf 'format = 1\nprogram "p" {\n' >"$dir/20.conf"
    refuses "$dir" "$dir/20.conf:2: this program is never closed: \"}\" is missing"
    printf 'format = 1\nprogram "p" { match = { "*" } }\n' >"$dir/20.conf" # 30.conf has its closing brace
    refuses "$dir" "$dir/20.conf:2: program \"p\" has no rules"
}

@test "an empty directory gives no rules, a missing one is an error" {
    policy_dir
    dump "$dir"
    [[ $status -eq 0 && -z $output ]]
    refuses "$dir/none" "$dir/none: no such directory"
    refuses "$dir/none/deeper" "$dir/none: no such directory"
}

@test "the directory's path is absolute and has no links or files in it" {
    policy_dir
    ln -s "$dir" "$dir/../link"
    refuses "${dir%/*}/link" "${dir%/*}/link: is a symbolic link: name the real directory"
    ln -s .. "$dir/up"
    refuses "$dir/up/policy.d" "$dir/up: is a symbolic link: name the real directory"
    put file
    refuses "$dir/file/x" "$dir/file: Not a directory"
    cd "$dir/.."
    refuses policy.d "policy.d: not an absolute path"
}

@test "links, directories, FIFOs, sockets and devices are no policy files" {
    policy_dir
    put real
    ln -s real "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is a symbolic link, not a regular file"
    rm "$dir/a.conf" && ln -s nowhere "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is a symbolic link, not a regular file"
    rm "$dir/a.conf" && mkdir "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is a directory, not a regular file"
    rmdir "$dir/a.conf" && mkfifo "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is a FIFO, not a regular file"
    rm "$dir/a.conf"
    python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is not a regular file"
    rm "$dir/a.conf" && mknod "$dir/a.conf" c 1 5
    refuses "$dir" "$dir/a.conf: is a device, not a regular file"
}

@test "files must be root's, and writable for nobody else (O5, O7)" {
    policy_dir
    put a.conf
    chmod 0664 "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: can be written by group or others (mode 0664): chmod go-w it"
    chmod 0602 "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: can be written by group or others (mode 0602): chmod go-w it"
    chmod 0644 "$dir/a.conf"
    chown 65534 "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: belongs to user 65534, not to root"
    chown 0:65534 "$dir/a.conf"
    chmod 0400 "$dir/a.conf"
    dump "$dir"
    [[ $status -eq 0 ]]
}

@test "the directory and every one above it must be root's too, sticky or not" {
    policy_dir
    put a.conf
    local parent=${dir%/*}
    chmod 0775 "$dir"
    refuses "$dir" "$dir: can be written by group or others (mode 0775): chmod go-w it"
    chmod 0755 "$dir"
    chmod 1777 "$parent"
    refuses "$dir" "$parent: can be written by group or others (mode 1777): chmod go-w it"
    chmod 0755 "$parent"
    chown 65534 "$parent"
    refuses "$dir" "$parent: belongs to user 65534, not to root"
    chown 0 "$parent"
    chown 65534 "$dir"
    refuses "$dir" "$dir: belongs to user 65534, not to root"
}

@test "sizes of files are bounded, one by one and together" {
    policy_dir
    local i
    { echo 'format = 1'; yes '# filler'; } | head -c 65537 >"$dir/a.conf"
    refuses "$dir" "$dir/a.conf: larger than 65536 octets"
    truncate -s 1G "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: larger than 65536 octets"
    { echo 'format = 1'; yes '# filler'; } | head -c 65535 >"$dir/a.conf"
    echo >>"$dir/a.conf"
    for ((i = 0; i < 63; i++)); do cp "$dir/a.conf" "$dir/b$i.conf"; done
    dump "$dir"
    [[ $status -eq 0 ]]
    echo 'format = 1' >"$dir/z.conf"
    refuses "$dir" "$dir/z.conf: with it the policy files are larger than 4194304 octets"
}

@test "the number of files and the length of their names are bounded" {
    policy_dir
    local i long
    for ((i = 0; i < 256; i++)); do echo 'format = 1' >"$dir/$i.conf"; done
    dump "$dir"
    [[ $status -eq 0 ]]
    echo 'format = 1' >"$dir/more.conf"
    refuses "$dir" "$dir: more than 256 policy files"
    rm "$dir"/*
    long=$(printf '%*s' $((251 - ${#dir})) '' | tr ' ' x)
    echo 'format = 1' >"$dir/$long.conf"
    refuses "$dir" "$dir/$long.conf: the path is longer than 255 octets"
}

@test "a file's name cannot contain control characters for a terminal" {
    policy_dir
    put $'a\e[31m.conf'
    refuses "$dir" "$dir/a?[31m.conf: its name has more than printable ASCII characters"
}

@test "ten thousand rules load in far less time than the reader's limit" {
    policy_dir
    local f r
    for f in {100..199}; do
        {
            printf 'format = 1\nprogram "p%s" {\n match = { "/usr/bin/p%s" }\n' "$f" "$f"
            for r in {1..100}; do
                printf ' rule "r%s" { at = connect remote = { "10.%s.0.0/16" } port = { %s } action = protect }\n' "$r" "$r" "$r"
            done
            echo '}'
        } >"$dir/$f.conf"
    done
    local TIMEFORMAT=%U ms
    ms=$({ time "$UNIT/rules/compile/dump" "$dir" >"$BATS_TEST_TMPDIR/out"; } 2>&1)
    echo "CPU time: $ms s"
    [[ $(wc -l <"$BATS_TEST_TMPDIR/out") -eq 10000 ]]
    [[ 10#${ms/./} -lt 2000 ]]
    run "$UNIT/rules/ask/decide" "$dir" connect /usr/bin/p199 - 10.100.1.1:100
    [[ $output == "p199/r100:protect" ]]
}
