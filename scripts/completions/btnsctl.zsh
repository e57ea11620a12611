#compdef btnsctl
# Completion of btnsctl(8) for zsh.

_btnsctl_peers() {
    local -a known
    known=(${(f)"$(timeout 1 btnsctl peers 2>/dev/null | awk 'NR > 1 && /^[^ ]/ { print $1; print $2; if ($3 != "-") print $3 }')"})
    compadd -a known
}

_btnsctl_rules() {
    local -a known
    known=(${(f)"$(timeout 1 btnsctl policy show --long 2>/dev/null |
        awk '$1 == "program" { p = $2 } $1 == "rule" { gsub("\"", "", p); gsub("\"", "", $2); print p "/" $2 }')"})
    compadd -a known
}

_btnsctl() {
    local -a commands=(
        'status:show the daemon, its key, rules and counts'
        'latches:list the latches'
        'peers:list the peers whose keys are known; pin, name, forget, export, import'
        'keyscan:ask hosts for their keys'
        'key:replace the host key by a new one'
        'explain:show what btnsd would decide, and why'
        'check:report faults in policy files'
        "audit:is this host's TCP hardened?"
        'verify:prove a rule by trying it'
        'watch:show events as they happen'
        "metrics:write btnsd's numbers as Prometheus text"
        'graph:draw who talks to whom'
        "policy:change your own rules, block others', sign a package's"
        "cover:run a service of systemd's under btns-run"
        'uncover:run it as before'
        'reload:read the policy files again'
        'forget:forget a known peer'
        'nolatch:forbid or allow latches to a known peer'
        'help:show help'
    )
    local context state state_descr line
    typeset -A opt_args
    _arguments -C \
        '--socket=[socket of btnsd]:socket:_files' \
        '--json[write JSON]' \
        '--verbose[show everything]' \
        '--check[one line, for monitoring]' \
        "--program=[only that program's]:program:" \
        "--pid=[only that process's]:process:_pids" \
        '--peer=[only with that peer]:peer:_btnsctl_peers' \
        '--state=[only in that state]:state:(listener larval established failed broken closed unprotected lingering)' \
        '--port=[only with that port]:port:' \
        '--accept[HOST\:PORT is where the program accepts]' \
        '--user=[for that user]:user:_users' \
        '--cgroup=[for a process in that control group]:control group:' \
        '--offline[look at the files alone]' \
        '--here[self-test in this network namespace]' \
        '--name=[name of the policy]:name:' \
        '--all[all rules of others]' \
        "--mine[only root's own policies]" \
        '--key=[the private key]:file:_files' \
        '--long[what short rules stand for]' \
        '--dry-run[say what would be done]' \
        '--root=[for the system in that directory]:directory:_files -/' \
        "--self[this host's own key too]" \
        '--version[show the version]' \
        '(-h --help)'{-h,--help}'[show help]' \
        '1:command:->command' '*::argument:->argument'
    case $state in
    command) _describe command commands ;;
    argument)
        case $line[1] in
        forget) _btnsctl_peers ;;
        keyscan) _hosts ;;
        key) compadd rotate ;;
        nolatch) ((CURRENT == 2)) && compadd on off || _btnsctl_peers ;;
        peers)
            if ((CURRENT == 1)); then
                compadd pin name forget no-latch export import
            elif [[ $line[2] == import ]]; then
                _files
            else
                _btnsctl_peers
            fi
            ;;
        policy)
            if ((CURRENT == 1)); then
                compadd add remove block unblock list sign show
            elif [[ $line[2] == (block|unblock) ]]; then
                _btnsctl_rules
            else
                _files
            fi
            ;;
        verify) _btnsctl_rules ;;
        explain) ((CURRENT == 1)) && _command_names || _hosts ;;
        audit) compadd tcp ;;
        cover | uncover) compadd ${(f)"$(timeout 1 systemctl list-units --type=service --plain --no-legend 2>/dev/null | awk '{ print $1 }')"} ;;
        check) _files ;;
        esac
        ;;
    esac
}

_btnsctl "$@"
