# six-commands.sh FILE: runs README's six commands, a line each ("alice# COMMAND"), as written, between two hosts of an installed
# lab. "#" is root, "$" is nobody. systemd does not run there: a stand-in starts what the unit says.
set -euo pipefail
scratch=$(mktemp -d)
chmod 755 "$scratch"
mkdir "$scratch/bin"
started=()

# Starts what `systemctl enable --now UNIT` would start, as the unit's file says.
cat >"$scratch/bin/systemctl" <<'SH'
#!/bin/sh
[ "$1 $2" = 'enable --now' ] && [ $# = 3 ] || { echo "the stand-in does not know: systemctl $*" >&2; exit 1; }
exec $(sed -n 's/^ExecStart=//p' "/lib/systemd/system/$3.service")
SH
chmod 755 "$scratch/bin/systemctl"

nobody=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
# run HOST PROMPT COMMAND: runs it in a shell of the user with that prompt
run() {
    local as=("${nobody[@]}") home=/tmp
    [[ $2 != '#' ]] || as=() home=/root
    on "$1" "${as[@]}" env PATH="$scratch/bin:$PATH" sh -c "cd $home && $3"
}
# until_true COMMAND...: for three minutes at most
until_true() {
    local end=$((SECONDS + 180))
    until "$@" >/dev/null 2>&1; do ((SECONDS < end)) || return 1; sleep 0.2; done
}
page_is_served() { on bob ss -Htln 'sport = :8000' | grep -q .; }

wire alice start
while read -r host command; do
    prompt=${host: -1} host=${host%?}
    echo "$host$prompt $command"
    case $command in
    'systemctl '*)
        run "$host" "$prompt" "$command" >"$scratch/$host.log" 2>&1 & started+=($!)
        until_true on "$host" btnsctl status || { cat "$scratch/$host.log"; exit 1; }
        ;;
    *http.server*)
        run "$host" "$prompt" "$command" >"$scratch/server" 2>&1 & started+=($!)
        until_true page_is_served || { cat "$scratch/server"; exit 1; }
        ;;
    *) run "$host" "$prompt" "$command" ;;
    esac
done <"$1"
wire alice stop
wire alice report
kill "${started[@]}"
wait "${started[@]}" || true
rm -r "$scratch"
