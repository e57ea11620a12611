#!/usr/bin/env bats
# make install and make uninstall, into a directory of their own.
bats_require_minimum_version 1.5.0

# The tests use a copy of the build, as PREFIX is compiled in. If the flags differ from those of the build, make builds again.
setup_file() {
    unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL
    cd "$BATS_TEST_DIRNAME/../.." || return
    local part built=${BTNS_BUILD:-build}
    mkdir "$BATS_FILE_TMPDIR/build"
    for part in obj pic lab-bin flags prefix btnsd btnsctl btns-run libbtns-shim.so; do
        [[ ! -e $built/$part ]] || cp -a "$built/$part" "$BATS_FILE_TMPDIR/build"
    done
    make -j2 all BUILD="$BATS_FILE_TMPDIR/build" >/dev/null
}

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    dest=$BATS_TEST_TMPDIR/dest
}

# again TARGET [VARIABLE=VALUE...]
again() {
    make --no-print-directory "$1" BUILD="$BATS_FILE_TMPDIR/build" DESTDIR="$dest" "${@:2}"
}

files() { (cd "$dest" && find . ! -type d | sort); }

# is EXPECTED ACTUAL
is() { diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }

@test "everything is installed, and where it belongs" {
    again install
    is "$(
        cat <<'LIST'
./etc/btns/policy.d/50-curl.conf
./etc/btns/policy.d/50-dns.conf
./etc/btns/policy.d/50-git.conf
./etc/btns/policy.d/50-iperf3.conf
./etc/btns/policy.d/50-lighttpd.conf
./etc/btns/policy.d/50-memcached.conf
./etc/btns/policy.d/50-mosquitto.conf
./etc/btns/policy.d/50-netcat.conf
./etc/btns/policy.d/50-nginx.conf
./etc/btns/policy.d/50-python-http.conf
./etc/btns/policy.d/50-redis.conf
./etc/btns/policy.d/50-rsync.conf
./etc/btns/policy.d/50-socat.conf
./etc/btns/policy.d/50-ssh.conf
./etc/btns/policy.d/50-wget.conf
./etc/btns/policy.d/99-default.conf
./usr/bin/btns-run
./usr/bin/btnsctl
./usr/lib/btns/libbtns-shim.so
./usr/lib/systemd/system/btnsd.service
./usr/sbin/btnsd
./usr/share/bash-completion/completions/btns-run
./usr/share/bash-completion/completions/btnsctl
./usr/share/man/man1/btns-run.1
./usr/share/man/man5/btns-policy.5
./usr/share/man/man7/btns-shim.7
./usr/share/man/man8/btns-lab.8
./usr/share/man/man8/btnsctl.8
./usr/share/man/man8/btnsd.8
LIST
    )" "$(files)"
}

@test "modes do not depend on the umask: programs can be run by all, policies are root's to write" {
    (umask 077 && again install)
    modes() { (cd "$dest" && stat -c '%a %n' "$@"); }
    is $'755 usr/bin/btns-run\n755 usr/sbin/btnsd\n644 usr/lib/btns/libbtns-shim.so' \
        "$(modes usr/bin/btns-run usr/sbin/btnsd usr/lib/btns/libbtns-shim.so)"
    is $'644 usr/lib/systemd/system/btnsd.service\n755 etc/btns/policy.d\n644 etc/btns/policy.d/50-curl.conf' \
        "$(modes usr/lib/systemd/system/btnsd.service etc/btns/policy.d etc/btns/policy.d/50-curl.conf)"
}

@test "installed programs run from their place, with the shim from there" {
    again install
    for program in bin/btns-run bin/btnsctl sbin/btnsd; do
        [[ $("$dest/usr/$program" --version) == "$(basename $program) "[0-9]* ]]
    done
    run env BTNS_SOCKET_PATH="$dest/none" "$dest/usr/bin/btns-run" --check true
    grep -x "shim *$dest/usr/lib/btns/libbtns-shim.so" <<<"$output"
}

@test "another PREFIX is also the unit's, and where btns-run looks for the shim" {
    again install PREFIX=/opt/btns
    is $'ExecStart=/opt/btns/sbin/btnsd\nExecReload=/opt/btns/bin/btnsctl reload' \
        "$(grep -E '^Exec(Start|Reload)=' "$dest/opt/btns/lib/systemd/system/btnsd.service")"
    cp "$dest/opt/btns/bin/btns-run" "$BATS_TEST_TMPDIR/btns-run"
    run "$BATS_TEST_TMPDIR/btns-run" true
    [[ $status -eq 125 && $output == *'nor in /opt/btns/lib/btns'* ]]
    again uninstall PREFIX=/opt/btns
    is '' "$(files)"
}

@test "a policy that was changed is never overwritten: the new one is put beside it" {
    again install
    echo '# mine' >>"$dest/etc/btns/policy.d/50-ssh.conf"
    mine=$(<"$dest/etc/btns/policy.d/50-ssh.conf")
    run again install
    [[ $status -eq 0 && $output == *'50-ssh.conf was changed and stays'* ]]
    [[ $output != *'50-curl.conf was changed'* ]]
    is "$mine" "$(<"$dest/etc/btns/policy.d/50-ssh.conf")"
    cmp policy.d/50-ssh.conf "$dest/etc/btns/policy.d/50-ssh.conf.new"
    is './etc/btns/policy.d/50-ssh.conf.new' "$(files | grep 'new$')"
}

@test "uninstall leaves changed policies, others' files and the host's key, and nothing else" {
    again install
    is '29' "$(files | wc -l)"
    echo '# mine' >>"$dest/etc/btns/policy.d/50-ssh.conf"
    echo 'format = 1' >"$dest/etc/btns/policy.d/10-mine.conf"
    mkdir -p "$dest/var/lib/btns"
    echo key >"$dest/var/lib/btns/host.key"
    again install
    run again uninstall
    [[ $status -eq 0 && $output == *'50-ssh.conf was changed and stays'* ]]
    is $'./etc/btns/policy.d/10-mine.conf\n./etc/btns/policy.d/50-ssh.conf\n./var/lib/btns/host.key' "$(files)"
    rm "$dest"/etc/btns/policy.d/*
    again uninstall
    [[ ! -e $dest/etc/btns && ! -e $dest/usr/lib/btns && -d $dest/etc ]]
}
