# A peer with a proved key, whose charon asks for SAs that its btnsd would never ask for.
load lab.bash

setup_file() { run_lab proved.sh; }

@test "a server that asks the client for another suite than the latched one: IKE refuses, and the latch stays as it is (L12, L19)" {
    passed suite-to-client-is-refused suite-to-client-changes-nothing
}
@test "a client that asks the server for another suite than the latched one: the SA is deleted, the latch breaks with the reason, and recovers (L8, L12, L19)" {
    passed suite-to-server-is-refused suite-to-server-is-gone suite-to-server-breaks suite-to-server-recovers
}
@test "another suite than a listener's rule asks for: IKE refuses it (L3, L19)" { passed suite-to-listener-is-refused; }
@test "an SA for several ports, given by a mask: refused, and no guard is made for the first of them (L19)" {
    passed masked-is-refused masked-makes-no-guard masked-afterwards
}

@test "one peer has SAs for 256 services at most; others do not notice (L19)" {
    passed ports-are-bounded ports-are-ended ports-others-go-on
}

@test "an SA for more than one service: refused as a whole, and no part of it stays (L19)" {
    passed wide-is-refused wide-leaves-nothing wide-afterwards
}
@test "very many IKE SAs under one proved key: bounded, latches live, others get through (L18)" {
    passed many-are-made many-are-bounded many-latch-goes-on many-others-get-through
}
