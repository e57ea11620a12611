# Programs that ask for different suites for one service.
load lab.bash

setup_file() { run_lab suites.sh; }

@test "a user's weaker latch gives way to root's program, whose suite others then share (L12)" {
    passed weak-connected weak-latched same-suite-shares root-gets-the-stronger weak-has-ended stronger-is-up \
        weaker-shares-the-stronger
}
@test "another suite that is as strong: given if only TIME_WAITs are left, otherwise refused with the reason (L12)" {
    passed another-as-strong another-is-up root-connected refused-with-the-reason root-lives-on
}
@test "and no packet of all this was clear (L7)" { passed no-clear; }
