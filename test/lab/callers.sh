# keys = system and manual at accept: bob's listeners; alice and mallory come by SAs of administrators, without btnsd.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/managers-lib.sh"
. "$BTNS_REPO/test/lab/strongswan.sh"

export BTNSD_OPTS="--linger 0 --charon none" AT=bob
forget_ended alice bob mallory
a=10.77.0.1 b=10.77.0.2 m=10.77.0.66
key=0x000102030405060708090a0b0c0d0e0f10111213
long=${key}1415161718191a1b1c1d1e1f20212223
other=0xff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223

# rules HAND VPN: bob's rules for his two listeners, with these fields in their profiles
rules() {
    on bob sh -c 'cat >/etc/btns/policy.d/10-test.conf; chmod 644 /etc/btns/policy.d/10-test.conf' <<END
format = 1
profile "hand" { keys = manual  peer = "alice by hand"  $1 }
profile "vpn" { keys = system  connection = "callers"  child = "web"  $2 }
program "test" {
  match = { "*" }
  rule "hand" { at = { accept }  port = { 8000 }  action = protect  profile = "hand" }
  rule "vpn" { at = { accept }  port = { 9000 }  action = protect  profile = "vpn" }
}
END
}
# kept_out HOST IP PORT: bob's kernel has counted twice that it kept it out, and it has not reached the server
kept_out() {
    local before came client
    before=$(counted bob XfrmInPolBlock) came=$(grep -c "came $2" "$scratch/came.$3" || true)
    on "$1" python3 "$py/try_connect.py" 10.77.0.2 "$3" 1000 & client=$!
    eventually 20 eval "((\$(counted bob XfrmInPolBlock) > $before + 1))" || return 1
    kill $client 2>/dev/null || true
    ! wait $client || return 1
    echo "blocked: $before, now $(counted bob XfrmInPolBlock); came: $came"
    [[ $(grep -c "came $2" "$scratch/came.$3" || true) == "$came" ]]
}
# silent WORD [COUNTER]: the word does not reach the server, and bob's kernel counts the dropped packets
silent() { unheard "$1" "${2-XfrmInPolBlock}" bob; }
# broken REASON: bob's connection is
broken() { latch bob FAILED && on bob btnsctl latches && on bob btnsctl latches | grep -E -- "$1"; }
logged() { grep -E -- "$1" "$BTNS_LAB/bob.log"; }
pins() { on bob ip xfrm policy | awk '/priority 100/ { on = 1 } /spi/ && on { print $4; on = 0 }' | sort; }
told() { tell "$@" | tr -d '\n'; }

# ---- by hand

states() { # states SPI REQID KEY [HOST...]
    local host spi=$1 reqid=$2 aead="aead rfc4106(gcm(aes)) $3 128 replay-window 32"
    shift 3
    for host in "${@:-alice bob}"; do for host in $host; do
        printf '%s\n' "xfrm state add src $a dst $b spi $spi proto esp reqid $reqid mode transport $aead" \
            "xfrm state add src $b dst $a spi $spi proto esp reqid $reqid mode transport $aead" | on $host ip -batch -
    done; done
}
flush() { local host; for host in "${@:-alice bob}"; do for host in $host; do on $host ip xfrm state flush; done; done; }
drop() { local spi=$1 host dst; shift; for host; do for dst in $a $b; do on $host ip xfrm state delete dst $dst proto esp spi $spi; done; done; }

rules 'reqid = 77' 'peer = "alice.lab"'
up bob
wire bob start
echo_server bob btns-run 8000; server=$served
check hand-listens eval 'told state keys program; told state | grep listener'
check hand-clear kept_out alice $a 8000
on alice ip xfrm policy add src $a dst $b proto tcp dport 8000 dir out tmpl proto esp reqid 77 mode transport
on alice ip xfrm policy add src $b dst $a proto tcp sport 8000 dir in tmpl proto esp reqid 77 mode transport
states 0x101 77 $key
check hand-weaker kept_out alice $a 8000
check hand-weaker-told logged 'tcp/8000: .* aes128gcm16, which is weaker than aes256gcm16'
flush
states 0x102 77 $long alice
states 0x102 78 $long bob
check hand-other-reqid kept_out alice $a 8000
flush
states 0x103 77 $long
talker env
say one; check hand-talks eventually 5 heard 'echo one'
check hand-listed eval 'told state keys peer proof key suite reqid; told state keys peer proof key suite reqid |
    grep -F "['"'established', 'manual', 'alice by hand', 'reqid 77 alone; no rekey', None, 'aes256gcm16', 77]"'"'
check hand-guard eval '[[ $(guards bob) == 2 && $(pins | sort -u) == 0x00000103 ]]'

states 0x104 77 $other
check hand-moves eventually 5 eval '[[ $(pins | sort -u) == 0x00000104 ]]'
drop 0x103 alice bob
say two; check hand-moved-talks eventually 10 heard 'echo two'
states 0x105 77 $key bob
check hand-weaker-breaks eventually 5 broken 'weaker than'
check hand-weaker-silent silent three
drop 0x105 bob
check hand-mended eventually 10 heard 'echo three'
flush bob
check hand-flushed eventually 5 broken 'no two ESP states with reqid 77'
check hand-flushed-silent silent four XfrmInNoStates
states 0x104 77 $other bob
check hand-back eventually 15 heard 'echo four'

rules 'reqid = 79' 'peer = "alice.lab"'
on bob btnsctl reload
check hand-withdrawn eventually 5 broken 'does not take the SAs'
check hand-withdrawn-silent silent five
rules 'reqid = 77' 'peer = "alice.lab"'
on bob btnsctl reload
check hand-given-back eventually 15 heard 'echo five'
stop_talker
cleanup_servers $server
check hand-ended eventually 10 eval '[[ $(guards bob) == 0 ]]'
check hand-states-stay eval '[[ $(sas bob) == 2 ]]'
flush
on alice ip xfrm policy flush

# ---- by strongSwan

at_bob() {
    swan_connection bob $b %any '*.lab' callers aes256gcm16,aes128gcm16
}
at_alice() {
    swan_connection alice $a $b bob.lab bob aes256gcm16
    swan_connection alice $a $b bob.lab weak aes128gcm16 | sed 's/web {/weak {/'
}
calls() { swan_ctl "$1" --initiate --child "$2" --timeout 600 >>"$RESULTS.d/initiates-$1" 2>&1; }
echo_server bob btns-run 9000; server=$served
check vpn-away kept_out alice $a 9000
check vpn-away-told logged "the system's IKE daemon is lost"
at_alice | swan_start alice
at_bob | swan_start bob
swan_connection mallory $m $b bob.lab bob aes256gcm16 | swan_start mallory
calls alice weak
check vpn-weaker kept_out alice $a 9000
check vpn-weaker-told eventually 5 logged 'tcp/9000: .* aes128gcm16, which is weaker than aes256gcm16'
swan_ctl alice --terminate --ike weak >/dev/null
calls alice web
talker env 9000
say one; check vpn-talks eventually 5 heard 'echo one'
check vpn-listed eval 'told state keys peer key suite; told state keys peer key suite |
    grep -F "['"'established', 'system', 'alice.lab', None, 'aes256gcm16']"'"'
check vpn-proof eval 'told proof; told proof | grep -E "public key, CA .*lab CA"'

calls mallory web
check vpn-mallory-is-there eval 'swan_ctl bob --list-sas; swan_ctl bob --list-sas | grep mallory.lab'
check vpn-mallory kept_out mallory $m 9000
check vpn-mallory-told logged "$m is kept out of our tcp/9000: the rule is for alice.lab, but the SA is mallory.lab.s"
swan_end mallory TERM

before=$(pins)
swan_ctl bob --rekey --child web >/dev/null
check vpn-rekey-moves eventually 8 eval '[[ $(pins) != "$before" && $(pins | wc -l) == 2 ]]'
say two; check vpn-rekey-talks eventually 10 heard 'echo two'
before=$(pins)
swan_ctl alice --rekey --child web >/dev/null
swan_ctl alice --rekey --ike bob >/dev/null
check vpn-rekey-by-caller eventually 8 eval '[[ $(pins) != "$before" && $(pins | wc -l) == 2 ]]'
say three; check vpn-rekey-by-caller-talks eventually 10 heard 'echo three'

swan_ctl alice --terminate --ike bob >/dev/null
check vpn-gone eventually 30 broken 'has not brought up another'
check vpn-gone-silent silent four
calls alice web
check vpn-gone-back eventually 20 heard 'echo four'
swan_end bob KILL
check vpn-killed eventually 5 broken 'which manages the keys, is lost'
check vpn-killed-silent silent five
swan_run bob
swan_ctl alice --terminate --ike bob --timeout 100 >/dev/null || true
calls alice web
check vpn-killed-back eventually 30 heard 'echo five'

# mallory, with a certificate of the same CA, on alice's address
swan_end alice KILL
on alice ip link set eth0 down
on mallory ip addr add $a/24 dev eth0
on bob ip neigh flush all
swan_connection mallory $a $b bob.lab bob aes256gcm16 | swan_start mallory
calls mallory web || true
check vpn-taken-over eventually 10 latch bob FAILED
check vpn-taken-over-reason eval 'on bob btnsctl latches; on bob btnsctl latches | grep mallory.lab'
check vpn-taken-over-silent kept_out mallory $a 9000
stop_talker
cleanup_servers $server
wire bob stop
clear_of_bob() { tcpdump -nr "$(wire bob file)" "src host $b and tcp and (src port 8000 or src port 9000)" 2>/dev/null; }
check never-clear eval 'clear_of_bob; [[ $(clear_of_bob | wc -l) == 0 ]] && some_esp bob'
down bob
for host in bob mallory; do swan_end $host TERM; done
on bob rm /etc/btns/policy.d/10-test.conf
