# A fleet whose hosts know each other before they meet: export, import, files of the administrator's, revoked keys.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
head -c 8M /dev/urandom >"$www/big"
fetch() { on "${1-alice}" btns-run curl -sS4 -m 100 http://10.77.0.2:8000/ 2>"$scratch/err"; }
# export_self HOST: as on a machine of that name
export_self() { on "$1" unshare --uts sh -c "echo $1 >/proc/sys/kernel/hostname; btnsctl peers export --self"; }
import() { on "$1" btnsctl peers import "${2-$scratch/fleet}"; }

known_peers_of() { echo "/proc/$(<"$BTNS_LAB/hosts/$1.pid")/root/var/lib/btns/known_peers"; }

export BTNSD_OPTS="--linger 1"
forget_ended alice bob
patient alice bob mallory
up alice bob mallory
serve bob 8000 "$www"; server=$served

# ---- export and import ----
for host in alice bob mallory; do export_self $host; done >"$scratch/fleet"
check exported eval 'cat "$scratch/fleet"; (($(grep -cE "^ed25519:[^ ]+ 10[.]77[.]0[.][^ ]+ first=.* trust=pinned name=(alice|bob|mallory)$" "$scratch/fleet") == 3))'
for host in alice bob mallory; do
    check imported-$host eval '[[ $(import $host) == "2 added, 0 changed, 0 known already; this host'"'"'s own key was passed over" ]]'
done
check known eval '(($(on alice btnsctl peers | grep -cE " (bob|mallory) +pinned ") >= 2))'
check again eval '[[ $(import alice) == "0 added, 0 changed, 2 known already"* ]]'
on alice btnsctl watch --json >"$scratch/events" & watcher=$!
eventually 20 test -s "$scratch/events"
check connects eval '[[ $(fetch) == "hello from bob" && $(fetch mallory) == "hello from bob" ]]'
check no-first-contact eval 'eventually 20 grep -q latch-closed "$scratch/events" && ! grep peer-new "$scratch/events"'
kill $watcher
check exported-again eval '[[ $(on alice btnsctl peers export | cut -d " " -f 1 | sort) == "$(printf "%s\n" "$(key bob)" "$(key mallory)" | sort)" ]]'

# a contradiction: bob's address for mallory's key; nothing of the file is taken
sed -n "s/^\([^ ]*\) [^ ]* \(.*\) name=mallory/\1 10.77.0.2 \2/p" "$scratch/fleet" >"$scratch/false"
check contradiction eval '! import alice "$scratch/false" 2>"$scratch/said" && grep -F "$scratch/false:1: 10.77.0.2 is that of bob (ed25519:" "$scratch/said" && grep -F "btnsctl peers forget 10.77.0.2" "$scratch/said"'
check not-root eval '! on alice setpriv --reuid 65534 --regid 65534 --clear-groups btnsctl peers import "$scratch/fleet" 2>"$scratch/said" && grep -F "only root may do this" "$scratch/said"'

# ---- a named peer at a new address ----
on alice btnsctl watch --json >"$scratch/events" & watcher=$!
eventually 20 test -s "$scratch/events"
on bob ip addr add 10.77.0.22/24 dev eth0
check moved eval '[[ $(on alice btns-run curl -sS4 -m 100 http://10.77.0.22:8000/ 2>"$scratch/err") == "hello from bob" ]] && ! grep -F "first contact" "$scratch/err"'
check moved-told eval 'eventually 20 grep -F "known already, as bob: the peer has a new address" "$scratch/events" && on alice btnsctl peers | grep -E " 10[.]77[.]0[.]22 +bob +pinned "'
kill $watcher
on bob ip addr del 10.77.0.22/24 dev eth0

# ---- keyscan ----
for host in bob mallory; do on alice btnsctl forget $host; done
check scanned eval 'on alice btnsctl keyscan bob 10.77.0.66 | tee "$scratch/scanned" && grep -E "^$(key bob | sed "s/[+]/[+]/g") 10.77.0.2 first=.* trust=leap$" "$scratch/scanned" && grep -E "^$(key mallory | sed "s/[+]/[+]/g") 10.77.0.66 " "$scratch/scanned"'
check scan-keeps-nothing eval '! on alice btnsctl peers | grep ed25519 && not grep ed25519 "$(known_peers_of alice)" && [[ $(on alice btnsctl latches | wc -l) == 1 ]]'
check scan-imported eval 'import alice "$scratch/scanned" && on alice btnsctl peers | grep -F "$(key bob)" && [[ $(fetch) == "hello from bob" ]]'
on mallory ip link set eth0 down
check scan-silent eval '! on alice btnsctl keyscan 10.77.0.66 bob >"$scratch/scanned" 2>"$scratch/said" && grep -F "10.77.0.66 (10.77.0.66) gave no key" "$scratch/said" && grep -F "$(key bob)" "$scratch/scanned"'
on mallory ip link set eth0 up
check scan-not-root eval '! on alice setpriv --reuid 65534 --regid 65534 --clear-groups btnsctl keyscan bob 2>"$scratch/said" && grep -F "only root may do this" "$scratch/said"'
for host in bob mallory; do on alice btnsctl forget $host; done

# ---- /etc/btns/peers.d ----
# etc HOST FILE: standard input becomes that file under /etc/btns there
etc() { local root=/proc/$(<"$BTNS_LAB/hosts/$1.pid")/root/etc/btns; mkdir -p "$root/peers.d"; cat >"$root/$2"; chmod 644 "$root/$2"; }
reload_says() { ! on alice btnsctl reload 2>"$scratch/said" && grep -F "$1" "$scratch/said"; }
bob=$(key bob) file=/etc/btns/peers.d/fleet.conf
{ echo "# the fleet"; grep name=bob "$scratch/fleet"; } | etc alice peers.d/fleet.conf
check in-file eval 'on alice btnsctl reload && on alice btnsctl peers | grep -F "in $file:2" && on alice btnsctl peers --json | holds "[(x[\"name\"], x[\"trust\"], x[\"file\"], x[\"line\"]) for x in v][0] == (\"bob\", \"pinned\", \"$file\", 2)"'
check file-counts eval '[[ $(fetch) == "hello from bob" ]] && ! grep -F "$bob" "$(known_peers_of alice)"'
check file-not-forgotten eval 'on alice btnsctl forget 10.77.0.2 >"$scratch/said" 2>&1 || true; grep -F "known by $file:2: delete the line, and run btnsctl reload" "$scratch/said" && on alice btnsctl peers | grep -F "$bob"'
{ grep name=bob "$scratch/fleet"; echo "ed25519:short 10.77.0.9"; } | etc alice peers.d/fleet.conf
check bad-line eval 'reload_says "$file:2: not a key" && on alice btnsctl peers | grep -F "in $file:2" && on alice btnsctl status 2>&1 | grep -F "$file:2: not a key"'
check old-stands eval '[[ $(fetch) == "hello from bob" ]]'
grep name=bob "$scratch/fleet" | etc alice peers.d/fleet.conf
import alice "$scratch/fleet"
sed "s/^\([^ ]*\) 10.77.0.2[^ ]* /\1 10.77.0.66 /" <(grep name=bob "$scratch/fleet") | etc alice peers.d/fleet.conf
check file-contradicts eval 'on alice btnsctl reload && on alice btnsctl status 2>&1 | grep -F "$file:1 gives 10.77.0.66 to another key than known_peers does"'
grep name=bob "$scratch/fleet" | etc alice peers.d/fleet.conf
on alice btnsctl reload

# ---- revoked keys: under a living connection, at the client and at the server ----
slowly() { # slowly HOST
    rm -f "$scratch/got"
    on "$1" btns-run curl -sS4 --limit-rate 20k -o "$scratch/got" http://10.77.0.2:8000/big 2>"$scratch/slow.err" & slow=$!
    eventually 10 test -s "$scratch/got"
}
revoke() { printf '# lost\n%s # stolen\n' "$2" | etc "$1" revoked_keys; on "$1" btnsctl reload; }
on alice btnsctl watch --json >"$scratch/events" & watcher=$!
eventually 20 test -s "$scratch/events"
wire bob start
slowly alice
revoke alice "$bob" && fails_reload=no || fails_reload=yes
check revoked-in-file eval '[[ $fails_reload == yes ]] && reload_says "$file:1: this key is revoked (/etc/btns/revoked_keys:2): delete the line"'
check still-lives kill -0 $slow
echo "# nobody" | etc alice peers.d/fleet.conf
on alice btnsctl reload
check revoked-connection-ends eval 'wait $slow; (($? == 56)); cat "$scratch/slow.err"'
check revoked-told eval 'eventually 20 grep -E "latch-closed.*\"reason_code\":\"key-revoked\".*/etc/btns/revoked_keys:2" "$scratch/events"'
kill $watcher
check revoked-refused eval '! fetch && grep -F "is revoked (/etc/btns/revoked_keys:2)" "$scratch/err"'
check revoked-prefer eval '! on alice btns-run --prefer curl -sS4 -m 100 http://10.77.0.2:8000/ 2>"$scratch/err" && grep -F "is revoked" "$scratch/err"'
check revoked-explained eval 'on alice btnsctl explain /usr/bin/curl 10.77.0.2:8000 | grep -F "is revoked (/etc/btns/revoked_keys:2)"'
check revoked-status eval 'on alice btnsctl status 2>&1 | grep -F "revoked_keys:2: the key of a known peer, bob" && on alice btnsctl peers | grep -E "^$(sed "s/[+]/[+]/g" <<<"$bob") .* revoked "'
check revoked-import eval '! import alice 2>"$scratch/said" && grep -F "this key is revoked" "$scratch/said"'
check revoked-pin eval '! on alice btnsctl peers pin "$bob" 10.77.0.9 2>"$scratch/said" && grep -F "revoked" "$scratch/said"'
check revoked-not-in-clear no_clear bob 8000
serve alice 8001 "$www"; other=$served
check revoked-client eval '! on bob btns-run curl -sS4 -m 100 http://10.77.0.1:8001/'
slowly mallory
revoke bob "$(key mallory)"
check revoked-at-server eval 'wait $slow; (($? != 0)) && ! fetch mallory'
check revoked-server-not-in-clear no_clear bob 8000
wire bob stop
check unrevoked eval 'echo "# nobody" | etc alice revoked_keys && on alice btnsctl reload && [[ $(fetch) == "hello from bob" ]]'
cleanup_servers $server $other
