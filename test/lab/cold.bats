# Many first packets, to a server that is not under btns-run.
load lab.bash

setup_file() { run_lab cold.sh; }

@test "25 connections that find neither guard nor SA: not one clear packet at either end (L5, L7, L22)" {
    passed all-fetched no-clear-alice no-clear-bob
}
@test "and none of their SYNs is lost" { passed no-syn-lost; }
@test "other services of that host go in the clear as before" { passed other-ports-clear; }
@test "first contact takes four IKE exchanges to an unknown peer, and two to a known one" { passed unknown-in-four known-in-two; }
