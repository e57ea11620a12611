# A peer with a proved key, whose charon asks for what its btnsd never would.
load lab.bash

setup_file() { run_lab proved.sh; }

@test "another suite than is latched, asked of the client: IKE refuses it, the latch stays as it is (L12, L19)" {
    passed suite-to-client-is-refused suite-to-client-changes-nothing
}
@test "another suite than is latched, asked of the server: the SA is deleted, the latch breaks with the reason, and recovers (L8, L12, L19)" {
    passed suite-to-server-is-refused suite-to-server-is-gone suite-to-server-breaks suite-to-server-recovers
}
@test "another suite than a listener's rule asks for: IKE refuses it (L3, L19)" { passed suite-to-listener-is-refused; }
@test "an SA of several ports that a mask names: refused, and no guard stands for the first of them (L19)" {
    passed masked-is-refused masked-makes-no-guard masked-afterwards
}

@test "one peer has SAs for 256 services at most; others do not notice (L19)" {
    passed ports-are-bounded ports-are-ended ports-others-go-on
}

@test "an SA of more than one service: refused whole, nothing of it stays (L19)" {
    passed wide-is-refused wide-leaves-nothing wide-afterwards
}
@test "very many IKE SAs under one proved key: bounded, latches live, others get through (L18)" {
    passed many-are-made many-are-bounded many-latch-goes-on many-others-get-through
}
