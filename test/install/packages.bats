#!/usr/bin/env bats
# Debian packages: built from this tree, without lintian's complaints, and installed into a fresh Debian, upgraded, removed
# and purged there.
bats_require_minimum_version 1.5.0

# The fresh Debian is made once, and kept for the next run.
cache=${BTNS_ROOT_CACHE:-/var/cache/btns-test}

setup_file() {
    export repo build debs=$BATS_FILE_TMPDIR/deb
    repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    build=$(cd "${BTNS_BUILD:-$repo/build}" && pwd)
    if [[ -z $(type -P dpkg-buildpackage) || -z $(type -P dh) ]]; then
        echo 'debhelper is not installed' >"$BATS_FILE_TMPDIR/skip"
    else
        DEB_BUILD_OPTIONS=noautodbgsym "$repo/scripts/btns-deb" "$debs" >/dev/null
    fi
}

setup() {
    [[ ! -e $BATS_FILE_TMPDIR/skip ]] || skip "$(<"$BATS_FILE_TMPDIR/skip")"
    version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$repo/debian/changelog")
    root=$BATS_FILE_TMPDIR/root
}

# Debian's mirror and suite, as this machine's apt knows them.
mirror() { apt-get indextargets --format '$(REPO_URI) $(SUITE) $(CODENAME)' 'Created-By: Packages' | sort -u; }

# Makes $root: a fresh Debian of this machine's version.
fresh_root() {
    [[ ! -d $root/etc ]] || return 0
    [[ $EUID -eq 0 ]] || skip 'only root can make a root directory'
    [[ -n $(type -P debootstrap) ]] || skip 'debootstrap is not installed'
    unshare --mount --pid --fork true 2>/dev/null || skip 'no namespaces can be made here'
    local codename uri tar
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
    uri=$(mirror | awk -v name="$codename" '$3 == name { print $1; exit }')
    tar=$cache/$codename-minbase.tar
    [[ -n $uri ]] || skip "apt knows no mirror of $codename"
    if [[ ! -e $tar ]]; then
        mkdir -p "$cache"
        debootstrap --variant=minbase "$codename" "$BATS_FILE_TMPDIR/new" "$uri" >"$BATS_FILE_TMPDIR/log" 2>&1 || {
            tail -n 5 "$BATS_FILE_TMPDIR/log"
            skip 'debootstrap cannot make a fresh Debian here (no mirror?)'
        }
        tar -C "$BATS_FILE_TMPDIR/new" -cf "$tar.new" .
        rm -rf "$BATS_FILE_TMPDIR/new"
        mv "$tar.new" "$tar"
    fi
    mkdir "$root"
    tar -C "$root" -xf "$tar"
    # Its apt uses the same sources as this machine's.
    rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
    cp -r /etc/apt/sources.list* "$root/etc/apt/" 2>/dev/null || true
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    printf 'Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\nAPT::Sandbox::User "root";\n' >"$root/etc/apt/apt.conf.d/90btns-test"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    inside apt-get -qq update || skip 'the fresh Debian reaches no mirror'
}

# inside COMMAND...: in the fresh Debian
inside() {
    # (The lab wants a root directory that is a mount of its own.)
    unshare --mount --pid --fork --mount-proc="$root/proc" \
        sh -c 'mount --rbind "$0" "$0" && exec chroot "$0" "$@"' "$root" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}
install() { inside apt-get -qq -y --no-install-recommends install "$@" 2>&1; }

@test "the packages are built, with the version of the changelog" {
    for name in btns btns-lab; do
        [[ $(dpkg-deb -f "$debs/${name}_${version}_$(dpkg --print-architecture).deb" Version) == "$version" ]]
    done
    [[ -e $debs/btns_$version.dsc ]]
}

@test "lintian has nothing to say, even when pedantic" {
    [[ -n $(type -P lintian) ]] || skip 'lintian is not installed'
    # lintian reads machine code as text, too, and now and then finds a misspelt word of three letters in it.
    run lintian --allow-root --pedantic --display-info --suppress-tags spelling-error-in-binary "$debs"/*.changes
    echo "$output"
    [[ $status -eq 0 && -z $output ]]
}

# Each example's first comment has the command that builds it.
@test "libbtns-dev's examples are built, without a warning, from what the packages install" {
    [[ -n $(type -P pkg-config) ]] || skip 'pkg-config is not installed'
    local dev=$BATS_TEST_TMPDIR/dev package command file
    for package in libbtns1 libbtns-openssl1 libbtns-dev; do
        dpkg-deb -x "$debs/${package}_${version}_$(dpkg --print-architecture).deb" "$dev"
    done
    cp "$dev"/usr/share/doc/libbtns-dev/examples/* "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR"
    export PKG_CONFIG_SYSROOT_DIR=$dev PKG_CONFIG_LIBDIR=$dev/usr/lib/pkgconfig:$(pkg-config --variable pc_path pkg-config)
    for file in kv hello hello-tls; do
        command=$(sed -n 's/^ \*   \(cc .*\)/\1/p' "$file.c")
        echo "$command"
        eval "$command -Wall -Werror"
        [[ $(LD_LIBRARY_PATH=$dev/usr/lib ldd "$file") == *"$dev/usr/lib/libbtns.so.1"* ]]
    done
}

@test "a fresh Debian installs them with their dependencies, and no service is started or enabled" {
    fresh_root
    cp "$debs"/*.deb "$root/root"
    run install "/root/btns_${version}_$(dpkg --print-architecture).deb" "/root/btns-lab_${version}_$(dpkg --print-architecture).deb"
    echo "$output" | tail -n 20
    [[ $status -eq 0 && $output == *'neither enabled nor started: systemctl enable --now btnsd'* ]]
    for program in btnsd btnsctl btns-run; do
        [[ $(inside $program --version) == "$program $version" ]]
    done
    [[ $(inside btns-run --check true 2>&1) == *'/usr/lib/btns/libbtns-shim.so'* ]]
    inside btns-demo --help >/dev/null
    [[ -z $(find "$root/etc/systemd" -name '*btns*') ]]
    run inside btnsctl check --offline
    echo "$output"
    [[ $output == *': 0 errors'* ]]
}

@test "files are in their places, programs find their libraries, and README is the only file of the administrator's" {
    [[ -d $root/etc ]] || skip 'there is no fresh Debian'
    [[ $(inside dpkg-query -W -f '${Conffiles}\n' btns | awk 'NF { print $1 }') == /etc/btns/policy.d/README ]]
    [[ $(inside dpkg -L btns) == */usr/lib/btns/policy.d/99-default.conf* ]]
    [[ $(inside dpkg -L btns) == */lib/systemd/system/btnsd.service* ]]
    for file in /usr/sbin/btnsd /usr/bin/btnsctl /usr/bin/btns-run; do
        ! inside ldd "$file" | grep 'not found'
    done
    [[ -e $root/usr/lib/btns-lab/build/btnsd && -x $root/usr/lib/btns-lab/build/lab-bin/on ]]
}

@test "a file in /etc replaces the vendor's" {
    [[ -d $root/etc ]] || skip 'there is no fresh Debian'
    printf 'format = 1\nnonsense\n' >"$root/etc/btns/policy.d/50-ssh.conf"
    run inside btnsctl check --offline
    echo "$output"
    [[ $output == *'/etc/btns/policy.d/50-ssh.conf:2'* && $output != */usr/lib/btns/policy.d/50-ssh.conf* ]]
    echo 'format = 1' >"$root/etc/btns/policy.d/50-ssh.conf"
}

@test "README's six commands, as written, between two hosts" {
    [[ -d $root/etc ]] || skip 'there is no fresh Debian'
    local commands=$root/root/commands
    sed -n '/^## Two hosts in six commands/,/^## Two commands/s/^    \(alice\|bob\)\([#$] \)/\1\2/p' "$repo/README.md" >"$commands"
    [[ $(wc -l <"$commands") -eq 6 ]]
    # The person who types them answers "yes"; curl, python and the lab's kernel are not in our packages.
    echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/91yes"
    install python3 curl user-mode-linux >/dev/null
    cp "$repo/test/install/six-commands.sh" "$root/root/"
    run inside btns-lab run /root/six-commands.sh /root/commands
    echo "$output" | tail -n 30
    rm "$root/etc/apt/apt.conf.d/91yes"
    [[ $status -eq 0 && $output == *'Directory listing'* ]]
    [[ $output == *esp* && ! $output =~ tcp-clear\ 8000\ [1-9] ]]
}

# machine: boots the root directory in user-mode Linux, with systemd. All checks are made in one boot, by booted.sh.
machine() {
    local lab=$BATS_FILE_TMPDIR/machine
    mkdir -p "$lab/mem" "$lab/uml"
    cp "$repo"/test/install/booted{.sh,-init} "$root/root/"
    cp "$repo/test/install/booted.service" "$root/etc/systemd/system/"
    mkdir -p "$root/lib/modules"
    # shellcheck source=scripts/lab/engine-uml.sh disable=SC2154
    (. "$repo/scripts/lab/engine-uml.sh" && uml_find_kernel && cp -a "$linux_modules"/* "$root/lib/modules/")
    inside systemctl -q enable btnsd booted
    # shellcheck disable=SC2016
    lab=$lab mode=run BTNS_LAB_KERNEL="security=apparmor rootflags=$root init=/root/booted-init" PATH=$build/lab-bin:$PATH \
        timeout --signal=KILL 600 bash -c '. "$0"; uml_boot null null null' "$repo/scripts/lab/engine-uml.sh" \
        >"$lab/log" 2>&1 </dev/null || true
    rm "$root/etc/systemd/system/booted.service"
    inside systemctl -q disable btnsd
}
# next_package: the same package with the next version; a conffile and a policy of the vendor's have changed.
next_package() {
    local new=$BATS_TEST_TMPDIR/next
    dpkg-deb -R "$debs/btns_${version}_$(dpkg --print-architecture).deb" "$new"
    sed -i "s/^Version: .*/Version: $version+next/" "$new/DEBIAN/control"
    echo '# next' | tee -a "$new/etc/btns/policy.d/README" >>"$new/usr/lib/btns/policy.d/50-ssh.conf"
    dpkg-deb --root-owner-group -b "$new" "$root/root/next.deb" >/dev/null
}
# older_package: with OLDER=COMMIT, the machine has the package of that commit, and upgrades from it as well.
older_package() {
    [[ -n ${OLDER-} ]] || return 0
    DEB_BUILD_OPTIONS=noautodbgsym "$repo/scripts/btns-deb" "$BATS_TEST_TMPDIR/older" "$OLDER" >/dev/null
    cp "$BATS_TEST_TMPDIR"/older/btns_*.deb "$root/root/older.deb"
}
# booted NAME...: these checks of booted.sh passed; prints the output of one that did not
booted() {
    local name
    [[ -e $root/root/booted/results ]] || { tail -n 20 "$BATS_FILE_TMPDIR/machine/log"; return 1; }
    for name; do
        grep -qx "ok $name" "$root/root/booted/results" || { echo "$name:"; tail -n 30 "$root/root/booted/$name"; return 1; }
    done
}

@test "booted by systemd: btnsd is ready before the network, and no unit waits for itself" {
    [[ -d $root/etc ]] || skip 'there is no fresh Debian'
    [[ -n $(type -P linux.uml) ]] || skip 'user-mode Linux is not installed'
    rm -f "$root/etc/btns/policy.d/50-ssh.conf"
    install systemd-sysv apparmor user-mode-linux python3 curl nginx-light openssh-server postfix postgresql redis-server >/dev/null
    inside systemctl -q disable nginx ssh postfix postgresql redis-server
    next_package
    older_package
    machine
    booted no-circle ready-at-boot before-network
}

@test "in its unit: the kernel confines btnsd and its charon, which have a /run of their own" {
    booted btnsd-capabilities btnsd-filtered btnsd-no-new-privileges charon-capabilities charon-filtered charon-no-new-privileges \
        charon-own-run
}

@test "a process of another user, without privileges, reads users' policies and looks names up" {
    booted reader-capabilities reader-filtered reader-no-new-privileges reader-is-not-root reader-ends reader-answers-root-alone \
        reader-is-quiet journal-rule
}

@test "in its unit: a connection is protected and latched, translation can be looked for, and nothing is denied, and the kernel logs nothing of btnsd (L1, L7)" {
    booted protected latched what-translates-is-known no-denial no-kernel-warning
}

@test "journal: priorities, the peer, the event and its id are fields, and the rule that refused; no line has a prefix of its own" {
    booted journal-peer journal-priority journal-id journal-no-prefix journal-rule journal-log
}

@test "btnsctl cover, with the units of Debian's packages: nginx, redis, ssh, PostgreSQL, Postfix" {
    booted cover-nginx cover-redis-server cover-ssh cover-postgresql@15-main cover-postfix@- nginx-serves-bob nginx-is-asked uncovered \
        postfix-receives postfix-is-asked postfix-sends postfix-sent-protected
}

@test "btnsctl cover, with strict and odd units: DynamicUser=, NoNewPrivileges=, lists of families and calls, a template, Type=forking, prefixes" {
    booted cover-strict cover-forking strict-serves-bob forking-serves-bob
}

@test "in its unit, with AppArmor: charon is under Debian's profile, and nothing is denied" {
    booted charon-under-apparmor no-apparmor-denial
}

@test "an upgrade restarts btnsd, keeps the key and the administrator's files, and names the programs with the old shim" {
    booted upgrade upgrade-restarts-btnsd upgrade-tells-old-shims upgrade-enables-nothing upgrade-keeps-conffiles upgrade-brings-policies \
        upgrade-keeps-the-key old-shim-is-served upgrade-protected
    [[ -z ${OLDER-} ]] || booted older-installed older-upgraded older-client-is-named older-connections-go-on older-key-is-kept older-is-protected
}

# cycles: does systemd find a cycle among the units? Each of its runs looks in another order, at random.
cycles() {
    local i
    for i in {1..10}; do
        run inside env SYSTEMD_LOG_LEVEL=info systemd-analyze verify multi-user.target
        [[ $output != *'Found ordering cycle'* ]] || return 0
    done
    return 1
}

# Without a boot, systemd says which units a boot would leave out.
@test "enabled, the unit makes no circle with cloud-init, ifupdown, networkd, NetworkManager and strongSwan; and is confined" {
    [[ -d $root/etc ]] || skip 'there is no fresh Debian'
    install systemd systemd-sysv ifupdown cloud-init network-manager >/dev/null
    inside systemctl -q enable btnsd systemd-networkd
    inside systemctl -q add-wants multi-user.target cloud-init.target
    ! cycles || { echo "$output"; return 1; }
    [[ $output != *btnsd* ]]
    for unit in btnsd.service btns-reader@.service; do
        run inside systemd-analyze security --offline=true --threshold=25 "$unit"
        echo "$output" | tail -n 1
        [[ $status -eq 0 ]]
    done
    # With the default dependencies there is a cycle, which systemd finds.
    sed -i '/^DefaultDependencies=/d' "$root/lib/systemd/system/btnsd.service"
    cycles
    inside systemctl -q disable btnsd
}

@test "removed packages leave the configuration and the key; purged ones leave only the administrator's files" {
    [[ -d $root/etc ]] || skip 'there is no fresh Debian'
    mkdir -p "$root/var/lib/btns" "$root/var/log/btns"
    echo key >"$root/var/lib/btns/host.key"
    echo 'format = 1' >"$root/etc/btns/policy.d/50-ssh.conf"
    inside apt-get -qq -y remove btns btns-lab >/dev/null 2>&1
    [[ ! -e $root/usr/sbin/btnsd && ! -e $root/usr/lib/btns-lab && -e $root/var/lib/btns/host.key && -e $root/etc/btns/policy.d/50-ssh.conf ]]
    inside apt-get -qq -y purge btns btns-lab >/dev/null 2>&1
    [[ ! -e $root/var/lib/btns && ! -e $root/var/log/btns && ! -e $root/usr/lib/btns ]]
    [[ $(find "$root/etc/btns" -type f) == "$root/etc/btns/policy.d/50-ssh.conf" ]]
    rm "$root/etc/btns/policy.d/50-ssh.conf"
    install "/root/btns_${version}_$(dpkg --print-architecture).deb" >/dev/null
    inside apt-get -qq -y purge btns >/dev/null 2>&1
    [[ ! -e $root/etc/btns ]]
}

# The root directory is large, so it is removed before the other tests.
teardown_file() { rm -rf --one-file-system "$BATS_FILE_TMPDIR/root"; }
