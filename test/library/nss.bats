#!/usr/bin/env bats
# The service "btns" of nsswitch.conf: unmodified programs find a peer by its name. Each test has namespaces of its own, with the
# module, a file of names and a nsswitch.conf in their places.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    here=$BATS_TEST_TMPDIR
    # The order that nss-btns(8) gives.
    grep -hx 'hosts: .*' libapi/nss/nss-btns.8 >"$here/nsswitch.conf"
    bob=fd62:746e:7300:ae21:6c2e:f524:7a37:82c1
    printf '# written by btnsd\n%s bob.btns\n%s barih-hokog-duvur-finus-musuj-fupin.btns\n' $bob $bob >"$here/hosts"
    echo 'nameserver 127.0.0.1' >"$here/resolv.conf"
    mkdir "$here/lib" "$here/run"
    ln -s "$(realpath "${BTNS_BUILD:-build}/libnss_btns.so.2")" "$here/lib/"
    unshare -mnr true 2>/dev/null || skip 'no namespaces can be made here'
}

# inside COMMAND...: where btnsd has written $here/hosts
inside() {
    # shellcheck disable=SC2016 # for the inner shell
    here=$here unshare -mnr sh -ec '
        for file in nsswitch.conf resolv.conf; do mount --bind "$here/$file" "/etc/$file"; done
        mkdir -p "$here/run/btns"
        rm -f "$here/run/btns/hosts"
        [ ! -e "$here/hosts" ] || cp "$here/hosts" "$here/run/btns/hosts"
        mount --bind "$here/run" /run
        ip link set lo up
        LD_LIBRARY_PATH=$here/lib exec "$@"' sh "$@"
}

@test "getent finds a peer by its name, in any case and with a dot at its end, and the name by the address" {
    for name in bob.btns Bob.BTNS bob.btns. barih-hokog-duvur-finus-musuj-fupin.btns; do
        run -0 inside getent ahosts "$name"
        [[ ${lines[0]} == "$bob "*STREAM* ]]
        # With AI_ADDRCONFIG: a host in BEET mode has an address of IPv6, if only on lo.
        run -0 inside sh -ec 'ip addr add fd62:746e:7300::9/128 dev lo nodad; exec getent ahostsv6 "$0"' "$name"
        [[ ${lines[0]} == "$bob "*STREAM* ]]
    done
    run -0 inside getent hosts bob.btns
    [[ $output =~ ^$bob\ +bob\.btns$ ]]
    run -0 inside getent hosts $bob
    [[ $output =~ ^$bob\ +bob\.btns$ ]]
    run -2 inside getent ahostsv4 bob.btns
    run -2 inside getent ahosts carol.btns
    run -2 inside getent hosts fd62:746e:7300::1
}

@test "curl and python connect by the name, and python gets the name for the connection's address" {
    run -0 inside sh -ec "ip addr add $bob/128 dev lo nodad; exec python3 test/library/by_name.py bob.btns"
    echo "$output"
    [[ $output == *"curl: by name $bob bob.btns"* && $output == *"python: $bob bob.btns"* ]]
}

@test "a name server is asked about other names and addresses, and never about these" {
    run -0 inside python3 test/library/asked_dns.py getent ahosts carol.btns
    [[ $output == '2: 0 asked' ]]
    run -0 inside python3 test/library/asked_dns.py getent hosts fd62:746e:7300::1
    [[ $output == '2: 0 asked' ]]
    run -0 inside python3 test/library/asked_dns.py getent ahosts bob.example
    [[ $output =~ ^2:\ [1-9] ]]
    rm "$here/hosts"
    run -0 inside python3 test/library/asked_dns.py getent ahosts bob.btns
    [[ $output == '2: 0 asked' ]]
}

@test "a line whose address or name is not a peer's is ignored, and so is one that is too long" {
    printf '%s\n' '192.0.2.1 four.btns' 'fd00::1 six.btns' "$bob bob.example" "$bob two.btns x" "$bob  wide.btns" "$bob $(printf 'l%.0s' {1..80}).btns" \
        "$bob last.btns" >"$here/hosts"
    for name in four.btns six.btns bob.example two.btns wide.btns "$(printf 'l%.0s' {1..80}).btns"; do
        run -2 inside getent ahosts "$name"
    done
    run -0 inside getent ahosts last.btns
}

@test "the manual's command makes the line of nsswitch.conf that the manual shows, and the package's scripts the same" {
    printf 'passwd: files\nhosts: files dns\nnetworks: files\n' >"$here/plain"
    printf 'passwd: files\n%s\nnetworks: files\n' "$(<"$here/nsswitch.conf")" >"$here/wanted"
    cp "$here/plain" "$here/by-hand"
    command=$(man -l libapi/nss/nss-btns.8 | sed -n 's/^ *\(sed .*\)/\1/p')
    eval "${command//\/etc\/nsswitch.conf/$here/by-hand}"
    diff "$here/wanted" "$here/by-hand"
    mkdir "$here/etc"
    cp "$here/plain" "$here/etc/nsswitch.conf"
    # Twice, because an upgrade must change nothing.
    for script in 'postinst configure' 'postinst configure 1' 'prerm upgrade 1'; do
        DPKG_ROOT=$here sh -e "debian/libnss-btns.${script%% *}" ${script#* }
        diff "$here/wanted" "$here/etc/nsswitch.conf"
    done
    DPKG_ROOT=$here sh -e debian/libnss-btns.prerm remove
    diff "$here/plain" "$here/etc/nsswitch.conf"
    # A file without the line stays as it is, and a missing file is not made.
    DPKG_ROOT=$here sh -e debian/libnss-btns.prerm remove
    diff "$here/plain" "$here/etc/nsswitch.conf"
    rm "$here/etc/nsswitch.conf"
    DPKG_ROOT=$here sh -e debian/libnss-btns.postinst configure
    [[ ! -e $here/etc/nsswitch.conf ]]
}

@test "the package's scripts put the module first, whatever the line has, and remove it again; other names are found as before" {
    mkdir "$here/etc"
    local line
    for line in 'hosts:          mymachines resolve [!UNAVAIL=return] files myhostname dns' 'hosts: files [!UNAVAIL=return] dns' \
        $'hosts:\tfiles [NOTFOUND=return SUCCESS=return] dns' 'hosts: dns' 'hosts:files dns'; do
        printf '%s\n' "$line" >"$here/etc/nsswitch.conf"
        DPKG_ROOT=$here sh -e debian/libnss-btns.postinst configure
        cp "$here/etc/nsswitch.conf" "$here/nsswitch.conf"
        run -0 inside getent ahosts bob.btns
        [[ ${lines[0]} == "$bob "*STREAM* ]]
        run -2 inside getent ahosts carol.btns
        [[ $line != *files* ]] || run -0 inside getent hosts localhost
        DPKG_ROOT=$here sh -e debian/libnss-btns.prerm remove
        [[ $(<"$here/etc/nsswitch.conf") == "$line" ]]
    done
}

# The C library calls again when its first buffer is too small.
@test "a buffer that is too small is reported, whatever its address, and one that is large enough is not overrun" {
    run -0 inside python3 test/library/nss_buffers.py "$here/lib/libnss_btns.so.2"
    echo "$output"
    [[ $output == 'ok' ]]
}

@test "the module needs libc alone, and exports the service's functions alone" {
    run -0 readelf -d "$here/lib/libnss_btns.so.2"
    [[ $(grep -c NEEDED <<<"$output") -eq 1 && $output == *'[libc.so.6]'* && $output == *'[libnss_btns.so.2]'* ]]
    run -1 sh -c "nm -D --defined-only '$here/lib/libnss_btns.so.2' | grep -v ' _nss_btns_gethostby'"
    [[ -z $output ]]
}
