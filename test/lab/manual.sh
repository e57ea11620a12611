# keys = manual: states made with ip xfrm at both hosts; at bob, policies by hand too, and no btnsd.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/managers-lib.sh"

key=0x000102030405060708090a0b0c0d0e0f10111213
long=${key}1415161718191a1b1c1d1e1f20212223
other=0xff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223

# states SPI REQID KEY [ICV [WINDOW]]: a pair of them, the same at both hosts
states() {
    local host aead="aead rfc4106(gcm(aes)) $3 ${4-128} replay-window ${5-32}"
    for host in alice bob; do
        printf '%s\n' "xfrm state add src 10.77.0.1 dst 10.77.0.2 spi $1 proto esp reqid $2 mode transport $aead" \
            "xfrm state add src 10.77.0.2 dst 10.77.0.1 spi $1 proto esp reqid $2 mode transport $aead" |
            on $host ip -batch -
    done
}
flush_states() { local host; for host; do on "$host" ip xfrm state flush; done; }
drop_states() { # drop_states SPI
    local host
    for host in alice bob; do
        printf 'xfrm state delete dst %s proto esp spi '"$1\n" 10.77.0.1 10.77.0.2 | on $host ip -batch -
    done
}
policy_at_bob() {
    on bob ip xfrm policy add src 10.77.0.2 dst 10.77.0.1 proto tcp sport "$1" dir out tmpl proto esp reqid 77 mode transport
    on bob ip xfrm policy add src 10.77.0.1 dst 10.77.0.2 proto tcp dport "$1" dir in tmpl proto esp reqid 77 mode transport
}

export BTNSD_OPTS="--linger 1"
forget_ended alice bob
up alice
BIND=0.0.0.0 serve bob 8000 "$www" --clear; server=$served
policy_at_bob 8000
policy 'keys = manual  reqid = 77  peer = "bob by hand"'
wire alice start
printf 'format = 1\nprofile "m" { keys = manual  reqid = 77  peer = "x" }\nprogram "p" { match = { "*" }\nrule "r" { at = { connect } action = protect profile = "m" } }\n' >"$scratch/mine.conf"
chmod 644 "$scratch/mine.conf"
check manual-not-for-users eval '! on alice setpriv --reuid=65534 --clear-groups btns-run --policy "$scratch/mine.conf" true 2>"$scratch/err"; cat "$scratch/err"; says "keys = manual is for root.s policies only" "$scratch/err"'
check manual-explained eval 'on alice btnsctl explain /usr/bin/curl 10.77.0.2:8000; on alice btnsctl explain /usr/bin/curl 10.77.0.2:8000 | grep "keys = manual, reqid 77, peer \"bob by hand\""'
check manual-none-refused refused_because 'no two ESP states with reqid 77 between 10.77.0.1 and 10.77.0.2'
states 0x101 77 $key
check manual-weaker-key refused_because 'has aes128gcm16, which is weaker than aes256gcm16'
flush_states alice bob
states 0x102 77 $long 64
check manual-weaker-icv refused_because 'integrity check of 64 bits'
flush_states alice bob
states 0x103 77 $long 128 0
check manual-no-window refused_because 'no replay window'
flush_states alice bob
states 0x104 78 $long
check manual-other-reqid refused_because 'no two ESP states with reqid 77'
flush_states alice bob
states 0x105 77 $long
check manual-curl hello
check manual-curl-big eval '[[ $(on alice btns-run curl -sS4 -m 200 http://bob:8000/big | sha256sum) == "$sum" ]]'
check manual-esp some_esp alice
cleanup_servers $server

echo_server bob; server=$served
talker
check manual-listed eval 'tell state keys peer proof key suite reqid; tell state keys peer proof key suite reqid | grep -F "['"'established', 'manual', 'bob by hand', 'reqid 77 alone; no rekey', None, 'aes256gcm16', 77]"'"'
check manual-table latch alice ESTABLISHED 'manual:bob by hand'
say one; check manual-talks eventually 5 heard 'echo one'

# other keys by hand: new states beside the old ones, then the old ones go
states 0x106 77 $other
say two; check manual-beside eventually 10 heard 'echo two'
check manual-moved-pins eval 'on alice ip xfrm policy | grep -c "spi 0x00000106" | grep -x 2'
drop_states 0x105
say three; check manual-moved eventually 10 heard 'echo three'

# A weaker SA of the same reqid breaks the latch; when the SA is deleted, the latch recovers.
on alice ip xfrm state add src 10.77.0.2 dst 10.77.0.1 spi 0x107 proto esp reqid 77 mode transport aead 'rfc4106(gcm(aes))' $key 128 replay-window 32
on alice ip xfrm state add src 10.77.0.1 dst 10.77.0.2 spi 0x107 proto esp reqid 77 mode transport aead 'rfc4106(gcm(aes))' $key 128
check manual-weaker-breaks eventually 5 latch alice FAILED
on alice ip -batch - <<<$'xfrm state delete dst 10.77.0.1 proto esp spi 0x107\nxfrm state delete dst 10.77.0.2 proto esp spi 0x107'
check manual-weaker-gone-mends eventually 5 latch alice ESTABLISHED
say four; check manual-talks-again eventually 10 heard 'echo four'

# the SAD is flushed: nothing passes, and nothing in the clear; with new SAs the connection goes on
flush_states alice
check manual-flushed-fails eventually 5 latch alice FAILED
check manual-flushed-reason eval 'on alice btnsctl latches | grep "no two ESP states with reqid 77"'
check manual-flushed-holds unheard five XfrmOutPolBlock
flush_states bob
states 0x108 77 $long
check manual-recovers eventually 5 latch alice ESTABLISHED
check manual-goes-on eventually 15 heard 'echo five'
stop_talker
check manual-states-stay eventually 20 eval '[[ $(guards alice) == 0 && $(sas alice) == 2 ]]'
cleanup_servers $server

policy 'keys = manual  reqid = 77  peer = "bob by hand"  accept-no-replay = yes'
flush_states alice bob
states 0x109 77 $long 128 0
BIND=0.0.0.0 serve bob 8000 "$www" --clear; server=$served
check manual-no-window-accepted hello
cleanup_servers $server

# btnsd is killed and another started: it knows the program of a connection, but not the owner of the states, and resets
# the connection. Bob's program does not notice until it sends; the answer of alice's kernel leaves over the states,
# which stay.
on bob python3 "$py/echo.py" 8000 1 >"$scratch/came.8000" 2>&1 & server=$!
eventually 10 port_open bob 8000
talker
kill_btnsd alice
say six; check manual-killed-goes-on eventually 10 heard 'echo six'
up alice
open_at() { on "$1" ss -Htn state established "$2 = :8000"; }
check manual-known-reset eventually 20 eval '[[ -z $(open_at alice dport) ]]'
stop_talker
check manual-reset-reaches-bob eventually 60 eval '[[ -z $(open_at bob sport) ]]'

# As long as the states exist, answers to bob leave over them: also after another restart, and after a refusal.
stays() { on alice ip -o xfrm policy | grep 'port 8000 .*reqid 77' | grep -vc 'action block' | grep -qx 2; }
check manual-stays eventually 20 stays
kill_btnsd alice
up alice
check manual-stays-over-restart stays
policy 'keys = manual  reqid = 79  peer = "nobody"'
check manual-refused refused_because 'no two ESP states with reqid 79'
check manual-stays-after-refusal eventually 10 stays
policy 'keys = manual  reqid = 77  peer = "bob by hand"  accept-no-replay = yes'

# A connection that btnsd has not recorded is blocked. (The guard that stayed for the states hinders no new connection.)
talker
check manual-anew heard connected
kill_btnsd alice
on alice rm -f /run/btns/latches /run/btns/latches.new
up alice
check manual-restarted-blocks unheard seven XfrmOutPolBlock
# An ordinary stop does not open it, either.
blocked() { on alice ip -o xfrm policy | grep -c 'port 8000 .*action block' | grep -qx 2; }
down alice
check manual-stop-leaves-blocked blocked
up alice
check manual-started-blocks eval 'unheard eight XfrmOutPolBlock; blocked'
stop_talker
cleanup_servers $server
wire alice stop
check manual-never-clear no_clear alice 8000
flush_states alice bob
down alice
on bob ip xfrm policy flush
