# Rekeys, in either role, under a request/response load.
load lab.bash

setup_file() { run_lab rekey.sh; }

@test "ten rekeys of the child SA, each end's in turn, under load" { passed rekeyed other-sas load-ran; }
@test "not one segment is lost at a rekey, from both ends' counters" { passed nothing-lost; }
@test "the reqid is the same, and nothing was clear (L8, L12)" { passed still-one-reqid no-clear; }
