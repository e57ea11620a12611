# Machines that stay up for many scripts: `btns-lab serve`, and how `btns-lab run` has one of them run its script. Sourced
# by btns-lab. Each machine is a user-mode Linux with a server, this script, outside. In the pool's directory are
#   free         a pipe: the process ids of servers whose machine waits for a script
#   PID/jobs     a pipe to that server: the directory of the lab (below /tmp) that is to be run
#   PID/lab      the directory of the lab that it runs
# and in the directory of a lab
#   job, output, errors, status     uml_write_job's job; the script's output; its exit status
#   alive        a pipe that the caller holds open: when it closes, the machine is ended
#   end          a pipe to the caller: a line when the script, or the machine, has ended

# ---- the caller

# The machines of a pool have the kernel that labs have by default.
pool_usable() {
    [[ -p ${BTNS_LAB_POOL-}/free && -z ${BTNS_LAB_MEM-}${BTNS_LAB_KERNEL-}${BTNS_LAB_LINUX-} ]] && [[ -z $iptables || ! -x $fetched_linux ]]
}

# pool_claim: the process id of a free server, in $server. One caller at a time reads from the pipe.
pool_claim() {
    local queue free
    exec {queue}>"$BTNS_LAB_POOL/queue" {free}<>"$BTNS_LAB_POOL/free"
    flock "$queue"
    until read -r -u "$free" server && kill -0 "$server" 2>/dev/null; do :; done
    exec {queue}>&- {free}>&-
}

engine_pool_start() {
    uml_write_job
    : >"$lab/output"
    # A caller whose output is one stream gets it in the order in which the script wrote it.
    if [[ /dev/fd/1 -ef /dev/fd/2 ]]; then ln "$lab/output" "$lab/errors"; else : >"$lab/errors"; fi
    mkfifo "$lab/alive" "$lab/end"
    {
        exec {alive}<>"$lab/alive" {end}<>"$lab/end"
        pool_claim
        echo "$server" >"$lab/server"
        echo "$lab" >"$BTNS_LAB_POOL/$server/jobs"
        read -r -u "$end" _
    } &
    child=$!
}

# The machine must have left the lab's directory before that is removed.
engine_pool_end() {
    local end
    exec {end}<>"$lab/end"
    pkill -KILL -P "$child"
    kill -KILL "$child"
    wait "$child"
    [[ -e $lab/server ]] || return 0
    until read -r -t 1 -u "$end" _ || ! kill -0 "$(<"$lab/server")"; do :; done
}

engine_pool_finish() {
    cat "$lab/output"
    [[ $lab/output -ef $lab/errors ]] || cat "$lab/errors" >&2
    pumps=()
    engine_uml_finish
}

# ---- the server

# The machine's first serial line: the server writes labs to run, and reads "ready" and exit statuses; it ends when the
# machine ends.
pool_boot() {
    rm -rf "$lab/mem" "$lab/uml" "$lab/line.in" "$lab/line.out"
    mkdir "$lab/mem" "$lab/uml"
    mkfifo "$lab/line.in" "$lab/line.out"
    exec {say}<>"$lab/line.in"
    uml_boot null fd:3,fd:4 null </dev/null >"$lab/console.log" 2>&1 3<"$lab/line.in" 4>"$lab/line.out" {say}>&- {jobs}>&- \
        {free}>&- &
    child=$!
    exec {hear}<"$lab/line.out"
}

# pool_run JOB: has the machine run a lab; false if the machine died of it.
pool_run() {
    local job=$1 watcher status='' survived=0
    { read -r _ <"$job/alive" || end_machine; } &
    watcher=$!
    echo "$job" >"$pool/$$/lab"
    echo "$job" >&"$say"
    read -r -u "$hear" status || survived=1
    { kill -KILL "$watcher" && wait "$watcher"; } 2>/dev/null || true
    if ((survived == 0)); then
        echo "$status" >"$job/status"
    else
        cp "$lab/console.log" "$job/console.log"
    fi
    [[ ! -p $job/end ]] || echo ended >"$job/end"
    return "$survived"
} 2>/dev/null

end_machine() { pkill -KILL -P "$child" || kill -KILL "$child" || true; } 2>/dev/null

# pool_serve: boots a machine, has it run labs until it dies, and boots another.
pool_serve() {
    local place=$pool/$$ job
    mkdir -p "$place"
    mkfifo "$place/jobs"
    [[ -p $pool/free ]] || mkfifo "$pool/free" 2>/dev/null || [[ -p $pool/free ]]
    exec {jobs}<>"$place/jobs" {free}<>"$pool/free"
    while :; do
        pool_boot
        if ! read -r -u "$hear" _; then
            tail -n 40 "$lab/console.log" >&2
            fail_lab 'user-mode Linux does not start; the last it said is above'
        fi
        while echo $$ >&"$free" && read -r -u "$jobs" job && pool_run "$job"; do :; done
        end_machine
        wait "$child" || true
        exec {say}>&- {hear}>&-
    done
}
