# The lab's engine in user-mode Linux, for kernels that lack what the lab needs. Sourced by btns-lab.

uml_write_job() {
    {
        export -p
        export -f
        printf 'cd %q 2>/dev/null || cd /\n' "$PWD"
        [[ $mode == run ]] || stty size | sed 's/\(.*\) /stty rows \1 cols /'
        printf 'job=(%s)\n' "$(printf '%q ' "$mode" "${job[@]}")"
    } >"$lab/job"
}

# The kernel makes the machine's /dev, without the links and directories that udev would add.
uml_write_mounts() {
    mkdir -p "$lab/dev/pts" "$lab/dev/shm" "$lab/dev/mqueue"
    ln -s /proc/self/fd "$lab/dev/fd"
    ln -s fd/0 "$lab/dev/stdin"
    ln -s fd/1 "$lab/dev/stdout"
    ln -s fd/2 "$lab/dev/stderr"
    cat >"$lab/fstab" <<'END'
sysfs  /sys        sysfs
devpts /dev/pts    devpts mode=620,ptmxmode=666
shm    /dev/shm    tmpfs  mode=1777
mqueue /dev/mqueue mqueue nofail
run    /run        tmpfs  mode=755
END
}

# The kernel that fetch-kernel has installed, with its loader's libraries and its modules; or the packaged one, which has the
# tables of iptables. BTNS_LAB_LINUX: another program.
fetched_linux=/var/lib/btns-lab/linux.uml
fetched_linux_starts() {
    [[ -d ${fetched_linux%/*}/modules ]] && LD_LIBRARY_PATH=${fetched_linux%/*}/lib "$fetched_linux" --version >/dev/null 2>&1
}
uml_find_kernel() {
    [[ -z ${linux-} ]] || return 0
    linux=linux.uml
    [[ -n ${iptables-} ]] || ! fetched_linux_starts || linux=$fetched_linux
    linux=$(command -v "${BTNS_LAB_LINUX:-$linux}") ||
        fail_lab "this kernel has no ESP and user-mode Linux is not installed: run btns-setup"
    linux=$(realpath -s "$linux")
    linux_directory=${linux%/*} linux_modules=/usr/lib/uml/modules
    [[ ! -d $linux_directory/modules ]] || linux_modules=$linux_directory/modules
}

# Both the kernel and uml-init load modules; in both cases modprobe has to look in the directory of that kernel.
uml_write_modprobe() {
    uml_find_kernel
    mkdir -p "$lab/modules/lib"
    ln -s "$linux_modules" "$lab/modules/lib/modules"
    printf '#!/bin/sh\nexec /sbin/modprobe -d %s/modules "$@"\n' "$lab" >"$lab/modprobe"
    chmod 755 "$lab/modprobe"
}

# User-mode Linux switches between its kernel and its processes all the time, and only one of them runs at a time; this
# is three times as fast on one CPU as across two. Locks spread the labs over the CPUs: each directory of a CPU is a
# place for one lab, so that all CPUs get a second lab before any gets a third.
uml_take_cpu() {
    local allowed part level lock
    allowed=$(taskset --cpu-list --pid $BASHPID) || return 0
    local -a cpus=()
    for part in $(tr , ' ' <<<"${allowed##*: }"); do
        mapfile -t -O ${#cpus[@]} cpus < <(seq "${part%-*}" "${part#*-}")
    done
    for level in '' /topology /power; do
        for cpu in "${cpus[@]}"; do
            { exec {lock}<"/sys/devices/system/cpu/cpu$cpu$level"; } 2>/dev/null || continue
            ! flock --nonblock "$lock" || return 0
            exec {lock}<&-
        done
    done
    cpu=${cpus[RANDOM % ${#cpus[@]}]}
}

# uml_boot CONSOLE LINE0 LINE1: runs user-mode Linux with its second console and its two serial lines connected to
# these. The machine's memory is a file on a tmpfs of its own, because /dev/shm may be small (in containers). The kernel
# must not be process 1 of its namespace: it ends a panic by a signal to itself, and process 1 would ignore it. The
# preload is uml-xstate.c, for processors that are newer than Debian 12's kernel. Newer kernels do without ptrace if the
# machine's own kernel allows that (seccomp=auto): then a malicious process of the lab can get out of it. These kernels
# map each page of a process by itself, and a process may have 65,530 maps (vm.max_map_count): 256 MB in use. The
# kernel's own messages go to a file. BTNS_LAB_KERNEL: more words of its command line.
uml_boot() {
    local mem=${BTNS_LAB_MEM:-1024M} preload
    preload=$(dirname "$(command -v on)")/uml-xstate.so
    uml_find_kernel
    uml_take_cpu
    ulimit -c 0
    exec env --default-signal=INT,QUIT TMPDIR="$lab/mem" setsid setpriv --pdeathsig KILL \
        unshare --mount --pid --fork --kill-child ${cpu:+taskset --cpu-list "$cpu"} \
        sh -c 'mount -t tmpfs -o mode=700,size=100% memory "$TMPDIR" && "$@"; exit' sh \
        env LD_PRELOAD="$preload" LD_LIBRARY_PATH="$linux_directory/lib" "$linux" seccomp=auto mem="$mem" uml_dir="$lab/uml" umid=lab quiet \
        root=/dev/root rootfstype=hostfs rootflags=/ rw \
        init="$lab/init" BTNS_LAB="$lab" BTNS_LAB_MODE="$mode" \
        ${BTNS_LAB_KERNEL-} con=null con0=null,fd:1 con1="$1" ssl=null ssl0="$2" ssl1="$3"
}

# The files in $lab that the machine boots from.
uml_write_machine() {
    ln -s "$tools/uml-init" "$lab/init"
    uml_write_mounts
    uml_write_modprobe
}

engine_uml_start() {
    [[ ! -t 2 ]] || complain 'starting user-mode Linux, since this kernel lacks ESP (some 3 s)'
    mkdir "$lab/mem" "$lab/uml"
    uml_write_job
    uml_write_machine
    local out err
    exec {out}> >(exec cat); pumps=($!)
    exec {err}> >(exec cat >&2); pumps+=($!)
    if [[ $mode == run ]]; then
        uml_boot null null,fd:3 null,fd:4 </dev/null >"$lab/console.log" 2>&1 3>&"$out" 4>&"$err" &
    else
        terminal=$(stty -g)
        uml_boot fd:5,fd:6 null,fd:3 null,fd:4 \
            5</dev/tty 6>/dev/tty </dev/null >"$lab/console.log" 2>&1 3>&"$out" 4>&"$err" &
    fi
    child=$!
    exec {out}>&- {err}>&-
}

engine_uml_finish() {
    wait "${pumps[@]}" || true
    [[ -s $lab/status ]] && exit "$(<"$lab/status")"
    complain "user-mode Linux ended by itself; the last it said:"
    tail -n 40 "$lab/console.log" >&2
    exit 3
}
