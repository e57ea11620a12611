# Sourced by lab scripts: a connection that goes on talking, a request and its answer ten times a second.

# talk_serve HOST PORT: under btns-run; pid in $served
talk_serve() {
    on "$1" btns-run python3 "$py/talk_server.py" "$2" &
    served=$!
    eventually 10 port_open "$1" "$2"
}

# talk_start HOST ADDRESS PORT: returns when the first answer has come; pid in $started
talk_start() {
    : >"$scratch/talk-$1"
    on "$1" btns-run python3 "$py/talk.py" "$2" "$3" >"$scratch/talk-$1" 2>"$RESULTS.d/said-talk-$1" &
    started=$!
    eventually 20 test -s "$scratch/talk-$1"
}

answers() { local all; mapfile -t all <"$scratch/talk-$1"; n=${#all[@]}; }
talk_more() { local n; answers "$1"; ((n > $2)); }
# talk_goes_on HOST: another answer comes after this is called, on the same connection
talk_goes_on() {
    local n
    answers "$1"
    eventually 30 talk_more "$1" $((n + 1)) && ! says ended "$scratch/talk-$1"
}
# talk_segments HOST PEER: `segments` of the two while the program that talk_start started does not talk
talk_segments() {
    local n m
    kill -STOP "$started"
    m=$(segments "$@")
    until n=$m; m=$(segments "$@"); ((n == m)); do pause 0.2; done
    kill -CONT "$started"
    echo "$n"
}
talk_ended() { says ended "$scratch/talk-$1"; }
