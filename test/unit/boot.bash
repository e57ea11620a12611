# Sourced inside `unshare -n -m`: a host that boots. /etc, /run and /var are its own; $BTNSD needs no ESP.
set -u
mount --make-rprivate /
ip link set lo up
ip link add d0 type veth peer name d1
ip addr add 192.0.2.200/24 dev d0
ip link set d1 up
ip link set d0 up
old=$(mktemp -d /tmp/boot-etc-XXXXXX)
cp -aL /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.cache /etc/localtime "$old" 2>/dev/null
for d in /etc /run /var/lib /var/log; do mount -t tmpfs -o mode=755,size=4m none $d; done
cp -a "$old"/. /etc
rm -r "$old"
chmod 755 /etc
echo 127.0.0.1 localhost >/etc/hosts
echo nameserver 127.0.0.1 >/etc/resolv.conf # nobody answers there
mkdir -p /etc/btns/policy.d /var/lib/btns
chmod 700 /var/lib/btns
BTNSD=$BTNS_BUILD/bench/pretend/btnsd
PATH=$BTNS_BUILD:$PATH
out=/run/btnsd.out
mount -t tmpfs none /dev/shm
trap 'kill -9 $(jobs -p) 2>/dev/null || true' EXIT

# rules [RULE...]: the policy: one mandatory rule (8 SPD entries), and these
rules() {
    {
        echo 'format = 1'
        echo 'program "all" { match = { "*" }'
        echo ' rule "no-telnet" { at = { connect, accept } protocol = tcp port = 23 action = discard mandatory = true reason = "finding 7" }'
        printf ' %s\n' "$@"
        echo '}'
    } >/etc/btns/policy.d/10-m.conf
}

# eventually COMMAND...: waits until it succeeds; the time that this takes is not tested
eventually() {
    local i
    for ((i = 0; i < 1800; i++)); do ! "$@" >/dev/null 2>&1 || return 0; sleep 0.1; done
    echo "never: $*"
    return 1
}

# start [ARG...]: btnsd, in the background, until it is ready or has ended; status: 0 when it is ready
start() {
    "$BTNSD" --charon none --audit-log '' --ready-fd 9 "$@" 9>/dev/shm/boot-ready.$$ >"$out" 2>&1 &
    btnsd=$!
    until [[ -s /dev/shm/boot-ready.$$ ]]; do
        [[ " $(jobs -rp | tr '\n' ' ')" == *" $btnsd "* ]] || { rm /dev/shm/boot-ready.$$; return 1; }
        sleep 0.02
    done
    rm /dev/shm/boot-ready.$$
}
stop() { kill "$btnsd" && wait "$btnsd"; }
# entries: of mandatory rules, in the SPD
entries() { ip xfrm policy | grep -cE 'priority 5[5-9]...' || true; }
# says TEXT: btnsd has logged it, once
says() { [[ $(grep -cF -- "$1" "$out") -eq 1 ]] || { echo "wanted once: $1"; cat "$out"; return 1; }; }
# shows TEXT: btnsctl status has it
shows() { btnsctl status 2>&1 | grep -qF -- "$1" || { echo "wanted: $1"; btnsctl status; return 1; }; }
# stands N: the SPD has N of these entries
stands() { [[ $(entries) -eq $1 ]] || { echo "$(entries) entries, not $1"; ip xfrm policy; cat "$out"; return 1; }; }
shows_not() { not shows "$1" >/dev/null; }
not() { ! "$@"; }
# has_entry ADDRESS: some SPD entry is for packets to it alone
has_entry() { ip xfrm policy | grep -q "dst $1/32"; }
