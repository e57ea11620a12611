#!/usr/bin/env bats
# make install and make uninstall, into a directory of their own.
bats_require_minimum_version 1.5.0

# The tests use a copy of the build, as PREFIX is compiled in. If the flags differ from those of the build, make builds again.
setup_file() {
    unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL SAN # builds a release, whatever build is being tested
    cd "$BATS_TEST_DIRNAME/../.." || return
    local part built=${BTNS_BUILD:-build}
    mkdir "$BATS_FILE_TMPDIR/build"
    for part in obj pic lab-bin flags prefix btnsd btnsctl btns-run libbtns-shim.so libbtns.so libbtns.so.1 libbtns-openssl.so libbtns-openssl.so.1 libnss_btns.so.2; do
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

@test "everything is installed in its place" {
    again install
    is "$(
        cat <<'LIST'
./etc/btns/policy.d/README
./usr/bin/btns-run
./usr/bin/btnsctl
./usr/include/btns/ipsec.h
./usr/lib/btns/libbtns-shim.so
./usr/lib/btns/policy.d/50-chrony.conf
./usr/lib/btns/policy.d/50-curl.conf
./usr/lib/btns/policy.d/50-dns.conf
./usr/lib/btns/policy.d/50-git.conf
./usr/lib/btns/policy.d/50-iperf3.conf
./usr/lib/btns/policy.d/50-lighttpd.conf
./usr/lib/btns/policy.d/50-memcached.conf
./usr/lib/btns/policy.d/50-mosh.conf
./usr/lib/btns/policy.d/50-mosquitto.conf
./usr/lib/btns/policy.d/50-netcat.conf
./usr/lib/btns/policy.d/50-nginx.conf
./usr/lib/btns/policy.d/50-python-http.conf
./usr/lib/btns/policy.d/50-redis.conf
./usr/lib/btns/policy.d/50-rsync.conf
./usr/lib/btns/policy.d/50-snmp.conf
./usr/lib/btns/policy.d/50-socat.conf
./usr/lib/btns/policy.d/50-ssh.conf
./usr/lib/btns/policy.d/50-syslog.conf
./usr/lib/btns/policy.d/50-tftp.conf
./usr/lib/btns/policy.d/50-wget.conf
./usr/lib/btns/policy.d/99-default.conf
./usr/lib/libbtns-openssl.so
./usr/lib/libbtns-openssl.so.1
./usr/lib/libbtns.so
./usr/lib/libbtns.so.1
./usr/lib/libnss_btns.so.2
./usr/lib/pkgconfig/btns-openssl.pc
./usr/lib/pkgconfig/btns.pc
./usr/lib/sysctl.d/60-btns.conf
./usr/lib/systemd/system/btns-reader.socket
./usr/lib/systemd/system/btns-reader@.service
./usr/lib/systemd/system/btnsd.service
./usr/sbin/btnsd
./usr/share/bash-completion/completions/btns-run
./usr/share/bash-completion/completions/btnsctl
./usr/share/doc/libbtns-dev/examples/hello-tls.c
./usr/share/doc/libbtns-dev/examples/hello.c
./usr/share/doc/libbtns-dev/examples/keep-channel.h
./usr/share/doc/libbtns-dev/examples/kv.c
./usr/share/fish/vendor_completions.d/btns-run.fish
./usr/share/fish/vendor_completions.d/btnsctl.fish
./usr/share/man/man1/btns-run.1
./usr/share/man/man3/ipsec_api_version.3
./usr/share/man/man3/ipsec_auth_name.3
./usr/share/man/man3/ipsec_channel_info.3
./usr/share/man/man3/ipsec_check_channel_info.3
./usr/share/man/man3/ipsec_check_socket.3
./usr/share/man/man3/ipsec_cmp_channel_info.3
./usr/share/man/man3/ipsec_cmp_policy.3
./usr/share/man/man3/ipsec_connect.3
./usr/share/man/man3/ipsec_create_channel_info.3
./usr/share/man/man3/ipsec_create_policy.3
./usr/share/man/man3/ipsec_dup_channel_info.3
./usr/share/man/man3/ipsec_dup_policy.3
./usr/share/man/man3/ipsec_expect.3
./usr/share/man/man3/ipsec_export_channel_info.3
./usr/share/man/man3/ipsec_free_attr.3
./usr/share/man/man3/ipsec_free_channel_info.3
./usr/share/man/man3/ipsec_free_policy.3
./usr/share/man/man3/ipsec_get_channel_attr.3
./usr/share/man/man3/ipsec_get_msg_channel_info.3
./usr/share/man/man3/ipsec_get_msg_policy.3
./usr/share/man/man3/ipsec_get_policy_attr.3
./usr/share/man/man3/ipsec_get_reason.3
./usr/share/man/man3/ipsec_get_socket_channel_info.3
./usr/share/man/man3/ipsec_get_socket_policy.3
./usr/share/man/man3/ipsec_import_channel_info.3
./usr/share/man/man3/ipsec_listen.3
./usr/share/man/man3/ipsec_msg.3
./usr/share/man/man3/ipsec_new_policy.3
./usr/share/man/man3/ipsec_openssl_to_channel_info.3
./usr/share/man/man3/ipsec_policy.3
./usr/share/man/man3/ipsec_prepare_recv.3
./usr/share/man/man3/ipsec_read_event.3
./usr/share/man/man3/ipsec_reason_name.3
./usr/share/man/man3/ipsec_recvmsg.3
./usr/share/man/man3/ipsec_sendmsg.3
./usr/share/man/man3/ipsec_set_channel_attr.3
./usr/share/man/man3/ipsec_set_msg_channel_info.3
./usr/share/man/man3/ipsec_set_msg_policy.3
./usr/share/man/man3/ipsec_set_policy_attr.3
./usr/share/man/man3/ipsec_set_socket_channel_info.3
./usr/share/man/man3/ipsec_set_socket_policy.3
./usr/share/man/man3/ipsec_socket.3
./usr/share/man/man3/ipsec_state_name.3
./usr/share/man/man3/ipsec_tls_offer.3
./usr/share/man/man3/ipsec_watch.3
./usr/share/man/man3/ipsec_watch_add.3
./usr/share/man/man3/ipsec_who.3
./usr/share/man/man5/btns-policy.5
./usr/share/man/man5/btns-rules.5
./usr/share/man/man7/btns-requirements.7
./usr/share/man/man7/btns-services.7
./usr/share/man/man7/btns-shim.7
./usr/share/man/man7/ipsec-api.7
./usr/share/man/man8/btnsctl.8
./usr/share/man/man8/btnsd.8
./usr/share/man/man8/nss-btns.8
./usr/share/zsh/vendor-completions/_btns-run
./usr/share/zsh/vendor-completions/_btnsctl
LIST
    )" "$(files)"
}

@test "modes do not depend on the umask: programs can be run by all, policies are root's to write" {
    (umask 077 && again install)
    modes() { (cd "$dest" && stat -c '%a %n' "$@"); }
    is $'755 usr/bin/btns-run\n755 usr/sbin/btnsd\n644 usr/lib/btns/libbtns-shim.so' \
        "$(modes usr/bin/btns-run usr/sbin/btnsd usr/lib/btns/libbtns-shim.so)"
    is $'644 usr/lib/systemd/system/btnsd.service\n755 etc/btns/policy.d\n644 usr/lib/btns/policy.d/50-curl.conf' \
        "$(modes usr/lib/systemd/system/btnsd.service etc/btns/policy.d usr/lib/btns/policy.d/50-curl.conf)"
}

@test "installed programs run from their place, with the installed shim" {
    again install
    for program in bin/btns-run bin/btnsctl sbin/btnsd; do
        [[ $("$dest/usr/$program" --version) == "$(basename $program) "[0-9]* ]]
    done
    run env BTNS_SOCKET_PATH="$dest/none" "$dest/usr/bin/btns-run" --check true
    grep -x "shim *$dest/usr/lib/btns/libbtns-shim.so" <<<"$output"
}

@test "another PREFIX also applies to the unit, and to the place where btns-run looks for the shim" {
    again install PREFIX=/opt/btns
    is $'ExecStart=/opt/btns/sbin/btnsd\nExecReload=/opt/btns/bin/btnsctl reload' \
        "$(grep -E '^Exec(Start|Reload)=' "$dest/opt/btns/lib/systemd/system/btnsd.service")"
    is 'ExecStart=/opt/btns/sbin/btnsd --read-task' "$(grep ^ExecStart= "$dest/opt/btns/lib/systemd/system/btns-reader@.service")"
    cp "$dest/opt/btns/bin/btns-run" "$BATS_TEST_TMPDIR/btns-run"
    run "$BATS_TEST_TMPDIR/btns-run" true
    [[ $status -eq 125 && $output == *'nor in /opt/btns/lib/btns'* ]]
    again uninstall PREFIX=/opt/btns
    is '' "$(files)"
}

@test "the administrator's policies stay as they are: the shipped ones are in a directory of their own, and btnsd reads both" {
    again install
    echo '# mine' >"$dest/etc/btns/policy.d/50-ssh.conf"
    again install
    is '# mine' "$(<"$dest/etc/btns/policy.d/50-ssh.conf")"
    cmp policy.d/50-ssh.conf "$dest/usr/lib/btns/policy.d/50-ssh.conf"
    [[ $(strings "$dest/usr/sbin/btnsd" 2>/dev/null || grep -ao '/usr/lib/btns/policy.d' "$dest/usr/sbin/btnsd") == *'/usr/lib/btns/policy.d'* ]]
}

@test "the unit goes where UNITDIR says" {
    again install UNITDIR=/lib/systemd/system
    [[ -e $dest/lib/systemd/system/btnsd.service && ! -e $dest/usr/lib/systemd ]]
}

@test "the lab stands beside the installed programs and runs from there" {
    again install
    again install-lab
    run "$dest/usr/bin/btns-lab" --help
    [[ $status -eq 0 && $output == *'btns-lab run'* ]]
    for program in btnsd btnsctl btns-run libbtns-shim.so lab-bin/on lab-bin/uml-xstate.so; do
        [[ -x $dest/usr/lib/btns-lab/build/$program || $program == *.so && -e $dest/usr/lib/btns-lab/build/$program ]]
    done
    [[ -e $dest/usr/lib/btns-lab/policy.d/99-default.conf && -e $dest/usr/share/man/man8/btns-lab.8 ]]
}

# Checks each file that is executed or loaded, whatever flags the builder gives.
@test "installed files are hardened: position-independent, read-only relocations, bound at start, fortified" {
    [[ -n $(type -P readelf) ]] || skip 'readelf is not installed'
    again install
    for file in sbin/btnsd bin/btnsctl bin/btns-run lib/btns/libbtns-shim.so lib/libbtns.so.1 lib/libnss_btns.so.2; do
        local said
        said=$(readelf -Whld "$dest/usr/$file")
        grep -q 'Type: *DYN' <<<"$said"
        grep -q GNU_RELRO <<<"$said"
        grep -qE 'BIND_NOW|Flags:.*NOW' <<<"$said"
        # (The module calls nothing that has such a form.)
        [[ $file == *libnss* ]] || readelf -Ws "$dest/usr/$file" | grep -q '__[a-z]*_chk@' || { echo "$file is not fortified"; return 1; }
        readelf -Ws "$dest/usr/$file" | grep -q __stack_chk_fail
    done
}

@test "a release is built without -Werror, and with the packager's flags" {
    run make -n -B V=1 WERROR= CPPFLAGS=-DPACKAGER=1 LDFLAGS=-Wl,-z,packager BUILD="$BATS_TEST_TMPDIR/b" all
    [[ $status -eq 0 && $output == *-DPACKAGER=1* && $output == *-Wl,-z,packager* && $output != *-Werror* ]]
    run make -n -B V=1 CFLAGS=-O3 BUILD="$BATS_TEST_TMPDIR/b" all
    # With optimization flags of the builder's own, files are hardened all the same.
    [[ $status -eq 0 && $(grep -c ' -c ' <<<"$output") -gt 100 ]]
    [[ -z $(grep ' -c ' <<<"$output" | grep -v 'lab/' | grep -vE -- '-fstack-protector-strong.*-D_FORTIFY_SOURCE=2.*-O3') ]]
    mkdir "$BATS_TEST_TMPDIR/release"
    cp -r Makefile btnsd libapi shim scripts debian policy.d test "$BATS_TEST_TMPDIR/release"
    run make -C "$BATS_TEST_TMPDIR/release" -n V=1 all
    [[ $status -eq 0 && $output != *-Werror* && $output == *-D_FORTIFY_SOURCE=2* ]]
}

@test "the version stands in one place" {
    version=$(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
    [[ $("$BATS_FILE_TMPDIR/build/btnsd" --version) == "btnsd $version" ]]
    run grep -rnF "$version" Makefile btnsd libapi shim scripts --include=Makefile --include='*.[ch1-8]' --include='btns-*'
    echo "$output"
    [[ $(grep -cE "['\" v]$version" <<<"$output") -eq 0 ]]
}

@test "uninstall leaves the administrator's policies and the host's key, and nothing else" {
    again install
    echo 'format = 1' >"$dest/etc/btns/policy.d/10-mine.conf"
    mkdir -p "$dest/var/lib/btns"
    echo key >"$dest/var/lib/btns/host.key"
    again install
    again uninstall
    is $'./etc/btns/policy.d/10-mine.conf\n./var/lib/btns/host.key' "$(files)"
    rm "$dest"/etc/btns/policy.d/*
    again uninstall
    [[ ! -e $dest/etc/btns && ! -e $dest/usr/lib/btns && -d $dest/etc ]]
}

@test "btns-setup: running and building need few packages, and testing all" {
    [[ -n $(type -P dpkg-query) ]] || skip 'this is not Debian'
    all=$(scripts/btns-setup --list | wc -l)
    runtime=$(scripts/btns-setup --runtime --list) build=$(scripts/btns-setup --list --build)
    [[ $(wc -l <<<"$runtime") -le 8 && $runtime == *strongswan-charon* && $runtime != *gcc* ]]
    [[ $(wc -l <<<"$build") -le 10 && $build == *debhelper* && $build != *strongswan* && $all -ge 35 ]]
    run scripts/btns-setup --runtime --nope
    [[ $status -eq 2 && $output == *'unknown option: --nope'* ]]
}
