# A fleet whose hosts know each other before they meet: export, import.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
fetch() { on "${1-alice}" btns-run curl -sS4 -m 100 http://10.77.0.2:8000/ 2>"$scratch/err"; }
# export_self HOST: as on a machine of that name
export_self() { on "$1" unshare --uts sh -c "echo $1 >/proc/sys/kernel/hostname; btnsctl peers export --self"; }
import() { on "$1" btnsctl peers import "${2-$scratch/fleet}"; }

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
cleanup_servers $server
