# The lab's engine on the running kernel: a private set of namespaces. Sourced by btns-lab.

# Usable if this kernel can protect packets (ESP with AES-GCM) and give hosts a private /etc (overlay).
engine_netns_usable() {
    unshare --net --mount bash -c '
        ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 mode transport \
            aead "rfc4106(gcm(aes))" 0x000102030405060708090a0b0c0d0e0f10111213 128 &&
        mount -t tmpfs probe /mnt && mkdir /mnt/upper /mnt/work &&
        mount -t overlay probe -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc' \
        >/dev/null 2>&1
}

# The lab runs below process 1 of a process namespace: when process 1 ends, the kernel kills all processes of the lab, and
# the network namespaces, links and mounts disappear with the last process. unshare prints messages of its own when its
# child is killed; so the script's stderr does not pass through unshare.
engine_netns_start() {
    local detach=(setsid) stdin=/dev/null
    [[ $mode == run ]] || { detach=(); stdin=/dev/stdin; }
    env --default-signal=INT,QUIT "${detach[@]}" setpriv --pdeathsig KILL \
        unshare --mount --net --uts --ipc --pid --mount-proc --fork --kill-child \
        bash -c 'exec "$@" 2>&3 3>&-' bash "$tools/inside" "$mode" "${job[@]}" \
        <"$stdin" 3>&2 2>"$lab/unshare.log" &
    child=$!
}

engine_netns_finish() {
    [[ -s $lab/unshare.log ]] || exit "$1"
    cat "$lab/unshare.log" >&2
    exit 3
}
