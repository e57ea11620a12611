#!/bin/bash
# host.sh SCRIPT.py: runs the script as root on a host of its own: a network namespace and private directories, with a btnsd
# that does without ESP (test/bench/pretend.c), and a neighbour, 10.77.0.2, in a third namespace.
# Needs root. The script gets BTNSD (a command that starts another btnsd in place of the present one) and NEIGHBOUR (a
# pid in its namespace).
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=$(readlink -f "${BTNS_BUILD:-$here/../../build}")
if [[ -z ${BTNS_ATTACK_HOST-} ]]; then
    BTNS_ATTACK_HOST=1 exec unshare --net --mount --pid --fork --mount-proc --kill-child bash "$0" "$@"
fi
mount --make-rprivate /
# Other tests' control groups of this machine are not this host's.
mount -t tmpfs none /sys/fs/cgroup
ip link set lo up
for d in /run /var/lib /etc/btns /var/log; do mkdir -p $d; mount -t tmpfs -o mode=755 none $d; done
mkdir -p /run/btns /var/lib/btns /etc/btns/policy.d /var/log/btns
cp "$here/../../policy.d/99-default.conf" /etc/btns/policy.d/
chown -R root:root /etc/btns
chmod -R go-w /etc/btns
ip link add e0 type veth peer name e1
ip link set e0 up
ip addr add 10.77.0.1/24 dev e0
unshare --net sleep infinity &
export NEIGHBOUR=$!
# During its exec() a process's namespace cannot be read.
until there=$(readlink /proc/$NEIGHBOUR/ns/net) && [[ -n $there && $there != "$(readlink /proc/self/ns/net)" ]]; do sleep 0.02; done
ip link set e1 netns $NEIGHBOUR
nsenter -t $NEIGHBOUR -n sh -c 'ip link set lo up; ip link set e1 up; ip addr add 10.77.0.2/24 dev e1'
export BTNSD="$build/bench/pretend/btnsd" PATH="$build:$PATH"
exec /usr/bin/python3 "$here/$1"
