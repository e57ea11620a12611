# When all connections are closed, nothing is left behind as soon as no packet can be sent any more.
load lab.bash

setup_file() { run_lab teardown.sh; }

@test "guards stay until the last TIME_WAIT at either end is over (L21)" {
    passed fetched time-wait-at-either-end guarded-in-time-wait no-clear-until-the-end
}
@test "then guards, SAs, floors and latches are gone at both ends (L21)" {
    passed alice-empty bob-empty no-floor-left no-latches
}
@test "clear traffic to the service works again, both ways" { passed clear-works-again clear-works-again-from-bob; }
@test "btnsd leaves no policy, state or process behind" { passed no-policy-at-all no-state-at-all no-process; }
