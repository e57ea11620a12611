#!/usr/bin/env bats
# A host's SPD after the start of btnsd, whatever else is wrong: the entries of mandatory rules come first.
bats_require_minimum_version 1.5.0

setup() {
    [[ $EUID -eq 0 ]] || skip "must be root to make a host"
    export BTNS_BUILD=$(readlink -f "${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}")
}

# booted: runs standard input on a host of its own
booted() {
    { cat "$BATS_TEST_DIRNAME/boot.bash"; echo 'set -e'; cat; } >"$BATS_TEST_TMPDIR/script"
    timeout 240 unshare -n -m --propagation private bash "$BATS_TEST_TMPDIR/script"
}

@test "mandatory rules are in the SPD although btnsd cannot start, and it says what to do" {
    booted <<'END'
fails() { # WHAT TEXT: btnsd ends, says TEXT once, and the entries stand
    echo "--- $1"
    not start
    wait "$btnsd" && exit 1
    says "$2"
    says "traffic that mandatory rules block stays blocked (8 SPD entries)"
    stands 8
    "$BTNSD" --drop-mandatory
    stands 0
}
rules
echo "this is no peer" >/var/lib/btns/known_peers
fails "a bad line in known_peers" "known_peers:1: not a key"
rm /var/lib/btns/known_peers
start && stop && ip xfrm policy flush
chmod 644 /var/lib/btns/host.key
fails "host.key that others can read" "host.key: can be reached by others"
chmod 600 /var/lib/btns/host.key
mv /run/btns /run/was; echo x >/run/btns
fails "no directory in /run" "/run/btns: "
rm /run/btns
mkdir /run/btns; echo x >/run/btns/ike
fails "no directory for charon" "/run/btns/ike: "
rm /run/btns/ike
rm -r /var/lib/btns; mount -o remount,ro /var/lib
fails "/var cannot be written, and holds nothing" "cannot start: /var/lib/btns: Read-only file system"
END
}

@test "if stored policies cannot be found, users' requests are refused and nothing else; once they are there, that ends by itself" {
    booted <<'END'
rules 'rule "log" { at = { connect } action = bypass }'
echo x >/var/lib/btns/users
start
says "/var/lib/btns/users: Not a directory: it is not known which users have stored policies, so nothing is allowed to any of them"
shows "/var/lib/btns/users: Not a directory"
stands 8
asks() { setpriv --reuid 4001 --regid 4001 --clear-groups btns-run curl -s -m 5 http://192.0.2.201:9/ 2>&1 || true; }
[[ $(asks) == *"/var/lib/btns/users: Not a directory"* ]]
rm /var/lib/btns/users
[[ $(asks) != *"stored policies"* ]]
not shows "Not a directory"
stop
END
}

@test "mandatory rules are in the SPD if the kernel has no ESP, and if charon is missing" {
    booted <<'END'
rules
"$BTNS_BUILD/btnsd" --charon none --audit-log '' >"$out" 2>&1 &
btnsd=$!
eventually stands 8
kill "$btnsd" 2>/dev/null || true
wait "$btnsd" || says "this kernel has no ESP"
stands 8
ip xfrm policy flush
not start --charon /no/such/charon
says "charon: /no/such/charon: No such file or directory"
stands 8
END
}

@test "a full or read-only disk is reported, and the policy comes into force all the same" {
    booted <<'END'
rules
start
stop
stands 8
mount -o remount,ro /var/lib
rules 'rule "more" { at = connect port = 99 action = discard mandatory = true reason = "x" }'
start
stands 12
says "cannot be kept for the next start in /var/lib/btns: Read-only file system; it is kept in /run/btns"
shows "it is kept in /run/btns"
stop
echo broken >/etc/btns/policy.d/10-m.conf
start
stands 12
shows "in force: the policy that was last in force"
stop
mount -o remount,rw /var/lib
rules
start
stands 8
[[ ! -e /run/btns/policy.good ]]
dd if=/dev/zero of=/var/lib/fill bs=4k 2>/dev/null || true
rules '#' "# $(head -c 20000 /dev/zero | tr '\0' x)"
btnsctl reload
shows "cannot be kept for the next start in /var/lib/btns: No space left on device"
stands 8
END
}

@test "the audit log tells the vendor's files from the administrator's, also when the policy that was last in force counts" {
    booted <<'END'
authors() { # FILE
    eventually grep -qF '"file":"/etc/vendor.d/50-v.conf","author":"vendor"' "$1"
    grep -qF '"file":"/etc/btns/policy.d/10-m.conf","author":"administrator"' "$1"
}
mkdir /etc/vendor.d
printf 'format = 1\nprogram "v" { match = "/usr/bin/v"  rule "r" { action = bypass } }\n' >/etc/vendor.d/50-v.conf
rules
start --audit-log /run/audit --vendor-dir /etc/vendor.d
authors /run/audit
stop
echo broken >/etc/btns/policy.d/10-m.conf
start --audit-log /run/audit.again --vendor-dir /etc/vendor.d
authors /run/audit.again
stop
END
}

@test "a second btnsd changes nothing" {
    booted <<'END'
rules
start
first=$btnsd out=/run/second.out
rules 'rule "more" { at = connect port = 99 action = discard mandatory = true reason = "x" }'
not start
wait "$btnsd" && exit 1
says "another btnsd is running (pid $first): nothing was changed"
stands 8
not "$BTNSD" --drop-mandatory
stands 8
kill -9 "$first"; wait "$first" || true
start
stands 12
END
}

@test "a policy that must be refused: the one that was last in force is used, and status says so" {
    booted <<'END'
rules 'rule "other" { at = connect remote = "192.0.2.1" port = 99 action = discard }'
start
stop
ip xfrm policy flush
for fault in 'echo broken >>/etc/btns/policy.d/10-m.conf' 'chmod 666 /etc/btns/policy.d/10-m.conf' \
    'chmod 777 /etc/btns/policy.d' 'mv /etc/btns/policy.d /etc/btns/gone' \
    'mkdir /etc/btns/packages; echo "format = 1" >/etc/btns/packages/p.conf'; do
    echo "--- $fault"
    eval "$fault"
    start --package-dir /etc/btns/packages
    stands 8
    says "policy refused: "
    says "in force: the policy that was last in force, as the files are refused"
    shows "in force: the policy that was last in force"
    btnsctl explain /bin/true 192.0.2.1:99 | grep -qi 'discard'
    rm -rf /etc/btns/gone; mkdir -p /etc/btns/policy.d; chmod 755 /etc/btns/policy.d
    rm -rf /etc/btns/policy.d/* /etc/btns/packages
    rules
    chmod 644 /etc/btns/policy.d/*
    btnsctl reload
    shows_not 'in force:'
    rules 'rule "other" { at = connect remote = "192.0.2.1" port = 99 action = discard }'
    btnsctl reload
    stop
    ip xfrm policy flush
done
END
}

@test "neither a policy nor an earlier one can be used: the mandatory rules that can be read are in force, and no program is let through" {
    booted <<'END'
rules 'rule "open" { at = connect remote = "192.0.2.1" action = bypass }' \
    'rule "strict" { at = connect port = 99 action = protect profile = "elsewhere" mandatory = true reason = "x" }'
echo broken >/etc/btns/policy.d/20-broken.conf
start
stands 12 # telnet, and the rule whose profile cannot be read
says "in force: only the mandatory rules that could be read"
shows "no program may connect or listen until the policy is mended"
btnsctl explain /bin/true 192.0.2.1:80 2>&1 | grep -q 'btnsd has no policy'
# old entries stay, because their rules may be in the file that cannot be read
kill -9 "$btnsd"; wait "$btnsd" || true
echo broken >/etc/btns/policy.d/10-m.conf
start
stands 12
rm /etc/btns/policy.d/20-broken.conf
rules
btnsctl reload
stands 8
shows_not 'no program'
END
}

@test "the policy kept on disk is used only if it is root's, if nobody else can read it, and if it is complete" {
    booted <<'END'
good=/var/lib/btns/policy.good
rules 'rule "other" { at = connect remote = "192.0.2.1" port = 99 action = discard }'
start
stop
[[ $(stat -c %a:%u "$good") == 600:0 ]]
cp -a "$good" /run/kept
echo broken >/etc/btns/policy.d/10-m.conf
for fault in "chmod 644 $good" "chmod 620 $good" "chown 65534 $good" "truncate -s -1 $good" "sed -i s/192/193/ $good" \
    "sed -i 1d $good" ": >$good" "rm $good; ln -s /run/kept $good" "rm $good; mkfifo -m 600 $good" "chmod 770 /var/lib/btns" \
    "rm $good"; do
    ip xfrm policy flush
    rm -f "$good"; cp -a /run/kept "$good"; chmod 700 /var/lib/btns
    eval "$fault"
    echo "--- $fault"
    start || true # refused: others can write the directory
    says "in force: only the mandatory rules that could be read"
    stop || true
done
chmod 700 /var/lib/btns; rm -f "$good"; cp -a /run/kept "$good"
start
says "in force: the policy that was last in force, as the files are refused"
END
}

@test "a name that cannot be resolved closes its rule, and is looked up again until it can" {
    booted <<'END'
rules 'rule "db" { at = connect remote = "db.example" port = 5432 action = discard }' \
    'rule "strict" { at = connect remote = "db.example" port = 5433 action = protect mandatory = true reason = "x" }'
start
stands 12 # closed to every address
says 'rule "db" fails closed: db.example: '
shows 'rule "db" fails closed: db.example: '
btnsctl explain /bin/true 192.0.2.77:5432 | grep -q 'name cannot be resolved (db.example'
echo 192.0.2.7 db.example >>/etc/hosts
eventually grep -qF 'db.example is resolved' "$out"
stands 10 # to that of db.example
has_entry 192.0.2.7
shows_not warning
btnsctl explain /bin/true 192.0.2.77:5432 | grep -q 'no rule matches'
btnsctl explain /bin/true 192.0.2.7:5432 | grep -q 'db'
stop
# the next boot has no name server either: the name's last address counts
ip xfrm policy flush
echo 127.0.0.1 localhost >/etc/hosts
start
stands 10
has_entry 192.0.2.7
shows "db.example: "
shows "rules go by what it was before"
echo 192.0.2.8 db.example >>/etc/hosts
eventually grep -qF 'db.example is resolved' "$out"
has_entry 192.0.2.8
not has_entry 192.0.2.7
END
}
