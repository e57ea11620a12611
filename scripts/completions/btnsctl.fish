# Completion of btnsctl(8) for fish.

function __btnsctl_peers
    timeout 1 btnsctl peers 2>/dev/null | awk 'NR > 1 && /^[^ ]/ { print $1; print $2; if ($3 != "-") print $3 }'
end

function __btnsctl_rules
    timeout 1 btnsctl policy show --long 2>/dev/null |
        awk '$1 == "program" { p = $2 } $1 == "rule" { gsub("\"", "", p); gsub("\"", "", $2); print p "/" $2 }'
end

set -l commands status latches peers keyscan key explain check audit verify watch metrics graph policy cover uncover reload forget nolatch help
set -l without "not __fish_seen_subcommand_from $commands"

complete -c btnsctl -f
complete -c btnsctl -l socket -r -F -d "btnsd's socket"
complete -c btnsctl -s j -l json -d 'Write JSON'
complete -c btnsctl -s v -l verbose -d 'Show everything'
complete -c btnsctl -l check -d 'One line, for monitoring'
complete -c btnsctl -l program -x -d "Only that program's"
complete -c btnsctl -l pid -x -a '(__fish_complete_pids)' -d "Only that process's"
complete -c btnsctl -l peer -x -a '(__btnsctl_peers)' -d 'Only with that peer'
complete -c btnsctl -l state -x -a 'listener larval established failed broken closed unprotected lingering' -d 'Only in that state'
complete -c btnsctl -l port -x -d 'Only with that port'
complete -c btnsctl -l accept -d 'HOST:PORT is where the program accepts'
complete -c btnsctl -l user -x -a '(__fish_complete_users)' -d 'For that user'
complete -c btnsctl -l cgroup -x -d 'For a process in that control group'
complete -c btnsctl -l offline -d 'Look at the files alone'
complete -c btnsctl -l here -d 'Self-test in this network namespace'
complete -c btnsctl -l name -x -d "The policy's name"
complete -c btnsctl -l all -d 'All rules of others'
complete -c btnsctl -l mine -d "Only root's own policies"
complete -c btnsctl -l key -r -F -d 'The private key'
complete -c btnsctl -l long -d 'Short rules in the long form'
complete -c btnsctl -l dry-run -d 'Say what would be done'
complete -c btnsctl -l root -r -F -d 'For the system in that directory'
complete -c btnsctl -l self -d "This host's own key too"
complete -c btnsctl -l version -d 'Show the version'
complete -c btnsctl -s h -l help -d 'Show help'

complete -c btnsctl -n $without -a status -d 'Show the daemon, its key, rules and counts'
complete -c btnsctl -n $without -a latches -d 'List the latches'
complete -c btnsctl -n $without -a peers -d 'List the peers whose keys are known'
complete -c btnsctl -n $without -a keyscan -d 'Ask hosts for their keys'
complete -c btnsctl -n $without -a key -d 'Replace the host key by a new one'
complete -c btnsctl -n $without -a explain -d 'Show what btnsd would decide, and why'
complete -c btnsctl -n $without -a check -d 'Report faults in policy files'
complete -c btnsctl -n $without -a audit -d "Is this host's TCP hardened?"
complete -c btnsctl -n $without -a verify -d 'Prove a rule by trying it'
complete -c btnsctl -n $without -a watch -d 'Show events as they happen'
complete -c btnsctl -n $without -a metrics -d "Write btnsd's numbers as Prometheus text"
complete -c btnsctl -n $without -a graph -d 'Draw who talks to whom'
complete -c btnsctl -n $without -a policy -d 'Change your own rules, block others'
complete -c btnsctl -n $without -a cover -d "Run a service of systemd's under btns-run"
complete -c btnsctl -n $without -a uncover -d 'Run it as before'
complete -c btnsctl -n $without -a reload -d 'Read the policy files again'
complete -c btnsctl -n $without -a forget -d 'Forget a peer, and end what is latched to it'
complete -c btnsctl -n $without -a nolatch -d 'Forbid or allow latches to a known peer'
complete -c btnsctl -n $without -a help -d 'Show help'

complete -c btnsctl -n '__fish_seen_subcommand_from forget nolatch' -a '(__btnsctl_peers)'
complete -c btnsctl -n '__fish_seen_subcommand_from nolatch' -a 'on off'
complete -c btnsctl -n '__fish_seen_subcommand_from peers' -a 'pin name forget no-latch export import (__btnsctl_peers)'
complete -c btnsctl -n '__fish_seen_subcommand_from import' -F
complete -c btnsctl -n '__fish_seen_subcommand_from keyscan' -a '(__fish_print_hostnames)'
complete -c btnsctl -n '__fish_seen_subcommand_from policy' -a 'add remove block unblock list sign show'
complete -c btnsctl -n '__fish_seen_subcommand_from cover uncover' -a '(__fish_systemctl_services)'
complete -c btnsctl -n '__fish_seen_subcommand_from policy check' -F
complete -c btnsctl -n '__fish_seen_subcommand_from verify block unblock' -a '(__btnsctl_rules)'
complete -c btnsctl -n '__fish_seen_subcommand_from explain' -a '(__fish_complete_command)'
complete -c btnsctl -n '__fish_seen_subcommand_from key' -a rotate
complete -c btnsctl -n '__fish_seen_subcommand_from audit' -a tcp
