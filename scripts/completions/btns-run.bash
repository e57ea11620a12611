# Completion of btns-run(1) for bash.

_btns_run() {
    local options='--require --prefer --bypass --supervise --policy --verbose --check --to --version --help'
    local cur=${COMP_WORDS[COMP_CWORD]} i
    COMPREPLY=()
    # The first word that is no option, nor an option's argument, is the program's.
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --policy | --to) ((i += 1)) ;;
        --) ((i += 1)); break ;;
        -*) ;;
        *) break ;;
        esac
    done
    if ((i < COMP_CWORD)); then
        # bash-completion knows how the program's own words are completed.
        if declare -F _command_offset >/dev/null; then
            _command_offset "$i"
        else
            compopt -o default
        fi
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --policy ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --to ]]; then
        mapfile -t COMPREPLY < <(compgen -A hostname -S : -- "$cur")
    elif [[ $cur == -* && ${COMP_WORDS[COMP_CWORD - 1]} != -- ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    fi
}
complete -F _btns_run btns-run
