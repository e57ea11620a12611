# Datagrams of unmodified programs, between hosts: protected and latched.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/udp-lib.sh"

answers bob 5301 btns-run
check floor udp_floor bob 5301
check cold eval 'ask 10.77.0.2 5301 | grep "answer to a question"'
check cold-6 eval 'ask fd77::2 5301 | grep "answer to a question"'
check many eval 'on alice btns-run python3 "$py/datagrams.py" many 10.77.0.2 5301 300 | grep all'
check aio eval 'on alice btns-run python3 "$py/datagrams.py" aio 10.77.0.2 5301 | grep "answer to by asyncio"'
check aio-6 eval 'on alice btns-run python3 "$py/datagrams.py" aio fd77::2 5301 | grep "answer to by asyncio"'
# Of 300 datagrams, few cost the shim anything: a question to btnsd, for the first ones.
on alice strace -f -e trace=getsockopt -o "$scratch/warm" \
    btns-run python3 "$py/datagrams.py" many 10.77.0.2 5301 300 >/dev/null
check warm eval 'n=$(grep -c SO_COOKIE "$scratch/warm"); echo "$n"; ((n > 0 && n < 100))'
# The mirror guard of a server that is not under btns-run.
answers bob 5305
check mirror eval 'ask 10.77.0.2 5305 | grep "answer to a question"'

# ---- a socket that lives on: btnsd is killed, and comes back ----
on alice btns-run python3 "$py/datagrams.py" talk 10.77.0.2 5301 >"$scratch/talk" 2>&1 & servers+=($!)
on alice btns-run python3 "$py/datagrams.py" talk fd77::2 5301 connected >"$scratch/talk-6" 2>&1 & servers+=($!)
check talks eval 'eventually 20 says "answer to talk" "$scratch/talk" && eventually 20 says "answer to talk" "$scratch/talk-6"'
check latched eval 'protected_to "10.77.0.2:5301" && protected_to "\[fd77::2\]:5301"'
answered() { grep -c 'answer to talk' "$scratch/$1"; }
# more NAME: the socket gets answers from now on
more() { local n; n=$(answered "$1"); eventually 60 eval "((\$(answered $1) > $n + 2))"; }
kill_btnsd alice
check killed more talk-6
up alice
check back eval 'more talk && more talk-6'

# ---- unprotected senders ----
# As soon as the guards of both ends are deleted: bob's is deleted when bob learns that alice's is.
eventually 60 unlatched alice 5305
open_to_others() { on alice python3 "$py/datagrams.py" ask 10.77.0.2 5305 open 2 | grep 'answer to open'; }
check open-to-others eventually 60 open_to_others
dropped=$(dropped_at bob)
on mallory python3 "$py/datagrams.py" forge 10.77.0.66 10.77.0.2 5301 in-clear-of-mallory
check stranger-dropped eventually 20 eval '(($(dropped_at bob) > dropped))'
dropped=$(dropped_at bob)
on mallory python3 "$py/datagrams.py" forge 10.77.0.1 10.77.0.2 5301 in-clear-as-alice
check forged-dropped eventually 20 eval '(($(dropped_at bob) > dropped))'
check forged-not-heard not says in-clear "$scratch/serves-bob-5301"

# ---- a mandatory rule: for a server that is not under btns-run ----
answers bob 5320
check mandatory eval 'ask 10.77.0.2 5320 | grep "answer to a question"'
dropped=$(dropped_at bob)
on mallory python3 "$py/datagrams.py" forge 10.77.0.66 10.77.0.2 5320 in-clear-to-5320
check mandatory-dropped eventually 20 eval '(($(dropped_at bob) > dropped))'
check mandatory-not-heard not says in-clear "$scratch/serves-bob-5320"

# ---- a daemon that binds as root, and answers as another user ----
serves bob 5306 btns-run python3 "$py/datagrams.py" answer 5306 0.0.0.0 65534
check other-user eval 'ask 10.77.0.2 5306 | grep "answer to a question"'
dropped=$(dropped_at bob)
on mallory python3 "$py/datagrams.py" forge 10.77.0.66 10.77.0.2 5306 in-clear-to-5306
check other-user-dropped eventually 20 eval '(($(dropped_at bob) > dropped))'
check other-user-not-heard not says in-clear "$scratch/serves-bob-5306"

# ---- refusals ----
# talks PORT NAME: alice talks to mallory
talks() { on alice btns-run python3 "$py/datagrams.py" talk 10.77.0.66 "$1" >"$scratch/$2" 2>&1 & servers+=($!); }
answers mallory 5390
answers mallory 5395
talks 5390 refused
check refused eventually 60 says EPERM "$scratch/refused"
check refused-why says 'btns: .*(nobody answers IKE|has no IKE daemon)' "$scratch/refused"
check refused-not-sent not says 'got talk' "$scratch/serves-mallory-5390"
# A connected socket that btnsd does not find when it is refused. To another address, because btnsd remembers that
# nobody answers at the first.
answers mallory 5391
on alice btns-run python3 "$py/hidden_socket.py" fd77::66 5391 udp >"$scratch/hidden" 2>&1 & servers+=($!)
blocked_flow() { on alice ip -o xfrm policy | grep 'dport 5391 .*action block priority 50 '; }
check hidden-is-blocked eventually 60 blocked_flow
check hidden-fails eventually 60 eval '[[ $(tail -1 "$scratch/hidden") == EPERM ]]'
check hidden-not-sent not says 'got from' "$scratch/serves-mallory-5391"
# A socket that waits for an answer gets an error, too; to an address that is not yet known as silent.
on mallory ip addr add 10.77.0.68/24 dev eth0
answers mallory 5392
on alice btns-run python3 "$py/datagrams.py" talk 10.77.0.68 5392 connected >"$scratch/waiting" 2>&1 & servers+=($!)
check waiting-told eventually 60 says EHOSTUNREACH "$scratch/waiting"
# So does a socket that is not connected, if it asked for errors; others go on waiting.
printf '%s\n' 'addr add 10.77.0.69/24 dev eth0' 'addr add fd77::69/64 dev eth0 nodad' | on mallory ip -batch -
answers mallory 5393
for address in 10.77.0.69 fd77::69; do
    on alice btns-run python3 "$py/datagrams.py" talk $address 5393 errors >"$scratch/errors-$address" 2>&1 & servers+=($!)
done
check unconnected-told eventually 60 says EHOSTUNREACH "$scratch/errors-10.77.0.69"
check unconnected-told-6 eventually 60 says EACCES "$scratch/errors-fd77::69"
talks 5395 preferred
check preferred eventually 60 says 'answer to talk' "$scratch/preferred"
check preferred-said says 'btns: .*unprotected: ' "$scratch/preferred"
# To an address that is not yet known as silent: the datagram is held meanwhile, and then sent.
on mallory ip addr add 10.77.0.67/24 dev eth0
check preferred-first eval 'on alice btns-run python3 "$py/datagrams.py" ask 10.77.0.67 5395 once | grep "answer to once"'
on alice ip route add 239.0.0.0/8 dev eth0
ask 239.1.2.3 5301 >"$scratch/multicast" 2>&1 || true
check multicast eval 'says "sendto: EACCES" "$scratch/multicast" && says "no single peer" "$scratch/multicast"'
# ---- odd ways to send, and to listen ----
tricks=(5310 5311 5312 5313 5314 5315 5316 5317 5318 5319)
serves bob 5310 python3 "$py/udp_tricks.py" answer "${tricks[@]}" 5501
on alice ip addr add 10.77.0.11/24 dev eth0
on alice btns-run python3 "$py/udp_tricks.py" try 10.77.0.11 5501 >"$scratch/tricks" 2>"$scratch/tricks-said" || true
cat >"$scratch/tricks-expected" <<'EXPECTED'
disconnected:; answered; answered
copied:; answered; answered; answered; answered
passed_and_moved:; answered; 10.77.0.11; answered
mixed:; 2; answer to TRICK among others; answer to open
mapped:; answered; answered; ENETUNREACH
in_parts:; answered; answer to TRICK more and the rest; answer to TRICK corked for another
segmented:; True; answered; EIO
large:; answered; answered
to_many:; EACCES; ENETUNREACH; EACCES; EACCES; EACCES
named_oddly:; 13; answer to TRICK unnamed; answer to TRICK of IPv4; EINVAL
by_interface:; answer to TRICK by interface; answer to TRICK by interface
EXPECTED
check tricks eval 'diff "$scratch/tricks-expected" "$scratch/tricks" || { cat "$scratch/tricks-said" "$scratch/serves-bob-5310"; false; }'
serves bob 5325 btns-run python3 "$py/udp_tricks.py" group 5325
eventually 30 says bound "$scratch/serves-bob-5325"
check group-heard eval 'ask 10.77.0.2 5325 | grep "answer to a question"'
on mallory ip route add 239.0.0.0/8 dev eth0
for to in 10.77.0.2 239.1.2.3; do
    dropped=$(dropped_at bob)
    on mallory python3 "$py/datagrams.py" forge 10.77.0.66 $to 5325 in-clear-to-5325
    check group-dropped-$to eventually 20 eval '(($(dropped_at bob) > dropped))'
done
check group-not-heard not says in-clear "$scratch/serves-bob-5325"
# ---- btns-run --require ----
answers bob 5500
check require eval 'on alice btns-run --require python3 "$py/datagrams.py" ask 10.77.0.2 5500 required | grep "answer to required"'

went_in_esp 'port 5301 or udp portrange 5310-5319 or udp port 5390 or udp port 5500' \
    'src host 10.77.0.2 and udp port 5301 or udp portrange 5310-5319 or udp port 5500' 'answer to a question|by asyncio|TRICK'
check ends eval 'eventually 60 nothing_left alice && eventually 60 nothing_left bob'
