#compdef btns-run
# Completion of btns-run(1) for zsh.

_arguments -S \
    '--require[fail without protection]' \
    '--prefer[protect if possible]' \
    '--bypass[leave connections alone]' \
    '--supervise[stay as the supervisor]' \
    '--policy=[rules for this program]:file:_files' \
    '--verbose[say what is decided]' \
    '--check[say whether the program can be covered]' \
    '--to=[where to, for --check]:host:_hosts' \
    '--version[show the version]' \
    '--help[show help]' \
    '(-)1:program:_command_names -e' '*::arguments:_normal'
