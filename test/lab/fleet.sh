# A fleet whose hosts know each other before they meet: export, import, files of the administrator's, a new host key,
# revoked keys. Five hosts; carol and dave are behind the router.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
head -c 8M /dev/urandom >"$www/big"
fetch() { on "${1-alice}" btns-run curl -sS4 -m 100 "http://${2-10.77.0.2}:8000/" 2>"$scratch/err"; }
fleet=(alice bob mallory carol dave)
# export_self HOST: as on a machine of that name
export_self() { on "$1" unshare --uts sh -c "echo $1 >/proc/sys/kernel/hostname; btnsctl peers export --self"; }
import() { on "$1" btnsctl peers import "${2-$scratch/fleet}"; }

# state_file HOST NAME: that file of /var/lib/btns there
state_file() { echo "/proc/$(<"$BTNS_LAB/hosts/$1.pid")/root/var/lib/btns/$2"; }
known_peers_of() { state_file "$1" known_peers; }

export BTNSD_OPTS="--linger 1"
forget_ended "${fleet[@]}"
patient "${fleet[@]}"
up "${fleet[@]}"
serve bob 8000 "$www"; server=$served

# ---- export and import ----
for host in "${fleet[@]}"; do export_self "$host"; done >"$scratch/fleet"
check exported eval 'cat "$scratch/fleet"; (($(grep -cE "^ed25519:[^ ]+ (10[.]77[.]0|192[.]168[.]77)[.][^ ]+ first=.* trust=pinned name=(alice|bob|mallory|carol|dave)$" "$scratch/fleet") == 5))'
for host in "${fleet[@]}"; do
    check "imported-$host" eval '[[ $(import $host) == "4 added, 0 changed, 0 known already; this host'"'"'s own key was passed over" ]]'
done
check known eval '(($(on alice btnsctl peers | grep -cE " (bob|mallory|carol|dave) +pinned ") >= 4))'
check again eval '[[ $(import alice) == "0 added, 0 changed, 4 known already"* ]]'
on alice btnsctl watch --json >"$scratch/events" & watcher=$!
eventually 20 test -s "$scratch/events"
all_fetch() { local host; for host in alice mallory carol; do [[ $(fetch $host) == "hello from bob" ]] || return 1; done; }
check connects all_fetch
check no-first-contact eval 'eventually 20 grep -q latch-closed "$scratch/events" && ! grep peer-new "$scratch/events"'
kill $watcher
check exported-again eval '[[ $(on alice btnsctl peers export | cut -d " " -f 1 | sort) == "$(for host in bob mallory carol dave; do key $host; done | sort)" ]]'

# a contradiction: bob's address for mallory's key; no line of the file is accepted
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
check scan-keeps-nothing eval '! { on alice btnsctl peers; cat "$(known_peers_of alice)"; } | grep -F -e "$(key bob)" -e "$(key mallory)" && [[ $(on alice btnsctl latches | wc -l) == 1 ]]'
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
check in-file eval 'on alice btnsctl reload && on alice btnsctl peers | grep -F "in $file:2" && on alice btnsctl peers --json | holds "[(x[\"name\"], x[\"trust\"], x[\"file\"], x[\"line\"]) for x in v if x[\"file\"]][0] == (\"bob\", \"pinned\", \"$file\", 2)"'
check file-counts eval '[[ $(fetch) == "hello from bob" ]] && ! grep -F "$bob" "$(known_peers_of alice)"'
check file-not-forgotten eval 'on alice btnsctl forget 10.77.0.2 >"$scratch/said" 2>&1 || true; grep -F "known by $file:2: delete the line, and run btnsctl reload" "$scratch/said" && on alice btnsctl peers | grep -F "$bob"'
{ grep name=bob "$scratch/fleet"; echo "ed25519:short 10.77.0.9"; } | etc alice peers.d/fleet.conf
check bad-line-checked eval '! on alice btnsctl check >"$scratch/said" && cat "$scratch/said" && grep -F "error: refused: $file:2: not a key" "$scratch/said"'
check bad-line eval 'reload_says "$file:2: not a key" && on alice btnsctl peers | grep -F "in $file:2" && on alice btnsctl status 2>&1 | grep -F "$file:2: not a key"'
check old-stands eval '[[ $(fetch) == "hello from bob" ]]'
grep name=bob "$scratch/fleet" | etc alice peers.d/fleet.conf
import alice "$scratch/fleet"
sed "s/^\([^ ]*\) 10.77.0.2[^ ]* /\1 10.77.0.66 /" <(grep name=bob "$scratch/fleet") | etc alice peers.d/fleet.conf
check file-contradicts eval 'on alice btnsctl reload && on alice btnsctl status 2>&1 | grep -F "$file:1 gives 10.77.0.66 to another key than known_peers does"'
grep name=bob "$scratch/fleet" | etc alice peers.d/fleet.conf
on alice btnsctl reload

# ---- a new host key, under a living connection ----
# from_mallory: alice's download from mallory, which goes on in the background
from_mallory() {
    rm -f "$scratch/living"
    on alice btns-run curl -sS4 --limit-rate 20k -o "$scratch/living" http://10.77.0.66:8000/big 2>"$scratch/living.err" & living=$!
    eventually 10 test -s "$scratch/living"
}
grows() { local before; before=$(stat -c %s "$scratch/living"); eventually 20 eval "((\$(stat -c %s '$scratch/living') > $before + 20000))"; }
serve mallory 8000 "$www"; third=$served
wire mallory start
old=$(key mallory)
from_mallory
check rotate-not-root eval '! on mallory setpriv --reuid 65534 --regid 65534 --clear-groups btnsctl key rotate 2>"$scratch/said" && grep -F "only root may do this" "$scratch/said"'
check rotated eval 'on mallory btnsctl key rotate >"$scratch/said" && cat "$scratch/said" && grep -F "the host key is now $(key mallory)" "$scratch/said" && grep -F "the old one, $old, vouches for it" "$scratch/said" && [[ $(key mallory) != "$old" ]]'
new=$(key mallory)
check rotated-connection-lives eval 'grows && kill -0 $living && on alice btnsctl latches --json | holds "[x for x in v if x[\"program\"] == \"curl\" and x[\"state\"] == \"established\" and x[\"key\"] == \"$old\"]"'
check rotated-joins eval '[[ $(fetch alice 10.77.0.66) == "hello from bob" ]] && on alice btnsctl peers | grep -F "$old"'
kill_btnsd mallory
up mallory
check rotated-restart-joins eval '[[ $(fetch alice 10.77.0.66) == "hello from bob" && $(key mallory) == "$new" ]] && on alice btnsctl peers | grep -F "$old"'
old_is_latched() { on alice btnsctl latches --json | holds "[x for x in v if x[\"program\"] == \"curl\" and x[\"state\"] == \"established\" and x[\"key\"] == \"$old\"]"; }
check rotated-restart-lives eval 'eventually 30 old_is_latched && kill -0 $living'
check rotated-once eval '! on mallory btnsctl key rotate 2>"$scratch/said" && grep -F "peers are still latched to the key before this one" "$scratch/said" && [[ $(key mallory) == "$new" ]]'
# bob has no connection with mallory, and his rule accepts only known keys; carol no longer accepts the old key
check rotated-at-once eval '[[ $(fetch bob 10.77.0.66) == "hello from bob" ]] && cat "$scratch/err" && [[ ! -s $scratch/err ]] && on bob btnsctl peers | grep -F "$new" | grep -E " mallory +pinned "'
printf '%s\n' "$old" | etc carol revoked_keys
check rotated-not-by-revoked eval 'on carol btnsctl reload && ! fetch carol 10.77.0.66 && cat "$scratch/err" && grep -E "is revoked|has changed|pinned the address" "$scratch/err" && ! on carol btnsctl peers | grep -F "$new"'
check rotated-still-lives eval 'grows && kill $living && no_clear mallory 8000'
wait $living || true

# ---- revoked keys: under a living connection, at the client and at the server ----
slowly() { # slowly HOST: gives up when nothing has come for 100 s, because the peer may block a connection that it ends
    rm -f "$scratch/got"
    on "$1" btns-run curl -sS4 --limit-rate 20k --speed-limit 1 --speed-time 100 -o "$scratch/got" http://10.77.0.2:8000/big 2>"$scratch/slow.err" & slow=$!
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
printf 'format = 1\nprogram "p" { match = "/usr/bin/env" rule "r" { action = protect identity = named permit = { "%s" } } }\n' "$bob" >"$scratch/p.conf"
check revoked-in-policy eval '! on alice btnsctl check "$scratch/p.conf" >"$scratch/said"; cat "$scratch/said"; grep -F "revoked-key: the key is revoked (/etc/btns/revoked_keys:2)" "$scratch/said"'
check revoked-not-in-clear no_clear bob 8000
serve alice 8001 "$www"; other=$served
check revoked-client eval '! on bob btns-run curl -sS4 -m 100 http://10.77.0.1:8001/'
slowly mallory
revoke bob "$(key mallory)"
check revoked-at-server eval 'wait $slow; ended=$?; cat "$scratch/slow.err"; ((ended == 56)) && ! fetch mallory'
check revoked-server-not-in-clear no_clear bob 8000
wire bob stop
check revoked-own eval 'revoke bob "$bob"; on bob btnsctl status 2>&1 | grep -F "/etc/btns/revoked_keys:2: this host'"'"'s own key"'
check unrevoked eval 'echo "# nobody" | etc alice revoked_keys && on alice btnsctl reload && [[ $(fetch) == "hello from bob" ]]'
# ---- the new key, when nothing is latched to the old one any more ----
eventually 30 grep -qF "nothing is latched to the old host key any more" "$BTNS_LAB/mallory.log"
on alice btnsctl watch --json >"$scratch/events" & watcher=$!
eventually 20 test -s "$scratch/events"
check rotated-known eval '[[ $(fetch alice 10.77.0.66) == "hello from bob" ]] && cat "$scratch/err" && [[ ! -s $scratch/err ]] && on alice btnsctl peers | grep -F "$new" | grep -E " mallory +pinned " && ! on alice btnsctl peers | grep -F "$old" && grep -F "$new" "$(known_peers_of alice)"'
check rotated-told eval 'eventually 20 grep -F "known already, by $old, which vouches for the new key" "$scratch/events"'
kill $watcher
wire mallory stop
# dave is away for three rotations
rotate_again() { on mallory btnsctl key rotate; }
from_mallory
check rotated-again eval '[[ ! -e $(state_file mallory host.key.old) ]] && rotate_again && [[ $(key mallory) != "$new" ]]'
old=$new
# alice sees the new key at another address, has it in the place of the old one, and is restarted under a latch to that
on mallory ip addr add 10.77.0.67/24 dev eth0
check rotated-elsewhere eval '[[ $(fetch alice 10.77.0.67) == "hello from bob" ]] && on alice btnsctl peers | grep -F "$(key mallory)" && old_is_latched'
kill_btnsd alice
up alice
check rotated-peer-restarts eval 'eventually 30 old_is_latched && grows && kill -0 $living'
kill $living
wait $living || true
on mallory ip addr del 10.77.0.67/24 dev eth0
check rotated-thrice eventually 20 rotate_again
check rotated-away eval '{ fetch dave 10.77.0.66 >"$scratch/said"; cat "$scratch/err"; } && [[ $(<"$scratch/said") == "hello from bob" && ! -s $scratch/err ]] && on dave btnsctl peers | grep -F "$(key mallory)" | grep -E " mallory +pinned "'
cleanup_servers $server $other $third
