# btnsctl forget: connections to a forgotten peer end in whatever state they are, and the next one is a first
# contact.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
head -c 8M /dev/urandom >"$www/big"
fetch() { on alice btns-run curl -sS4 -m 200 http://10.77.0.2:8000/ 2>"$scratch/err"; }
slowly() {
    rm -f "$scratch/got"
    on alice btns-run curl -sS4 --limit-rate 20k -o "$scratch/got" http://10.77.0.2:8000/big 2>"$scratch/slow.err" & slow=$!
    eventually 10 test -s "$scratch/got"
}
# bob loses his power and his key, and comes back
reinstall_bob() {
    local btnsd charon
    btnsd=$(<"$BTNS_LAB/bob.pid") charon=$(pid_of bob charon_pid)
    on bob ip link set eth0 down
    kill -9 "$btnsd" "$charon" "$server"
    eventually 10 not test -e "$BTNS_LAB/bob.pid"
    on bob ip xfrm state flush
    on bob ip xfrm policy flush
    on bob rm -rf /run/btns /var/lib/btns/host.key
    on bob sh -c 'rm -f /var/lib/btns/*'
    on bob ip link set eth0 up
    up bob
    serve bob 8000 "$www"; server=$served
}
forget() { on alice btnsctl forget "$1" | tee "$scratch/forgot"; cat "$scratch/forgot" >&2; [[ -s $scratch/forgot ]]; }
blocked() { on alice ip xfrm policy | grep -c 'priority 50 '; }

export BTNSD_OPTS="--linger 1"
forget_ended alice bob
patient alice bob
on alice sysctl -qw net.ipv4.tcp_orphan_retries=5
up alice bob
serve bob 8000 "$www"; server=$served
old=$(key bob)

# ---- a program holds a dead connection ----
slowly
reinstall_bob
told() { ! fetch && says "the latch is to $(sed "s/[+]/[+]/g" <<<"$old"), but 10.77.0.2 now claims" "$scratch/err"; }
check changed-is-told eval 'eventually 30 told && cat "$scratch/err"'
words=$(on bob btnsctl status | sed -n 's/^  in words: //p')
check changed-is-a-warning eval 'cat "$scratch/err"; grep -qF "now claims $(key bob) ($words). Somebody may be between you and it, or it was set up anew: ask its administrator for its key" "$scratch/err" && grep -qF "btnsctl peers forget 10.77.0.2, and connect again" "$scratch/err"'
check says-what eval 'forget 10.77.0.2 && says "forgot $(sed "s/[+]/[+]/g" <<<"$old"), at 10.77.0.2" "$scratch/forgot" && says "1 latch closed" "$scratch/forgot"'
check connection-is-reset eval 'wait $slow; (($? == 56)); cat "$scratch/slow.err"'
check next-is-first-contact eval '[[ $(fetch) == "hello from bob" ]] && on alice btnsctl peers | grep -F "$(key bob)"'

# A person is told once, with the words that the other end shows for its own key.
words=$(on bob btnsctl status | sed -n 's/^  in words: //p')
check first-contact-is-said eval 'cat "$scratch/err"; grep -qxF "btns: first contact with bob (10.77.0.2): key $(key bob), now known; \`btnsctl status\` there should show the words $words" "$scratch/err"'
check first-contact-is-logged eval 'grep -F "first contact with 10.77.0.1, which came to tcp/8000 here: key $(key alice), now known; in words $(on alice btnsctl status | sed -n "s/^  in words: //p")" "$BTNS_LAB/bob.log"'
check words-are-listed eval 'on alice btnsctl peers -v | grep -F "$(key bob)" | grep -F "$words"'
check first-contact-is-said-once eval '[[ $(fetch) == "hello from bob" ]] && cat "$scratch/err" && [[ ! -s $scratch/err ]]'
fetch_static() { on alice btns-run busybox wget -qO- http://10.77.0.2:8000/ 2>"$scratch/err"; }
forget 10.77.0.2
check first-contact-supervised eval '[[ $(fetch_static) == "hello from bob" ]] && cat "$scratch/err" && grep -qF "btns: first contact with bob (10.77.0.2): key $(key bob), now known" "$scratch/err"'
check first-contact-supervised-once eval '[[ $(fetch_static) == "hello from bob" ]] && cat "$scratch/err" && [[ ! -s $scratch/err ]]'

# ---- the program has ended, and the kernel goes on with its connection ----
hold_connection() { on alice btns-run python3 "$py/hold_quietly.py" 10.77.0.2 8000 & slow=$!; eventually 10 established alice 8000; }
hold_connection
reinstall_bob
kill $slow; wait $slow 2>/dev/null || true
check orphan-is-listed eval 'eventually 10 has_socket alice 04 8000 && on alice btnsctl latches | grep -F 10.77.0.2:8000'
check orphan-forgotten eval 'forget 10.77.0.2 && says "1 connection ended" "$scratch/forgot"'
wire bob start
check orphan-ends-or-is-blocked eval '(($(blocked) == 2)) || not has_socket alice 04 8000'
check orphan-next eval '[[ $(fetch) == "hello from bob" ]]'
check orphan-block-ends eventually 60 eval '(($(blocked) == 0))'
wire bob stop
check orphan-not-in-clear no_clear bob 8000

# ---- by name, host, address and key; while bob lives, and when nobody answers ----
on alice btnsctl peers name db1 10.77.0.2
check by-name eval 'forget db1 && says "forgot db1, $(key bob | sed "s/[+]/[+]/g"), pinned, at 10.77.0.2" "$scratch/forgot"'
check alive-next eval '[[ $(fetch) == "hello from bob" ]]'
check by-host eval 'forget bob && says "at 10.77.0.2" "$scratch/forgot" && ! on alice btnsctl peers | grep -q 10.77.0.2'
check unknown eval 'on alice btnsctl forget nobody.invalid; (($? == 3))'
down bob
check silent eval '! fetch'
check silence-forgotten eval 'forget 10.77.0.2 && says "where nobody had answered IKE" "$scratch/forgot"'
up bob
check back eval '[[ $(fetch) == "hello from bob" ]]'
check by-key eval 'forget "$(key bob)" && [[ $(fetch) == "hello from bob" ]]'
cleanup_servers $server
