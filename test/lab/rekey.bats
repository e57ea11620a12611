# Rekeys, by either end and by both at once, under a request/response load. `make soak` does 1,000.
load lab.bash

setup_file() { run_lab rekey.sh; }

@test "rekeys of the child and of the IKE SA, by each end and by both at once, under load (L14)" {
    sed 's/^/# /' "$RESULTS.d/report" >&3 || true
    passed rekeyed load-ran
}
@test "not one packet is lost at a rekey, from both ends' counters (L22)" { passed nothing-lost; }
@test "no round trip stalls at a rekey, unless the whole machine stalls" { passed no-stalls; }
@test "every packet belongs to an SA of one reqid, and nothing is clear (L8, L12, L23, O20, O22, O23)" {
    passed still-one-reqid spis-of-the-pair no-clear
}
@test "each end lists which SA carries a latch and how much it has carried, in agreement with the wire and the other end (L4, L23)" {
    passed told-which-sa-carried-what
}
@test "btnsd's memory does not grow with rekeys" { passed memory-bounded; }
