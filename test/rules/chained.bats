#!/usr/bin/env bats
# Chained actions, sign and random-port: which authors may use them, what they need, how keys are read.
bats_require_minimum_version 1.5.0

setup() {
    [[ $EUID -eq 0 ]] || skip "must be root to own keys and policy files"
    build=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}
    place=$(mktemp -d /run/btns-chained.XXXXXX) # not in /tmp, which everybody can write
    dir=$place/policy.d key=$place/keys/key
    mkdir "$dir" "$place/keys"
    secret "a secret of two"
}
teardown() { [[ -z ${place-} ]] || rm -rf "$place"; }

secret() { printf '%s\n' "$1" >"$key"; chmod 600 "$key"; }
# put [RULE...]: a file of the administrator's, a rule a line, from line 3 on
put() { { printf 'format = 1\nprogram "p" { match = "/usr/bin/p"\n'; printf '  rule %s\n' "$@"; echo '}'; } >"$dir/p.conf"; }
signing() { echo "\"${2-r}\" { remote = 10.0.0.1  action = sign  sign-key = \"$key\"  ${1-} }"; }

refused() { # refused LINE REASON: the whole message
    run "$build/unit/rules/compile/dump" "$dir"
    echo "$output"; echo "wanted: $dir/p.conf:$1: $2"
    [[ $status -eq 1 && $output == "$dir/p.conf:$1: $2" ]]
}
taken() { run "$build/unit/rules/compile/dump" "$dir"; echo "$output"; [[ $status -eq 0 ]]; }

@test "sign alone means bypass and sign; it can be combined with protect, and with a random port (O8, O43)" {
    put "$(signing)" \
        "\"b\" { at = connect  remote = { 10.0.0.2, \"fd00::/64\" }  sign-key = \"$key\"  action = { random-port, protect, sign } }"
    taken
    [[ ${lines[0]} == "p.conf:3 p/r at=connect,accept bypass,sign($key) remote=10.0.0.1/32 match=/usr/bin/p" ]]
    [[ ${lines[1]} == "p.conf:4 p/b at=connect protect,sign($key),random-port profile=default"* ]]
}

@test "sign needs a key and named peers, a key needs sign; each fault is reported with its line (O43, O87)" {
    put '"r" { remote = 10.0.0.1  action = sign }'
    refused 3 'action sign needs a key: write sign-key = "FILE"'
    put "\"r\" { remote = 10.0.0.1  action = bypass  sign-key = \"$key\" }"
    refused 3 'sign-key is for action sign alone: leave it out, or add sign'
    put "\"r\" { action = sign  sign-key = \"$key\" }"
    refused 3 'action sign needs a remote: a key is for peers that are named, not for everybody'
    put "\"r\" { remote = { 10.0.0.1, \"::/0\" }  action = sign  sign-key = \"$key\" }"
    refused 3 'action sign needs a remote: a key is for peers that are named, not for everybody'
    put "\"r\" { remote = 10.0.0.1  action = { discard, sign }  sign-key = \"$key\" }"
    refused 3 'action discard lets nothing through: leave sign out'
    put "\"r\" { remote = 10.0.0.1  action = { sign, sign }  sign-key = \"$key\" }"
    refused 3 'action sign twice: keep one'
    put "\"r\" { remote = 10.0.0.1  protocol = udp  action = sign  sign-key = \"$key\" }"
    refused 3 'sign and random-port are about connections of TCP: write protocol = tcp'
}

@test "no-downgrade goes with prefer alone" {
    put '"r" { at = connect  action = { prefer, no-downgrade } }' '"s" { port = 1  action = { no-downgrade, log, prefer } }'
    taken
    [[ ${lines[0]} == "p.conf:3 p/r at=connect prefer,no-downgrade profile=default"* ]]
    local wrong='action no-downgrade goes with prefer alone: it is for what may go in the clear to peers that are not known'
    for action in '{ protect, no-downgrade }' no-downgrade '{ bypass, no-downgrade }' '{ no-downgrade, discard }'; do
        put "\"r\" { action = $action }"
        refused 3 "$wrong"
    done
    put '"r" { action = { prefer, no-downgrade, no-downgrade } }'
    refused 3 'action no-downgrade twice: keep one'
}

@test "a mandatory rule signs, or takes a random port, only with protect, because the kernel cannot enforce either (O73)" {
    put "$(signing 'mandatory = true reason = "so"')"
    refused 3 'action sign in a mandatory rule goes with protect alone: the kernel can hold no program to it that has no shim'
    put '"r" { at = connect  action = { prefer, random-port }  mandatory = true  reason = "so" }'
    refused 3 'action random-port in a mandatory rule goes with protect alone: the kernel can hold no program to it that has no shim'
    put "\"r\" { remote = 10.0.0.1  action = { protect, sign }  sign-key = \"$key\"  mandatory = true  reason = \"so\" }"
    taken
}

@test "a key's file is root's, for root alone, and holds 1 to 80 octets (O6, O87)" {
    put "$(signing)"
    chmod 640 "$key"; refused 3 "sign-key $key: can be read by its group: chmod 600 it"
    chmod 604 "$key"; refused 3 "sign-key $key: can be read by others: chmod 600 it"
    chmod 620 "$key"; refused 3 "sign-key $key: can be written by group or others (mode 0620): chmod go-w it"
    chmod 600 "$key"; chown 65534 "$key"; refused 3 "sign-key $key: belongs to user 65534, not to root"
    rm "$key"; refused 3 "sign-key $key: No such file or directory"
    ln -s /etc/shadow "$key"; refused 3 "sign-key $key: is a symbolic link"
    rm "$key"; mkdir "$key"; refused 3 "sign-key $key: is a directory, not a regular file"
    rmdir "$key"; mkfifo -m 600 "$key"; refused 3 "sign-key $key: is a FIFO, not a regular file"
    rm "$key"
    local octets=0123456789012345678901234567890123456789012345678901234567890123456789012345678
    secret ''; refused 3 "sign-key $key: a key is 1 to 80 octets, and none of them 0"
    printf 'a\0b\n' >"$key"; refused 3 "sign-key $key: a key is 1 to 80 octets, and none of them 0"
    secret "${octets}9X"; refused 3 "sign-key $key: a key is 1 to 80 octets, and none of them 0"
    secret "${octets}9"; taken
    secret x; taken
    chmod 777 "$place/keys"; refused 3 "sign-key $place/keys: can be written by group or others (mode 0777): chmod go-w it"
}

# ao [LINE...]: the file holds these lines
ao() { printf '%s\n' "$@" >"$key"; chmod 600 "$key"; }

@test "auth = ao: a rule's keys of TCP-AO, and every fault of their file by its line, unquoted (T10, O43, O87)" {
    put "$(signing 'auth = ao')"
    ao '# with 10.0.0.1' 'current 1 1 hmac-sha-1-96 topsecret' 'next 2 2 aes-128-cmac-96 also secret'
    taken
    [[ ${lines[0]} == "p.conf:3 p/r at=connect,accept bypass,sign(ao $key) remote=10.0.0.1/32 match=/usr/bin/p" ]]
    put "$(signing 'auth = md5')" # also the default
    secret x; taken
    [[ ${lines[0]} == *"sign($key)"* ]]
    put "$(signing 'auth = sha1')"
    refused 3 'auth "sha1" is not known: write md5 or ao'
    put "\"r\" { remote = 10.0.0.1  action = bypass  auth = ao }"
    refused 3 'auth is for action sign alone: leave it out, or add sign'
    put "$(signing 'auth = ao')"
    ao 'current 1 1 topsecret'; refused 3 "sign-key $key: line 1: the fourth word is hmac-sha-1-96 or aes-128-cmac-96"
    ao 'also 1 1 hmac-sha-1-96 topsecret'; refused 3 "sign-key $key: no key is current: write a line \`current SEND-ID RECEIVE-ID ALGORITHM SECRET'"
    ao 'current 1 1 hmac-sha-1-96 topsecret' 'next 1 2 hmac-sha-1-96 topsecret'
    refused 3 "sign-key $key: line 2: another line has this send or receive ID (RFC 5925, section 3.1)"
    ao 'current 1 1 hmac-sha-1-96 topsecret'; chmod 640 "$key"; refused 3 "sign-key $key: can be read by its group: chmod 600 it"
}

@test "auth: md5 and ao with one file's octets are not the same rule (O34)" {
    ao 'current 1 1 hmac-sha-1-96 topsecret'
    put "$(signing 'auth = ao')"
    sed 's/auth = ao/auth = md5/' "$dir/p.conf" >"$dir/q.conf"
    run "$build/unit/rules/compile/dump" "$dir"
    echo "$output"
    [[ $status -eq 1 && $output == "$dir/q.conf:3: rule \"r\" (bypass, sign) conflicts with \"r\" (bypass, sign) at $dir/p.conf:3: "* ]]
    cp "$key" "$key.too"; cp "$dir/p.conf" "$dir/q.conf"; sed -i "s|$key|$key.too|" "$dir/q.conf"
    taken
    sed -i s/topsecret/othersecret/ "$key.too"
    run -1 "$build/unit/rules/compile/dump" "$dir"
}

@test "btnsctl check: auth = ao on a kernel without TCP-AO is an error that names the kernel (T10, Ui)" {
    ao 'current 1 1 hmac-sha-1-96 topsecret'
    put "$(signing 'port = 179  auth = ao')"
    answer=$(python3 -c 'import errno, os, socket
try: socket.socket().getsockopt(6, 40, 48)
except OSError as e: print(errno.errorcode[e.errno])')
    run "$build/btnsctl" check "$dir/p.conf"
    echo "$answer; $output"
    if [[ $answer == ENOPROTOOPT ]]; then
        [[ $status -eq 1 && $output == *"p.conf:3: error: Ui ao: connections of this rule will be refused: the running kernel, $(uname -r), has no TCP-AO: Linux 6.7 or later is needed, built with CONFIG_TCP_AO"* ]]
    else
        [[ $output != *"Ui ao"* ]]
    fi
    [[ $output != *topsecret* ]]
}

@test "chained actions count: another key is a conflict, the same one in two files is none (O34)" {
    put "$(signing)"
    cp "$key" "$key.too"
    sed "s|$key|$key.too|" "$dir/p.conf" >"$dir/q.conf"
    taken
    echo other >"$key.too"
    run "$build/unit/rules/compile/dump" "$dir"
    echo "$output"
    [[ $status -eq 1 && $output == "$dir/q.conf:3: rule \"r\" (bypass, sign) conflicts with \"r\" (bypass, sign) at $dir/p.conf:3: "* ]]
    sed -i "s|action = sign.*}|action = bypass }|" "$dir/q.conf"
    run "$build/unit/rules/compile/dump" "$dir"
    [[ $status -eq 1 && $output == *'(bypass) conflicts with "r" (bypass, sign)'* ]]
}

# found: LINE CODE CHECK TEXT of each finding of the file
found() { "$build/btnsctl" check --offline --json "$dir/p.conf" | python3 "$BATS_TEST_DIRNAME/../ctl/lint/found.py"; }

@test "btnsctl check: a key for more than one peer is a warning, a key that cannot be read is an error (O87, Uf)" {
    put "$(signing 'port = 179')"
    [[ -z $(found) ]]
    put "\"r\" { remote = { 10.0.0.1, \"fd00::1\" }  port = 179  action = sign  sign-key = \"$key\" }"
    [[ -z $(found) ]] # one host's two addresses
    put "\"r\" { remote = 10.0.0.0/30  port = 179  action = sign  sign-key = \"$key\" }"
    [[ $(found) == '3 Uf shared-key 10.0.0.0/30' ]]
    cp "$key" "$key.too"
    put "$(signing 'port = 179')" "\"s\" { remote = 10.0.0.2  port = 179  action = sign  sign-key = \"$key.too\" }"
    found
    [[ $(found) == "3 Uf shared-key \"$key\""$'\n'"4 Uf shared-key \"$key.too\"" ]]
    run -1 "$build/btnsctl" check --offline "$dir/p.conf"
    [[ $output == *'the key in '"$key"' is another peer'"'"'s as well (rule "s", '"$dir"'/p.conf:4)'* ]]
    [[ $output != *secret* ]]
    rm "$key"
    run -1 "$build/btnsctl" check --offline "$dir/p.conf"
    [[ $output == *"p.conf:3: error: refused: sign-key $key: No such file or directory"* ]]
}

@test "the manual page's example of sign is a good policy, with no finding" {
    awk '/^\.EX/ { on = 1; text = ""; next } /^\.EE/ { on = 0; if (text ~ /sign-key/) printf "%s", text } on { text = text $0 "\n" }' \
        "$BATS_TEST_DIRNAME/../../policy.d/btns-rules.5" | sed "s|\"/etc/btns/keys/[^\"]*\"|\"$key\"|" >"$dir/p.conf"
    taken
    [[ ${#lines[@]} -eq 1 && ${lines[0]} == *"sign($key)"* && -z $(found) ]]
}
