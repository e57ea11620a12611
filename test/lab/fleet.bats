# A fleet whose hosts know each other before they meet.
load lab.bash

setup_file() { run_lab fleet.sh; }

@test "peers export --self of each host, imported everywhere: everybody is known, and no contact is a first one" {
    passed exported imported-alice imported-bob imported-mallory known again connects no-first-contact exported-again
}
@test "peers import refuses what contradicts known_peers, with file, line and what to do, and everybody but root" {
    passed contradiction not-root
}
