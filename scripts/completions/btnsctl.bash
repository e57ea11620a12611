# Completion of btnsctl(8) for bash.

# What `forget` and `peers` accept: the known keys, addresses and names.
_btnsctl_peers() {
    timeout 1 btnsctl peers 2>/dev/null | awk 'NR > 1 && /^[^ ]/ { print $1; print $2; if ($3 != "-") print $3 }'
}

# The names of the rules in the host's policy files, as PROGRAM/RULE.
_btnsctl_rules() {
    timeout 1 btnsctl policy show --long 2>/dev/null |
        awk '$1 == "program" { p = $2 } $1 == "rule" { gsub("\"", "", p); gsub("\"", "", $2); print p "/" $2 }'
}

# The options of a command, besides those that every command takes.
_btnsctl_takes() {
    case $1 in
    status) echo --check ;;
    peers) echo --self --verbose ;;
    latches) echo --program --pid --user --peer --state --port ;;
    explain) echo --accept --user --cgroup --verbose ;;
    check) echo --offline --verbose ;;
    audit) echo --here ;;
    verify) echo --accept ;;
    policy) echo --user --name --all --mine --key --long ;;
    cover | uncover) echo --dry-run --root ;;
    esac
}

# Completes a command's operands. Called by _btnsctl, whose variables it uses.
_btnsctl_operands() {
    if [[ $command == forget && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_btnsctl_peers)" -- "$cur")
    elif [[ $command == audit && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'tcp' -- "$cur")
    elif [[ $command == verify && $words -eq 1 || $command == policy && ${COMP_WORDS[*]} == *\ @(block|unblock)\ * ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_btnsctl_rules)" -- "$cur")
    elif [[ $command == nolatch && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_btnsctl_peers | grep ed25519)" -- "$cur")
    elif [[ $command == nolatch && $words -eq 2 ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$cur")
    elif [[ $command == policy && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'add remove block unblock list sign show' -- "$cur")
    elif [[ $command == policy && ${COMP_WORDS[*]} == *\ remove\ * ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(timeout 1 btnsctl policy list --mine 2>/dev/null |
            awk '$2 == "policy" { print $3 }')" -- "$cur")
    elif [[ $command == policy && ${COMP_WORDS[*]} == *\ @(add|sign|show)\ * ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [[ $command == peers && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'pin name forget no-latch export import' -- "$cur")
    elif [[ $command == peers && ${COMP_WORDS[*]} == *\ import\ * ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [[ $command == peers && $words -ge 2 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_btnsctl_peers)" -- "$cur")
    elif [[ $command == keyscan ]]; then
        mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
    elif [[ $command == key && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W rotate -- "$cur")
    elif [[ $command == explain && $words -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    elif [[ $command == @(cover|uncover) ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(timeout 1 systemctl list-units --type=service --plain --no-legend 2>/dev/null |
            awk '{ print $1 }')" -- "$cur")
    elif [[ $command == check ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}

_btnsctl() {
    local options='--socket --json --verbose --check --program --pid --peer --state --port --accept --user --cgroup --offline --here --name --all --mine --key --long --dry-run --root --self --version --help'
    local commands='status latches peers keyscan key explain check audit verify watch metrics graph policy cover uncover reload forget nolatch help'
    local cur=${COMP_WORDS[COMP_CWORD]} command='' i words=0
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --program | --pid | --peer | --state | --port | --socket | --user | --cgroup | --name | --key | --root) ((i += 1)) ;;
        -*) ;;
        *) command=${command:-${COMP_WORDS[i]}}; ((words += 1)) ;;
        esac
    done
    if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --@(socket|key|root) ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --user ]]; then
        mapfile -t COMPREPLY < <(compgen -u -- "$cur")
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --peer ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_btnsctl_peers)" -- "$cur")
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --state ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'listener larval established failed broken closed unprotected lingering' -- "$cur")
    elif [[ $cur == -* ]]; then
        [[ -z $command ]] || options="--socket --json --version --help $(_btnsctl_takes "$command")"
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    elif [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
    else
        _btnsctl_operands
    fi
}
complete -F _btnsctl btnsctl
