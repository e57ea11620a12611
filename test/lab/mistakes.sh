# An administrator's mistakes: flushed SPD, flushed SAD, an entry above the guards.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
head -c 2M /dev/urandom >"$www/big"
echo hello >"$www/index.html"
sum=$(sha256sum <"$www/big")
forget_ended alice bob
export BTNSD_OPTS="--linger 1"
patient alice bob
up alice bob
serve bob 8000 "$www"; server=$served

transfer() {
    local name=$1 pid
    shift
    on alice btns-run curl -sS4 --limit-rate 400k -m 1000 http://bob:8000/big >"$scratch/$name" & pid=$!
    eventually 10 test -s "$scratch/$name"
    "$@"
    wait $pid && [[ $(sha256sum <"$scratch/$name") == "$sum" ]]
}
flush_spd() { on "$1" ip xfrm policy flush; }
check spd-flushed-client transfer spd flush_spd alice
check spd-flushed-says-so says 'flushed the SPD' "$BTNS_LAB/alice.log"
check spd-flushed-server transfer spd2 flush_spd bob
check floor-is-back drops bob on mallory curl -sS4 -m 500 http://bob:8000/
delete_guard() {
    local index
    index=$(on alice ip -s -o xfrm policy | grep 'dport 8000.*dir out.*priority 100 ' | grep -o 'index [0-9]*')
    on alice ip xfrm policy delete dir out $index
}
guard_to() { on alice ip -o xfrm policy | grep -q "dport $1.*dir out priority 100 "; } # guard_to PORT
check guard-deleted eval 'on alice btns-run curl -sS4 --limit-rate 5k -o /dev/null http://bob:8000/big & p=$!; eventually 5 guard_to 8000 && delete_guard && eventually 2 guard_to 8000; r=$?; kill $p; wait $p || true; ((r == 0))'
flush_sad() { on "$1" ip xfrm state flush; }
check sad-flushed-client transfer sad flush_sad alice
check sad-flushed-server transfer sad2 flush_sad bob
# Without a report of the kernel's, charon finds out by itself, some 10 s later.
check sad-flushed-says-so eval 'says "flushed the SAD" "$BTNS_LAB/alice.log" && says "flushed the SAD" "$BTNS_LAB/bob.log"'

# An entry above the guard, which would let the flow go in the clear.
override() { on alice ip xfrm policy "$1" src 10.77.0.1 dst 10.77.0.2 proto tcp dir out ${2+priority $2}; }
on alice btns-run python3 "$py/chatter.py" 10.77.0.2 8000 & slow=$!
eventually 5 latch alice ESTABLISHED
eventually 5 established alice 8000
override add 10
check override-breaks-the-latch eventually 5 latch alice FAILED '8000'
check override-says-why eval 'on alice btnsctl latches | tee /dev/stderr | grep -q "priority 10, which is not btnsd"'
wire alice start # unacknowledged data is sent again and again
blocked=$(counted alice XfrmOutPolBlock)
eventually 20 eval '(($(counted alice XfrmOutPolBlock) >= blocked + 3))'
wire alice stop
check override-lets-nothing-out no_clear alice 8000
check override-refuses-new eval '! on alice btns-run curl -sS4 -m 200 http://bob:8000/'
override delete
check override-gone-recovers eventually 25 latch alice ESTABLISHED '8000'
cleanup_servers $slow

# An SA of the guard's reqid that is weaker than what is latched: the kernel would take it.
on alice btns-run python3 "$py/chatter.py" 10.77.0.2 8000 & slow=$!
eventually 5 latch alice ESTABLISHED '8000'
eventually 5 established alice 8000
guard_reqid() { on alice ip -o xfrm policy | grep 'dport 8000.*dir out priority 100 ' | grep -o 'reqid [0-9]*' | cut -c7-; }
weaker_sa() { # weaker_sa SRC DST SPI: AES-128, where AES-256 is latched
    on alice ip xfrm state add src "$1" dst "$2" proto esp spi "$3" reqid "$(guard_reqid)" mode transport replay-window 32 \
        aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128
}
for direction in "10.77.0.1 10.77.0.2 0x9001" "10.77.0.2 10.77.0.1 0x9002"; do
    # shellcheck disable=SC2086
    weaker_sa $direction
    spi=${direction##* }
    check "weaker-sa-breaks-$spi" eventually 5 latch alice FAILED '8000'
    check "weaker-sa-says-why-$spi" eval 'on alice btnsctl latches | tee /dev/stderr | grep -q "160 key bits, latched is aes256gcm16"'
    check "weaker-sa-is-gone-$spi" eventually 5 eval '! on alice ip -o xfrm state | grep 0x0000'"${spi#0x}"
    check "weaker-sa-recovers-$spi" eventually 40 latch alice ESTABLISHED '8000'
done
cleanup_servers $slow

# charon has a child SA for the service that btnsd does not know of, because somebody initiated it.
swan() { on "$1" swanctl "${@:2}" --uri unix:///run/btns/ike/charon.vici; }
eventually 20 unlatched alice 'dport 8000'
child=$(swan alice --list-conns | grep -o 'tcp-8000-[0-9]*' | head -1)
check child-unknown-to-btnsd eval 'swan alice --initiate --child "$child" && swan alice --list-sas | grep -q "$child.*INSTALLED"'
check child-of-old-is-replaced eval '[[ $(on alice btns-run curl -sS4 -m 200 http://bob:8000/) == hello ]] && ! says "did not prove it" "$BTNS_LAB/alice.log"'

# Another IKE daemon takes the port while ours is being started again.
take_port() {
    rm -f "$scratch/hold" "$scratch/port"; mkfifo "$scratch/hold"
    on alice python3 "$py/take_port.py" <"$scratch/hold" >"$scratch/port" & taker=$!
    exec 7>"$scratch/hold"
}
rm -f "$scratch/wait"; mkfifo "$scratch/wait"
on alice btns-run python3 "$py/connect_then_ask.py" 10.77.0.2 8000 <"$scratch/wait" >"$scratch/ported" 2>&1 & slow=$!
exec 6>"$scratch/wait"
eventually 10 says connected "$scratch/ported"
take_port
eventually 10 pid_of alice charon_pid >/dev/null
wire alice start
# btnsd would hold the port as soon as its charon has died.
btnsd_pid=$(pid_of alice pid) charon_pid=$(pid_of alice charon_pid)
kill -STOP "$btnsd_pid"
kill -9 "$charon_pid"
check port-taken-later eventually 10 says taken "$scratch/port"
kill -CONT "$btnsd_pid"
check port-breaks-the-latch eventually 20 latch alice FAILED '8000'
check port-says-what-to-do eval 'on alice btnsctl latches | tee /dev/stderr | grep -q "UDP port 500, which IKE needs, is taken by another program, of user 0: end it (ss -ulpn"'
check port-log-says-it-once eval '(($(grep -c "latches are broken until" "$BTNS_LAB/alice.log") == 1))'
check port-refuses-new-at-once eval '! on alice btns-run curl -sS4 -m 200 http://bob:8000/ 2>"$scratch/err"; cat "$scratch/err"; says "UDP port 500, which IKE needs, is taken" "$scratch/err"'
blocked=$(counted alice XfrmOutPolBlock)
echo >&6 # it sends its request, which is dropped
eventually 20 eval '(($(counted alice XfrmOutPolBlock) >= blocked + 2))' # sent again
wire alice stop
check port-let-nothing-out no_clear alice 8000
exec 7>&-; wait $taker 2>/dev/null || true
exec 6>&-
check port-given-back-recovers eval 'wait $slow; cat "$scratch/ported"; [[ $(tail -1 "$scratch/ported") == hello ]]'

# A guard that no connection uses fails and is deleted while a program has a cached verdict that names it.
down alice
BTNSD_OPTS="--linger 60" up alice
serve bob 8001 "$www" --clear; clear=$served
rm -f "$scratch/asked"; mkfifo "$scratch/go"; exec 5<>"$scratch/go"
on alice btns-run "$BTNS_BUILD/programs/visitor" 10.77.0.2 8001 count=2 \
    between="touch $scratch/asked; read nothing <$scratch/go" >"$scratch/visits" 2>&1 & visitor=$!
eventually 10 test -e "$scratch/asked"
wire alice start
override add 10
eventually 20 not guard_to 8001
override delete
echo >&5
wait $visitor 2>/dev/null || true
wire alice stop
check warm-verdict-was-good eval 'cat "$scratch/visits"; [[ $(head -1 "$scratch/visits") == ok ]]'
check warm-verdict-ended eval 'cat "$scratch/visits"; [[ $(grep -cx ok "$scratch/visits") == 2 ]] && no_clear alice 8001'
kill $clear; wait $clear 2>/dev/null || true

# The port is taken before btnsd starts: btnsd says so, and starts when it is free.
down alice
take_port
eventually 10 says taken "$scratch/port"
port_lines() { grep -c 'UDP port 500, which IKE needs, is taken' "$BTNS_LAB/alice.log"; }
lines=$(port_lines)
give_port() { eventually 10 eval '(($(port_lines) > lines))' && touch "$scratch/port-told"; kill "$taker"; }
check port-taken-at-start eval 'give_port & up alice && test -e "$scratch/port-told"'
exec 7>&-; wait $taker 2>/dev/null || true

# Another program binds the port in the moment between btnsd's release of it and charon's start.
cat >"$scratch/charon" <<CHARON
#!/bin/sh
if mkdir "$scratch/raced" 2>/dev/null; then
    python3 "$py/take_port.py" <"$scratch/racing" >"$scratch/raced/port" &
    until test -s "$scratch/raced/port"; do sleep 0.01; done
fi
exec /usr/lib/ipsec/charon
CHARON
chmod 755 "$scratch/charon"
down alice
lines=$(port_lines)
rm -f "$scratch/racing"; mkfifo "$scratch/racing"; exec 7<>"$scratch/racing"
give_raced_port() { eventually 10 eval '(($(port_lines) > lines))' && touch "$scratch/race-told"; echo >&7; }
check port-lost-in-a-race eval 'give_raced_port & BTNSD_OPTS="--linger 60 --charon $scratch/charon" up alice && test -e "$scratch/race-told"'
exec 7>&-
check port-race-recovers eval '[[ $(on alice btns-run curl -sS4 -m 200 http://bob:8000/) == hello ]]'
cleanup_servers $server
