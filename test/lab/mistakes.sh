# An administrator's mistakes: flushed SPD, flushed SAD, an entry above the guards.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
head -c 2M /dev/urandom >"$www/big"
echo hello >"$www/index.html"
sum=$(sha256sum <"$www/big")
for host in alice bob; do on $host sysctl -qw net.ipv4.tcp_max_tw_buckets=0; done
export BTNSD_OPTS="--linger 1"
up alice bob
serve bob 8000 "$www"; server=$served

transfer() {
    local name=$1 pid
    shift
    on alice btns-run curl -sS4 --limit-rate 400k -m 40 http://bob:8000/big >"$scratch/$name" & pid=$!
    eventually 10 test -s "$scratch/$name"
    "$@"
    wait $pid && [[ $(sha256sum <"$scratch/$name") == "$sum" ]]
}
flush_spd() { on "$1" ip xfrm policy flush; }
check spd-flushed-client transfer spd flush_spd alice
check spd-flushed-says-so says 'flushed the SPD' "$BTNS_LAB/alice.log"
check spd-flushed-server transfer spd2 flush_spd bob
check floor-is-back eval '! on mallory curl -sS4 -m 2 http://bob:8000/'
delete_guard() {
    local index
    index=$(on alice ip -s -o xfrm policy | grep 'dport 8000.*dir out.*priority 100 ' | grep -o 'index [0-9]*')
    on alice ip xfrm policy delete dir out $index
}
guard_there() { on alice ip -o xfrm policy | grep -q 'dport 8000.*dir out priority 100 '; }
check guard-deleted eval 'on alice btns-run curl -sS4 --limit-rate 200k -o /dev/null http://bob:8000/big & p=$!; eventually 5 guard_there && delete_guard && eventually 2 guard_there; r=$?; kill $p; wait $p; ((r == 0))'
flush_sad() { on "$1" ip xfrm state flush; }
check sad-flushed-client transfer sad flush_sad alice
check sad-flushed-server transfer sad2 flush_sad bob

# An entry above the guard, which would let the flow go in the clear.
override() { on alice ip xfrm policy "$1" src 10.77.0.1 dst 10.77.0.2 proto tcp dir out ${2+priority $2}; }
on alice btns-run curl -sS4 --limit-rate 50k -o /dev/null http://bob:8000/big & slow=$!
eventually 5 latch alice ESTABLISHED
override add 10
check override-breaks-the-latch eventually 3 latch alice FAILED '8000'
check override-says-why eval 'on alice btnsctl latches | tee /dev/stderr | grep -q "priority 10, which is not btnsd"'
check override-refuses-new eval '! on alice btns-run curl -sS4 -m 5 http://bob:8000/'
override delete
check override-gone-recovers eventually 25 latch alice ESTABLISHED '8000'
kill $slow; wait $slow 2>/dev/null || true
cleanup_servers $server
