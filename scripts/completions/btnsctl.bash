# Completion of btnsctl(8) for bash.

# What `forget` and `peers` can be given: the keys and addresses that are known.
_btnsctl_peers() {
    btnsctl peers 2>/dev/null | awk 'NR > 1 { print $1; print $2 }'
}

_btnsctl() {
    local options='--socket --json --accept --user --cgroup --offline --here --name --all --mine --key --dry-run --root --version --help'
    local commands='status latches peers explain check audit verify watch policy cover uncover reload forget nolatch help'
    local cur=${COMP_WORDS[COMP_CWORD]} command='' i words=0
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --socket | --user | --cgroup | --name | --key | --root) ((i += 1)) ;;
        -*) ;;
        *) command=${command:-${COMP_WORDS[i]}}; ((words += 1)) ;;
        esac
    done
    if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --@(socket|key|root) ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --user ]]; then
        mapfile -t COMPREPLY < <(compgen -u -- "$cur")
    elif [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    elif [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
    elif [[ $command == forget && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_btnsctl_peers)" -- "$cur")
    elif [[ $command == audit && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'tcp' -- "$cur")
    elif [[ $command == nolatch && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_btnsctl_peers | grep ed25519)" -- "$cur")
    elif [[ $command == nolatch && $words -eq 2 ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$cur")
    elif [[ $command == policy && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'add remove block unblock list sign' -- "$cur")
    elif [[ $command == policy && ${COMP_WORDS[*]} == *\ remove\ * ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(btnsctl policy list --mine 2>/dev/null |
            awk '$2 == "policy" { print $3 }')" -- "$cur")
    elif [[ $command == policy && ${COMP_WORDS[*]} == *\ @(add|sign)\ * ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [[ $command == peers && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'add name' -- "$cur")
    elif [[ $command == peers && $words -ge 2 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_btnsctl_peers)" -- "$cur")
    elif [[ $command == explain && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    elif [[ $command == @(cover|uncover) ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(systemctl list-units --type=service --plain --no-legend 2>/dev/null |
            awk '{ print $1 }')" -- "$cur")
    elif [[ $command == check ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
complete -F _btnsctl btnsctl
