# A name has several addresses, and no host is at the first: a client goes on to the next address as soon as the link
# shows that, not when an IKE daemon gives up.
. "$BTNS_REPO/test/lab/lib.sh"

# The kernel asks the link three times, a second apart, while IKE tries for 9 s: the time shows which of the two ended
# the wait.
told() {
    local caller
    on alice btns-run curl -sS -m 170 "http://$1:8000/" >"$scratch/told" 2>&1 & caller=$!
    eventually 60 not test -d "/proc/$caller"
    cat "$scratch/told"
    says 'nobody on the link answers for that address' "$scratch/told" && not says hello "$scratch/told"
}

patient alice bob
up alice bob
echo hello >"$scratch/index.html"
serve bob 8000 "$scratch"
wire alice start
check dead-v4 told 10.77.0.200
check dead-v6 told '[fd77::dead]'
check living-second eval 'on alice btns-run curl -sS -m 170 --resolve svc:8000:10.77.0.201,10.77.0.2 http://svc:8000/ | grep hello'
check living-second-v6 eval 'on alice btns-run curl -sS -m 170 --resolve "svc:8000:[fd77::beef],10.77.0.2" http://svc:8000/ | grep hello'
# Happy eyeballs: a program that begins with the next address after 250 ms does not wait until the dead one is given up.
overtakes() {
    on alice btns-run python3 "$py/happy_eyeballs.py" 8000 "$1" 10.77.0.2 2>&1 | tee "$scratch/overtakes"
    says '^10.77.0.2 answered' "$scratch/overtakes" && not says 'nobody' "$scratch/overtakes"
}
check eyes-v6 overtakes fd77::feed
check eyes-v4 overtakes 10.77.0.202
# The host appears: what was remembered about its address expires, and it is not taken for dead.
on bob ip addr add 10.77.0.200/24 dev eth0
check comes-later eventually 60 eval 'on alice btns-run curl -sS -m 170 http://10.77.0.200:8000/ | grep hello'
wire alice stop
check wire-has-no-clear no_clear alice 8000
cleanup_servers $served
