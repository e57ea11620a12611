# A host boots while no name server answers: its rules are in force, and a rule with a name blocks until the name
# resolves.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello" >"$www/index.html"
echo "nameserver 10.77.0.2" >"$scratch/resolv.conf"
on alice mount --bind "$scratch/resolv.conf" /etc/resolv.conf
put_policy alice 05-named.conf <<'END'
format = 1
profile "patient" { timeout = 60 }
program "everybody" {
  match = "*"
  rule "db" { at = connect remote = "db.example" port = 8000 action = protect profile = "patient" mandatory = true reason = "the lab" }
  rule "other" { at = connect remote = "10.77.0.2" port = 8001 action = protect profile = "patient" mandatory = true reason = "the lab" }
}
END
patient alice bob
up alice bob
serve bob 8000 "$www"; one=$served
serve bob 8001 "$www"; two=$served
serve mallory 8000 "$www" --clear; three=$served
refused() { ! "$@" >"$scratch/out" 2>&1 || { cat "$scratch/out"; return 1; }; cat "$scratch/out"; }
page() { [[ $(on alice "$@") == hello ]]; }
raw() { on alice "$BTNS_BUILD/programs/raw-static" "$1" 8000 60000 | tee /dev/stderr | grep -q '^answered: HTTP'; }

check boot-other-rule-holds page btns-run curl -sS4 -m 200 http://10.77.0.2:8001/
check boot-name-is-closed refused on alice btns-run curl -sS4 -m 200 http://10.77.0.2:8000/
check boot-closed-says-why says 'rule "db" .*fails closed.*db.example' "$scratch/out"
check boot-closed-for-everybody drops alice on alice curl -sS4 -m 500 http://10.77.0.66:8000/
check boot-status eval 'on alice btnsctl status 2>&1 | grep "rule \"db\" fails closed: db.example: "'

on bob python3 "$py/dns.py" 10.77.0.2 db.example 10.77.0.2 & dns=$!
check boot-resolves eventually 70 says 'db.example is resolved' "$BTNS_LAB/alice.log"
wire bob start
check boot-named-is-protected page btns-run curl -sS4 -m 200 http://10.77.0.2:8000/
check boot-named-was-esp eval 'some_esp bob && no_clear bob 8000'
wire bob stop
check boot-others-are-free raw 10.77.0.66
check boot-status-is-well eval '! on alice btnsctl status 2>&1 | grep warning'

cleanup_servers $one $two $three $dns
