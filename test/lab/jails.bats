# Programs that cannot reach btnsd's path, or that have sockets about which nobody asked.
load lab.bash

setup_file() { run_lab jails.sh; }

@test "a program in another root directory, as another user, connects and listens protected (L8)" {
    passed connects listens listens-latch serves serves-no-stranger
}
@test "haproxy with a chroot reaches its backend" {
    grep -q ' haproxy$' "$RESULTS" || skip "no haproxy"
    passed haproxy
}
@test "a connection that is older than the program: a stranger's is reset, a protected peer's is served (L8)" {
    passed inherited-asked inherited-ran inherited-no-stranger inherited-peer
}
@test "under --require, a program that hands its work to another process is refused" { passed starter-refused; }
@test "never a clear packet" { passed no-clear-8000 no-clear-8001; }
