# Functions that the lab's commands share: names of files, checks of host names, error messages. Sourced.

complain() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() { complain "$*"; exit 1; }
fail_usage() { complain "$*"; exit 2; }

want_hosts() {
    [[ $# -gt 0 ]] || fail_usage "which HOST?"
    local host
    for host in "$@"; do
        [[ -f $BTNS_LAB/hosts/$host.pid ]] || fail_usage "no such host: $host"
    done
}

pid_file() { echo "$BTNS_LAB/$1.pid"; }
lock_file() { echo "$BTNS_LAB/hosts/$1.btnsd.lock"; }

# The process id of the btnsd that `up` started on the host; false if that btnsd is not running.
btnsd_pid() {
    local pid
    read -r pid 2>/dev/null <"$(pid_file "$1")" && kill -0 "$pid" 2>/dev/null && echo "$pid"
}

# The supervisors that `up` has started on the host, running or not: one process id a line.
note_supervisor() { echo "$2" >>"$BTNS_LAB/hosts/$1.supervisors"; }
supervisors_of() { cat "$BTNS_LAB/hosts/$1.supervisors"; }
