# When a host has these for mode = beet: its inner address, the route, the entries that block clear packets, and the
# file of names, by which programs find a peer.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
beet_policy() {
    set_policy "$1" <<RULES
format = 1
profile "inner" { mode = beet  identity = any-key  timeout = 60 }
program "every" {
  match = { "*" }
  rule "inner" { at = { connect, accept }  action = protect  profile = "inner" }
}
RULES
}
for host in alice bob; do on $host sh -c 'for i in all lo eth0; do echo 0 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done'; done
up alice bob

inner_of() { on "$1" btnsctl status --json | grep -oE '"inner_address": *"[^"]*' | grep -o 'fd62:.*'; }
names_of() { cat "/proc/$(<"$BTNS_LAB/hosts/$1.pid")/root/run/btns/hosts"; }
blocks() { on "$1" ip -o xfrm policy | grep -cE 'fd62:746e:7300::/48.* action block' || true; }
# has_all HOST / has_none HOST: the address, the route with it as source, four entries, the file
has_all() {
    on "$1" ip -6 -o addr show dev lo | grep -F "$(inner_of "$1")/128" &&
        on "$1" ip -6 route get fd62:746e:7300::1 | grep -F "src $(inner_of "$1")" &&
        [[ $(blocks "$1") == 4 ]] && names_of "$1" | grep "^$(inner_of "$1") .*\.btns$"
}
has_none() {
    echo "blocks: $(blocks "$1")"
    ! on "$1" ip -6 -o addr show dev lo | grep -F fd62: && ! on "$1" ip -6 route | grep -F fd62: && [[ $(blocks "$1") == 0 ]] && ! names_of "$1"
}
check none-at-first has_none alice
for host in alice bob; do check "beet-$host" beet_policy $host; done
check on-with-the-rule eval 'has_all alice && has_all bob'
on alice ip xfrm policy flush
check back-after-a-flush eventually 10 has_all alice
index=$(on alice ip -s -o xfrm policy | grep 'fd62:746e:7300::/48.* action block' | grep 'dir out' | grep -o 'index [0-9]*' | head -1)
on alice ip xfrm policy delete dir out $index
check back-after-a-delete eventually 10 has_all alice

# ---- names ----
check named eval 'on alice btnsctl peers pin "$(key bob)" 10.77.0.2 bob && eventually 5 eval "names_of alice | grep -x \"$(inner_of bob) bob.btns\""'
words=$(on bob btnsctl status | sed -n 's/^  in words: //p')
check in-words eval 'names_of alice | grep -x "$(inner_of bob) $words.btns"'
grep -hx 'hosts: .*' "$BTNS_REPO/libapi/nss/nss-btns.8" >"$scratch/nsswitch.conf"
mkdir "$scratch/nss"
ln -s "$BTNS_BUILD/libnss_btns.so.2" "$scratch/nss/"
by_name() {
    on alice unshare -m env LD_LIBRARY_PATH="$scratch/nss" sh -c 'mount --bind "$0" /etc/nsswitch.conf && exec "$@"' "$scratch/nsswitch.conf" "$@"
}
check getent eval 'by_name getent hosts bob.btns | grep "^$(inner_of bob) *bob.btns$"'
serve bob 8000 "$www"; web=$served
wire alice start
check curl eval '[[ $(by_name btns-run curl -sS -m 200 http://bob.btns:8000/) == "hello from bob" ]]'
check only-esp eval 'wire alice stop; no_clear alice 8000 && some_esp alice'
cleanup_servers $web

# ---- restarts and the end ----
alices=$(inner_of alice)
check kill-leaves-it eval 'kill_btnsd alice && [[ $(blocks alice) == 4 ]] && names_of alice'
up alice
check adopted eval 'has_all alice && [[ $(inner_of alice) == "$alices" ]] && names_of alice | grep -x "$(inner_of bob) bob.btns"'
check rule-gone eval 'drop_policy alice && has_none alice'
beet_policy alice
kill_btnsd alice
drop_policy alice 2>/dev/null || true
up alice
check gone-after-kill-without-the-rule has_none alice
check again eval 'beet_policy alice && has_all alice'
down alice
# btnsctl is not answered any more.
check nothing-after-the-end eval '! on alice ip -6 -o addr show dev lo | grep -F fd62: && ! on alice ip -6 route | grep -F fd62: && [[ $(blocks alice) == 0 ]] && ! names_of alice'
