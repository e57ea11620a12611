# A peer that has proved its key tries another suite than is latched, wide selectors, and very many IKE SAs.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/talk.sh"

export BTNSD_OPTS="--linger 1"
forget_ended alice bob
patient alice bob mallory
up alice bob
# The server is not under btns-run: no rule of bob's asks for a suite, only the latch does.
on bob python3 "$py/talk_server.py" 8000 & server=$!
eventually 10 port_open bob 8000
talk_start alice 10.77.0.2 8000; talk=$started
hex() { on "$1" btnsctl status --json | grep -o 'ed25519:[A-Za-z0-9+/=]*' | head -1 | cut -c9- | base64 -d | od -An -tx1 | tr -d ' \n'; }
declare -A address=([alice]=10.77.0.1 [bob]=10.77.0.2) hex=([alice]=$(hex alice) [bob]=$(hex bob))
try() { # try HOST OTHER WHAT...
    python3 "$py/proved.py" "$(vici_of "$1")" "${hex[$1]}" "${hex[$2]}" "${address[$1]}" "${address[$2]}" "${@:3}"
}
spis_with() { on "$1" ip xfrm state | awk '/^[ \t]*proto esp/ { spi = $4 } /aead/ { if (length($3) == 42) print spi }'; } # of AES-128
told() { grep -c "$2" "$BTNS_LAB/$1.log" || true; }
on bob btnsctl watch --json >"$scratch/watch" 2>&1 & watcher=$!
eventually 10 test -s "$scratch/watch"

# ---- the server's side asks the client for its latched service, with another suite: IKE refuses ----
before=$(spis_with alice | wc -l)
try bob alice child aes128gcm16 'dynamic[6/8000]' 'dynamic[6]' >"$scratch/to-client" 2>&1 || true
check suite-to-client-is-refused eval 'cat "$scratch/to-client"; says "^no " "$scratch/to-client" && says "NO_PROPOSAL_CHOSEN" "$scratch/to-client"'
check suite-to-client-changes-nothing eval 'latch alice ESTABLISHED aes256gcm16 && talk_goes_on alice && [[ $(spis_with alice) == "" ]]'

# ---- the client's side asks the server for the latched service, with another suite: the SA is deleted, and the latch breaks ----
on bob stdbuf -oL ip xfrm monitor SA >"$scratch/sas" & monitor=$!
try alice bob child aes128gcm16 'dynamic[6]' 'dynamic[6/8000]' >"$scratch/to-server" 2>&1 || true
check suite-to-server-is-refused eval 'cat "$scratch/to-server"; eventually 10 says "an SA was refused: .*160 key bits, latched is aes256gcm16" "$BTNS_LAB/bob.log"'
check suite-to-server-is-gone eventually 10 eval '[[ $(spis_with bob) == "" ]]'
check suite-to-server-breaks eventually 10 says '"event":"latch-broken".*"reason_code":"weaker-sa".*160 key bits, latched is aes256gcm16' "$scratch/watch"
check suite-to-server-recovers eval 'eventually 60 says "\"event\":\"latch-recovered\"" "$scratch/watch" && latch bob ESTABLISHED aes256gcm16 && talk_goes_on alice'
kill $monitor; wait $monitor 2>/dev/null || true

# ---- very many IKE SAs ----
ike_sas() { on bob swanctl --list-sas --uri unix:///run/btns/ike/charon.vici | grep -cE '^peer-.*ESTABLISHED' || true; }
check many-are-made try alice bob ikes 30
check many-are-bounded eventually 20 eval 'n=$(ike_sas); echo $n; ((n >= 2 && n <= 8))'
check many-latch-goes-on eval 'eventually 60 latch alice ESTABLISHED aes256gcm16 && talk_goes_on alice'
serve bob 8001 /tmp; other=$served
try alice bob child aes128gcm16 'dynamic[6]' 'dynamic[6/8001]' >"$scratch/to-listener" 2>&1 || true
check suite-to-listener-is-refused eval 'cat "$scratch/to-listener"; says "NO_PROPOSAL_CHOSEN" "$scratch/to-listener" && [[ $(spis_with bob) == "" ]]'
up mallory
check many-others-get-through on mallory btns-run curl -sS4 -m 200 -o /dev/null http://bob:8001/

# ---- an SA for all services at once ----
try alice bob child aes256gcm16 'dynamic[6]' 'dynamic[6]' >"$scratch/wide" 2>&1 || true
check wide-is-refused eval 'cat "$scratch/wide"; eventually 10 says "asked for an SA of more than one service: refused" "$BTNS_LAB/bob.log"'
check wide-leaves-nothing eventually 30 eval '! on bob ip -o xfrm policy | grep "priority 50000 " | grep -v port'
check wide-afterwards eval 'eventually 60 latch bob ESTABLISHED aes256gcm16 && talk_goes_on alice'

# ---- an SA for eight ports, of which the kernel tells the first ----
try alice bob child aes256gcm16 'dynamic[6]' 'dynamic[6/8008-8015]' >"$scratch/masked" 2>&1 || true
check masked-is-refused eval 'cat "$scratch/masked"; eventually 10 says "asked for an SA of more than one service: refused, as it is for several ports" "$BTNS_LAB/bob.log"'
check masked-makes-no-guard eval '! on bob ip -o xfrm policy | grep "priority 100 " | grep "port 8008"'
check masked-afterwards eval 'eventually 60 latch bob ESTABLISHED aes256gcm16 && talk_goes_on alice'

# ---- more services than one peer may have, none of which anything listens on ----
address[mallory]=10.77.0.66 hex[mallory]=$(hex mallory)
broken=$(told bob "latch.*broken")
try mallory bob ports 20000 270 >"$scratch/many-ports" 2>&1 || true
check ports-are-bounded eval 'cat "$scratch/many-ports"; eventually 30 says "asked for SAs of more than 256 services: refused, and all its SAs are ended" "$BTNS_LAB/bob.log"'
check ports-are-ended eventually 60 eval 'n=$(on bob ip -o xfrm policy | grep -c "10.77.0.66.*port 20"); echo $n; ((n == 0))'
check ports-others-go-on eval 'latch bob ESTABLISHED aes256gcm16 && talk_goes_on alice && [[ $(told bob "latch.*broken") == "$broken" ]]'

cleanup_servers $talk $server $other $watcher
