# Daemons and programs killed in the middle of a transfer; latched connections stay protected.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
head -c 2M /dev/urandom >"$www/big"
echo hello >"$www/index.html"
sum=$(sha256sum <"$www/big")

forget_ended alice bob
export BTNSD_OPTS="--linger 1"
patient alice bob mallory
up alice bob mallory
serve bob 8000 "$www"; server=$served
hung=$(pid_of mallory charon_pid)
kill -STOP "$hung" # for charon-that-hangs-is-replaced, below: btnsd gets no signal of this
wire alice start
wire bob start

# transfer NAME ACTION...: a slow fetch, ACTION in its middle, and the checksum at the end
transfer() {
    local name=$1
    shift
    on alice btns-run curl -sS4 --limit-rate 600k -m 1000 http://bob:8000/big >"$scratch/$name" & local pid=$!
    eventually 10 test -s "$scratch/$name"
    "$@"
    wait $pid && [[ $(sha256sum <"$scratch/$name") == "$sum" ]]
}
check btnsd-client-killed transfer client kill_btnsd alice
check charon-outlives-it eval 'on alice pgrep -x charon'
check guards-stay eval '(($(guards alice) > 0))'
check new-connection-fails-closed eval '! on alice btns-run curl -sS4 -m 200 http://bob:8000/'
restart() { down "$1" 2>/dev/null; up "$1"; }
check comes-back up alice
check fetch-after-restart eval '[[ $(on alice btns-run curl -sS4 http://bob:8000/) == hello ]]'

# btnsd is killed and started again under a living connection: the peer's key is proved again, and the connection goes on
kill_and_start() { kill_btnsd "$1"; up "$1"; }
check restart-client-survives transfer survive kill_and_start alice
check btnsd-server-killed transfer server kill_btnsd bob
check server-comes-back up bob
check fetch-after-server-restart eval 'on bob btns-run true; [[ $(on alice btns-run curl -sS4 -m 200 http://bob:8000/) == hello ]]'
check restart-server-survives transfer survive2 kill_and_start bob

# btnsd is stopped and started, as by an upgrade, under a living connection
stop_and_start() { down "$1"; up "$1"; }
check upgrade-client-survives transfer upgrade stop_and_start alice
check upgrade-server-survives transfer upgrade2 stop_and_start bob

kill_charon() { kill -9 "$(pid_of "$1" charon_pid)"; }
check charon-client-killed transfer charon kill_charon alice
check charon-server-killed transfer charon2 kill_charon bob
check charon-restarted eval 'eventually 10 pid_of alice charon_pid && eventually 10 pid_of bob charon_pid'

# the program itself
on alice btns-run curl -sS4 --limit-rate 5k -o /dev/null http://bob:8000/big & victim=$!
eventually 5 latch alice ESTABLISHED >/dev/null
kill -9 $victim; wait $victim 2>/dev/null || true
# If its key was being proved anew just then, btnsd holds the socket until the rule's limit at most.
check killed-program-has-no-latch eventually 15 not latch alice ESTABLISHED curl

cleanup_servers $server # orphans of killed charons stay for a minute

not_hung() { local now; now=$(pid_of mallory charon_pid); ((now && now != hung)) && [[ ! -d /proc/$hung ]]; }
check charon-that-hangs-is-replaced eventually 90 not_hung
check charon-hung-says-so says 'charon hangs: it is ended' "$BTNS_LAB/mallory.log"
serve bob 8001 "$www"; server=$served
# ---- mallory, a client of bob's like others, loses her key manager: charon ends whenever it is started ----
mkfifo "$scratch/wait"
on mallory btns-run python3 "$py/connect_then_ask.py" 10.77.0.2 8001 <"$scratch/wait" >"$scratch/patient" 2>&1 & patient=$!
exec 6>"$scratch/wait"
eventually 10 says connected "$scratch/patient"
on mallory btnsctl watch --json >"$scratch/lost" 2>&1 & watcher=$!
eventually 10 test -s "$scratch/lost"
printf '#!/bin/sh\necho "no libcharon here" >&2\nexit 7\n' >"$scratch/charon"
chmod 755 "$scratch/charon"
told() { says "\"event\":\"$1\".*$2" "$scratch/lost"; }
lost_latch() { on mallory btnsctl latches --json | grep -E '"state":"failed".*"state08":"broken","reason_code":"key-manager-lost"'; }
on mallory mount --bind "$scratch/charon" /usr/lib/ipsec/charon
kill -9 "$(pid_of mallory charon_pid)"
check manager-lost-not-at-once latch mallory ESTABLISHED '8001' # a restart breaks nothing
wire mallory start
check manager-lost-breaks eventually 30 lost_latch
check manager-lost-told eventually 10 eval 'told latch-broken "\"reason_code\":\"key-manager-lost\"" && told key-manager-lost "cannot be started.*exit status 7.*no libcharon here.*latches are broken until"'
check manager-lost-refuses-new eval '! on mallory btns-run curl -sS4 -m 200 http://bob:8001/ 2>"$scratch/err"; cat "$scratch/err"; says "the IKE daemon cannot be started: .*exit status 7" "$scratch/err"'
check manager-lost-said-once eval '(($(grep -c "charon died (exit status 7)" "$BTNS_LAB/mallory.log") <= 1))'
blocked=$(counted mallory XfrmOutPolBlock)
echo >&6 # the program asks, and hears nothing: for it, packets are lost (L13)
eventually 10 says asked "$scratch/patient"
eventually 10 eval '(($(counted mallory XfrmOutPolBlock) >= blocked + 2))' # it was sent again
check manager-lost-is-loss eval '! says hello "$scratch/patient" && [[ -d /proc/$patient ]] && lost_latch'
wire mallory stop
check manager-lost-nothing-clear no_clear mallory 8001
check manager-lost-nothing-at-all eval 'wire mallory report; ! wire mallory report | grep -q "^esp"'
on mallory umount /usr/lib/ipsec/charon
check manager-back-recovers eval 'eventually 60 says hello "$scratch/patient"; wait $patient; cat "$scratch/patient"; [[ $(tail -1 "$scratch/patient") == hello ]]'
check manager-back-told eventually 10 eval 'told key-manager-back && told latch-recovered'
kill $watcher; wait $watcher 2>/dev/null || true
exec 6>&-
cleanup_servers $server

check all-gone-alice eventually 75 nothing_left alice
check all-gone-bob eventually 75 nothing_left bob
wire alice stop
wire bob stop
check no-clear-alice no_clear alice 8000
check no-clear-bob no_clear bob 8000
