# Completion of btns-run(1) for fish.

complete -c btns-run -n __fish_is_first_token -l require -d 'Fail without protection'
complete -c btns-run -n __fish_is_first_token -l prefer -d 'Protect if possible'
complete -c btns-run -n __fish_is_first_token -l bypass -d 'Leave connections alone'
complete -c btns-run -l supervise -d 'Stay as the supervisor'
complete -c btns-run -l policy -r -F -d 'Rules for this program'
complete -c btns-run -l verbose -d 'Say what is decided'
complete -c btns-run -l check -d 'Say whether the program can be covered'
complete -c btns-run -l to -x -a '(__fish_print_hostnames)' -d 'Where to, for --check'
complete -c btns-run -l version -d 'Show the version'
complete -c btns-run -l help -d 'Show help'
complete -c btns-run -x -a '(__fish_complete_subcommand --fcs-skip=1)'
