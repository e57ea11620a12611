# The lab's switch and hosts. The switch is a bridge in the network namespace that the script runs in;
# a host is a process that holds a network, a mount and a hostname namespace. Sourced by inside.

# Name, IPv4 and IPv6 address: lab scripts rely on these.
hosts=(
    'alice   10.77.0.1  fd77::1'
    'bob     10.77.0.2  fd77::2'
    'mallory 10.77.0.66 fd77::66'
)
# With --nat also a router that translates addresses, and two hosts on a switch behind it: name, addresses, router.
if [[ -n ${BTNS_LAB_NAT-} ]]; then
    hosts+=(
        'nat     10.77.0.77   fd77::77'
        'carol   192.168.77.2 - 192.168.77.1'
        'dave    192.168.77.3 - 192.168.77.1'
    )
fi

# The files that every host gets in /etc.
make_etc() {
    local etc=$BTNS_LAB/hosts/etc host name v4 v6 policies
    mkdir -p "$etc/btns/policy.d"
    {
        echo '127.0.0.1 localhost'
        echo '::1 localhost ip6-localhost ip6-loopback'
        for host in "${hosts[@]}"; do
            read -r name v4 v6 _ <<<"$host"
            echo "$v4 $name"
            [[ $v6 == - ]] || echo "$v6 $name"
        done
    } >"$etc/hosts"
    shopt -s nullglob
    policies=("$BTNS_REPO"/policy.d/*.conf)
    [[ ${#policies[@]} -eq 0 ]] ||
        install --owner=root --group=root --mode=644 "${policies[@]}" "$etc/btns/policy.d"
}

# All hosts are made at the same time; each says so when it is ready.
start_hosts() {
    local host name fd
    for host in "${hosts[@]}"; do
        read -r name _ <<<"$host"
        # shellcheck disable=SC2086
        exec {fd}< <(exec unshare --net --mount --uts "$tools/host" $host 3>&1 >/dev/null </dev/null)
        echo $! >"$BTNS_LAB/hosts/$name.pid"
        ready_fd[$name]=$fd
    done
}

# switch_of HOST: a host with a router is on the switch behind that router.
switch_of() {
    local host name router
    for host in "${hosts[@]}"; do
        read -r name _ _ router <<<"$host"
        [[ $name != "$1" || -z $router ]] || { echo br1; return; }
    done
    echo br0
}

plug_in_hosts() {
    local name fd
    for name in "${!ready_fd[@]}"; do
        fd=${ready_fd[$name]}
        read -r -u "$fd" _ || { echo "btns-lab: cannot make the host $name" >&2; return 1; }
        exec {fd}<&-
        echo "link set $name master $(switch_of "$name") up"
    done | ip -batch -
}

plug_in_router() {
    on nat "$tools/router"
    ip link set nat-inside master br1 up
}

make_network() {
    declare -A ready_fd
    make_etc
    # The switch has no addresses and takes no part in the traffic.
    echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
    ip -batch - <<END
link set lo up
link add br0 up type bridge stp_state 0 forward_delay 0 mcast_snooping 0
${BTNS_LAB_NAT:+link add br1 up type bridge stp_state 0 forward_delay 0 mcast_snooping 0}
END
    start_hosts
    plug_in_hosts
    [[ -z ${BTNS_LAB_NAT-} ]] || plug_in_router
}
