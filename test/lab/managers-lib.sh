# Sourced by the lab scripts about key managers other than btnsd's own: alice's rule, and connections to bob.

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
head -c 1M /dev/urandom >"$www/big"
sum=$(sha256sum <"$www/big")

policy() { # policy FIELDS: alice's rule for bob's port 8000
    set_policy alice <<END
format = 1
profile "keys" { timeout = 60  $1 }
program "test" {
  match = { "*" }
  rule "bob" { at = { connect }  remote = { "10.77.0.2" }  port = { 8000 }  action = protect  profile = "keys" }
}
END
}
fetch() { on alice btns-run curl -sS4 -m 200 "$@" http://bob:8000/ 2>"$scratch/err"; }
refused_because() { ! fetch || return 1; cat "$scratch/err"; says "$1" "$scratch/err"; }
hello() { [[ $(fetch) == 'hello from bob' ]] || { cat "$scratch/err"; return 1; }; }
latches() { on "${AT-alice}" btnsctl latches --json; }
tell() { latches | python3 "$py/latch_fields.py" "$@"; } # tell NAME...: prints these fields of each latch
# talker [UNDER [PORT]]: a connection of alice's that sends each line that its fifo gets, and prints the answers
talker() {
    rm -f "$scratch/say" "$scratch/heard"; mkfifo "$scratch/say"
    on alice "${1-btns-run}" python3 "$py/talker.py" "${2-8000}" 1000 <"$scratch/say" >"$scratch/heard" 2>&1 & talker=$!
    exec 7>"$scratch/say"
    eventually 10 says connected "$scratch/heard"
}
stop_talker() { exec 7>&-; kill $talker 2>/dev/null || true; wait $talker 2>/dev/null || true; }
say() { echo "$1" >&7; } # the talker may have ended
trap '' PIPE
heard() { says "$1" "$scratch/heard"; }
# unheard WORD COUNTER [HOST]: sends the word; the kernel of alice (HOST) counts two dropped packets; no answer comes
unheard() {
    local before host=${3-alice}
    before=$(counted "$host" "$2")
    say "$1"
    eventually 20 eval "(($before + 1 < \$(counted $host $2)))" && not heard "echo $1"
}
# echo_server HOST [UNDER [PORT]]: the addresses of its callers go to $scratch/came.PORT
echo_server() {
    local host=$1 under=${2-env} port=${3-8000}
    on "$host" "$under" python3 "$py/echo.py" "$port" >"$scratch/came.$port" 2>&1 & served=$!
    eventually 10 port_open "$host" "$port"
}
