# Sourced by the lab scripts about the peer's identity: pages of bob and mallory, fetches, and refusals.

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
evil=$scratch/evil
mkdir -p "$evil"
echo "evil" >"$evil/index.html"

fetch() { on "$1" btns-run curl -sS4 -m 200 "http://$2"; }
fails() { # fails PATTERN HOST URL: no fetch, and it says why
    local status=0
    fetch "$2" "$3" >"$scratch/got" 2>"$scratch/err" || status=$?
    cat "$scratch/got" "$scratch/err"
    [[ $status != 0 && ! -s $scratch/got ]] && says "$1" "$scratch/err"
}
# quiet HOST [PATTERN]: returns when no guard (whose line matches) is there
quiet() { eventually 15 unlatched "$@" >/dev/null || state_of "$1"; }
