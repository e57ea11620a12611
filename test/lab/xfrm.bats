# The kernel side of btnsd: its SPD entries, and its reading of the SPD, SAD and sockets, compared with `ip` and `ss`.
load lab.bash

setup_file() {
    run_lab xfrm.sh
    BTNS_REPO=$repo unshare --net --mount bash "$BATS_TEST_DIRNAME/xfrm_netns.sh" \
        >>"$BATS_FILE_TMPDIR/output" 2>&1 </dev/null || true
}

@test "messages: encoded ones are decoded again, truncated or malformed ones are refused" {
    "${BTNS_BUILD:-$repo/build}/unit/xfrm/decode"
    "${BTNS_BUILD:-$repo/build}/unit/xfrm/decode_events"
}
@test "SPD entries are what ip xfrm policy shows, IPv4 and IPv6" { passed entries-as-ip-shows-them template-in-full; }
@test "an entry stands beside others of its selector and is deleted alone" { passed entries-distinct; }
@test "setting an entry again replaces it" { passed replaced-not-added; }
@test "refusals say what was refused and why" { passed refused-with-words; }
@test "others' entries: tunnels, options, marks; 5000 of them" { passed others-entries many-entries; }
@test "SPD events, btnsd's own and others'; lost ones are reported" { passed own-events others-events lost-events; }
@test "SAD events: new, filled, deleted, expired, flushed; larval states are not reported" { passed events-v4 events-v6; }
@test "the SAD dump agrees with ip xfrm state" { passed dump-agrees-v4 dump-agrees-v6; }
@test "connections agree with ss, IPv4-mapped ones too" { passed connections-v4 connections-v6 connections-refused; }
@test "listeners agree with ss" { passed listeners; }
@test "a destroyed socket is reported by its cookie" { passed destroyed-v4 destroyed-v6; }
@test "routes: source, own addresses, multicast, marks, refusals" { passed routes-v4 routes-v6; }
@test "TCP looks for a smaller segment size where full ones are lost; the administrator's value stays" { passed probing-on; }
@test "neighbours that answer on the link, and neighbours that do not" { passed neighbour-v4 neighbour-v6; }
@test "a packet without an SA is held and leaves as soon as the entry is replaced" {
    passed held-not-dropped hold-and-release-v4 hold-and-release-v6 no-release-without-update-v4 no-release-without-update-v6
}
@test "a guard drops clear packets and those of another reqid" {
    passed clear-dropped-v4 clear-dropped-v6 other-reqid-dropped-v4 other-reqid-dropped-v6
}
@test "a guard takes precedence over charon's entry with the same selector" {
    passed guard-beside-charons-v4 guard-beside-charons-v6
}
@test "an outgoing entry that names an SPI uses that SA" { passed spi-pinned-v4 spi-pinned-v6; }
@test "a guard turned to block stops a connection; lifted, it goes on" { passed block-and-lift-v4 block-and-lift-v6; }
@test "no packet of all this was seen in the clear" {
    passed guards-no-clear-v4 guards-no-clear-v6 no-clear-still-v4 no-clear-still-v6 capture-sees-clear-v4 capture-sees-clear-v6
}
@test "larval states are deleted on request, SAs are not" { passed larval-dropped-v4 larval-dropped-v6; }
@test "one SA is deleted, its neighbours stay" { passed sa-deleted-v4 sa-deleted-v6; }
@test "an algorithm is probed by trying it, and nothing is left behind" { passed algorithms-probed; }
@test "connect() into a block fails with EPERM" { passed blocked-eperm-v4 blocked-eperm-v6; }
@test "IPv6 traffic of a host with itself is let through by entries of its own; IPv4 needs none" { passed self-talk-spared; }
