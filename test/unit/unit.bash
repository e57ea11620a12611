# Loaded by the tests of this directory: unit programs, each of which prints TAP.

setup_file() { export UNIT=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/unit; }

# unit NAME: runs the unit program of that name (by the command in `alone`, if there is one), and prints its failures.
unit() {
    local hidden=()
    # Other tests' control groups of this machine are not this host's.
    [[ $EUID -ne 0 ]] || hidden=(unshare -m --propagation private sh -c 'mount -t tmpfs none /sys/fs/cgroup; exec "$0" "$@"')
    run timeout 3000 "${hidden[@]}" "${alone[@]}" "$UNIT/$1"
    echo "$output" | grep -v '^ok'
    case $output in
    '1..0 # SKIP '*) skip "${output#1..0 # SKIP }" ;;
    esac
    [[ $status -eq 0 && ${lines[-1]} =~ ^1\.\.[1-9] ]]
}
