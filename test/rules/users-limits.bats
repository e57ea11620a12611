#!/usr/bin/env bats
# Limits of users' own policies: number, size, frequency of changes; and stored files that cannot be used.

load authors

# submits UID COUNT [HANDLE]: submits COUNT policies as btns-run --policy does; prints the last handle. With HANDLE: is
# it still known?
submits() {
    setpriv --reuid="$1" --regid="$1" --clear-groups /usr/bin/python3 - "$place/socket" "${@:2}" <<'END'
import socket, struct, sys
path, count, handle = sys.argv[1], int(sys.argv[2]), int((sys.argv[3:] or ["0"])[0])
def ask(kind, body):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(path)
    s.send(struct.pack("=HHI", 1, kind, 7) + body)
    return s.recv(65536)
text = b'format = 1 program "p" { match = "*" rule "r" { action = discard } }'
for _ in range(count):
    error, _, handle = struct.unpack("=IIQ", ask(7, text)[8:24])
    if error: sys.exit(f"error {error}")
if count: print(handle)
else:
    address = struct.pack("=HHI16s", 2, 80, 0, bytes([10, 0, 0, 2]) + bytes(12))
    verdict = ask(6, struct.pack("=IIQ", 0, 6, handle) + address + b"/bin/true".ljust(1024, b"\0"))
    print(struct.unpack("=II", verdict[8:16])[1])
END
}

# spoil_stored_policy: 4001 and 4002 have stored a policy; the next btnsd finds 4001's file malformed
spoil_stored_policy() {
    serve
    mine bypass
    as 4001 policy add "$place/mine.conf"
    as 4002 policy add "$place/mine.conf"
    stop
    echo 'what is this' >>"$place/state/users/4001/mine.conf"
    start
}

@test "a user who submits policies without end does not use up other users' room (O49)" {
    serve
    kept=$(submits 4002 1)
    [[ -n $kept && $(submits 4002 0 "$kept") == 13 ]]
    own=$(submits 4001 1)
    submits 4001 300 >/dev/null
    echo "4002's: $(submits 4002 0 "$kept"), 4001's first: $(submits 4001 0 "$own")"
    [[ $(submits 4002 0 "$kept") == 13 && $(submits 4001 0 "$own") == 2 ]]
    # No other user can use it.
    [[ $(submits 4001 0 "$kept") == 2 ]]
}

@test "the cost of compiling a user's policies is bounded, and the administrator's are not (O49)" {
    serve
    many() { # many N TEXT: writes TEXT N times, with %d counted
        printf 'format = 1\n%s\nprogram "many" { match = "*"\n%s\n}\n' "${3-}" "$(for ((i = 1; i <= $1; i++)); do printf "$2\n" "$i" "$i"; done)" >"$place/many.conf"
        chmod 644 "$place/many.conf"
    }
    many 512 'rule r%d { port = %d action = bypass }'
    as 4001 policy add "$place/many.conf"
    [[ $status -eq 0 ]]
    many 513 'rule r%d { port = %d action = bypass }'
    as 4001 policy add "$place/many.conf"
    [[ $status -eq 1 && $output == *"a user's policies can have 512 rules in all"* ]]
    cp "$place/many.conf" "$place/policy/60-many.conf"
    as 0 reload
    [[ $status -eq 0 ]]
    many 1 'rule r%d { port = %d action = bypass }' "$(printf 'profile q%d { } ' {1..65})"
    as 4001 policy add "$place/many.conf"
    [[ $status -eq 1 && $output == *"a user's policies can have 64 profiles in all"* ]]
    many 5 'rule r%d { port = %d remote = "@g" action = bypass }' "group g { hosts = { $(printf '"10.1.%d.1", ' {1..250} {1..250} {1..250} {1..100} | sed 's/, $//') } }"
    as 4001 policy add "$place/many.conf"
    [[ $status -eq 1 && $output == *"many:8: all groups in use come to more than 4096 values"* ]]
    decides 4001 10.0.0.2 r80
}

@test "a user's endless changes are delayed, and other users' are not (O49)" {
    serve
    run setpriv --reuid=4001 --regid=4001 --clear-groups bash -c 'for ((i = 0; i < 400; i++)); do "$1" policy block --all || exit; done' sh "$ctl"
    echo "$output"
    [[ $status -eq 1 && $output == *"policy block for user 4001: failed: too many changes of this user's: wait a little" ]]
    as 4002 policy block --all
    [[ $status -eq 0 ]]
    # The delay passes.
    until setpriv --reuid=4001 --regid=4001 --clear-groups "$ctl" policy unblock --all; do sleep 0.2; done
}

@test "number and size of a user's policies are bounded (O49)" {
    serve
    local i
    mine bypass
    for i in {1..16}; do
        as 4001 policy add --name "p$i" "$place/mine.conf"
        [[ $status -eq 0 ]]
    done
    as 4001 policy add --name p17 "$place/mine.conf"
    [[ $status -eq 1 && $output == *"as many as a user may (limit policies)"* ]]
    as 4001 policy add --name p16 "$place/mine.conf"
    [[ $status -eq 0 ]]
    { cat "$place/mine.conf"; yes '# filler' | head -c 65000; echo; } >"$place/large.conf"
    for i in {1..4}; do as 4002 policy add --name "p$i" "$place/large.conf"; done
    [[ $status -eq 1 && $output == *"262144 octets together" ]] || {
        as 4002 policy add --name p5 "$place/large.conf"
        [[ $status -eq 1 && $output == *"262144 octets together" ]]
    }
}

@test "if a user's stored files cannot be used, that user's requests are refused, and other users do not notice (O34)" {
    spoil_stored_policy
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $status -eq 3 && $output == *"your stored policies cannot be used"* ]]
    decides 4002 10.0.0.2 own
    as 4001 policy list
    [[ $output == *"cannot be used"*mine:* ]]
    as 4001 policy add --name other "$place/mine.conf"
    [[ $status -eq 1 && $output == *"remove what cannot be used first"* ]]
    as 4001 policy remove mine
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 habit
}

@test "stored policies are read when a program of their user first asks, and that waits for it (O34)" {
    spoil_stored_policy
    decides 4002 10.0.0.2 own
    [[ $(<"$place/log") != *"user 4001's stored policies cannot be used"* ]]
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"your stored policies cannot be used"* ]]
    [[ $(<"$place/log") == *"user 4001's stored policies cannot be used"* ]]
    stop
    start
    as 0 policy list --user 4002
    [[ $status -eq 0 && $output == *mine* && $output != *"not read yet"* ]]
}
