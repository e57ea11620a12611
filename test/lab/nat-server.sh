# NAT: dave is a server behind the router, alice his client; carol a client behind it; mallory takes the router's address.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/talk.sh"

nat_is() { on "$1" btnsctl latches --json | python3 "$py/nat_of.py" 7000 | holds "$2"; } # nat_is HOST CONDITION: of v, its latch's
export BTNSD_OPTS="--linger 1"
patient alice bob carol dave mallory
up alice bob carol dave mallory
for port in 500 4500; do
    on nat masquerade --append PREROUTING --in-interface eth0 --protocol udp --dport "$port" --jump DNAT --to 192.168.77.3
done
talk_serve dave 7000; dave_server=$served
talk_serve bob 7000; bob_server=$served
wire alice start
wire dave start
wire mallory start
talk_start carol 10.77.0.2 7000; carol_talks=$started
check client-inner-at-server eventually 10 nat_is bob 'v["remote_inner"] == "192.168.77.2" and v["remote_outer"] == "10.77.0.77"'
talk_start alice 10.77.0.77 7000; alice_talks=$started
check server-fetches talk_goes_on alice
check told-at-client eventually 10 nat_is alice 'v["remote"] and not v["local"] and v["remote_inner"] == "192.168.77.3" and v["remote_outer"] == "10.77.0.77" and v["encapsulation_remote_port"] == 4500'
check told-at-server nat_is dave 'v["local"] and not v["remote"] and v["remote_inner"] is None'
check server-wire-inside eval 'wire dave report; no_clear dave 7000 && some_esp dave'
check server-wire-outside eval 'wire alice report; no_clear alice 7000 && some_esp alice'

# ---- mallory has the router's address now, and a server there ----
on mallory python3 "$py/talk_server.py" 7000 & evil=$!
eventually 10 port_open mallory 7000
on nat ip link set eth0 down
on mallory ip addr add 10.77.0.77/24 dev eth0
for host in alice bob; do on $host ip neigh flush all; done
answered=$(wc -l <"$scratch/talk-alice")
# The latch breaks; once bob has been silent for some seconds, while another key answers, its connection ends, too.
takeover_told() { latch alice FAILED '10.77.0.77:7000' || says 'latch-(broken|closed): .*10.77.0.77:7000.*now claims ed25519:' "$BTNS_LAB/alice.log"; }
check takeover-breaks eventually 60 takeover_told
hurried mallory
check takeover-as-client eval '! on mallory btns-run curl -sS4 -m 200 --interface 10.77.0.77 http://bob:7000/'
check takeover-nothing-delivered eval 'echo "$answered"; tail -n 2 "$scratch/talk-alice"; (($(grep -c "^[0-9]" "$scratch/talk-alice") <= answered + 2))'
for host in alice dave mallory; do wire $host stop; done
check takeover-wire-has-no-clear eval 'wire mallory report; no_clear mallory 7000 && no_clear alice 7000'
cleanup_servers $carol_talks $alice_talks $evil $dave_server $bob_server
