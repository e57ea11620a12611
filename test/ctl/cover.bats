#!/usr/bin/env bats
# btnsctl cover: the drop-in for a unit, and units that cannot be covered. The tests of the packages try some in a
# running system.
bats_require_minimum_version 1.5.0

setup() {
    build=$(cd "${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}" && pwd)
    root=$BATS_TEST_TMPDIR/root
    units=$root/lib/systemd/system
    mkdir -p "$units"
}

# unit NAME LINE...: a service with these lines
unit() { printf '%s\n' '[Unit]' 'Description=x' '[Service]' "${@:2}" '[Install]' 'ExecStart=/not/this' >"$units/$1.service"; }

# covers UNIT LINE...: the drop-in has these lines in its section Service, comments left out
covers() {
    run --separate-stderr "$build/btnsctl" cover --root "$root" --dry-run "$1"
    echo "$output$stderr"
    [[ $status -eq 0 ]]
    diff <(sed -n '/^\[Service\]$/,$p' <<<"$output" | grep -v '^#') <(printf '%s\n' '[Service]' 'ExecStart=' "${@:2}")
}

# refuses UNIT REASON
refuses() {
    run --separate-stderr "$build/btnsctl" cover --root "$root" --dry-run "$1"
    echo "$output$stderr"
    [[ $status -eq 1 && $output == '' && $stderr == *"$2"* ]]
}

@test "the unit's own command, under btns-run: its quotes, its prefix, its continued lines" {
    unit a "ExecStart=/usr/sbin/nginx -g 'daemon on; master_process on;'"
    covers a "ExecStart=$build/btns-run -- /usr/sbin/nginx -g 'daemon on; master_process on;'"
    unit a 'ExecStart = -!/usr/bin/x $OPTIONS \' '# a comment' '  --more "a b"'
    covers a "ExecStart=-!$build/btns-run -- /usr/bin/x \$OPTIONS    --more \"a b\""
    unit a 'ExecStart=/usr/bin/one' 'Type=oneshot' 'ExecStart=/usr/bin/two'
    covers a "ExecStart=$build/btns-run -- /usr/bin/one" "ExecStart=$build/btns-run -- /usr/bin/two"
}

@test "the unit starts after btnsd, and goes on when btnsd ends" {
    unit a 'ExecStart=/usr/bin/x'
    run "$build/btnsctl" cover --root "$root" --dry-run a.service
    [[ $output == "$root/etc/systemd/system/a.service.d/50-btns.conf:"* ]]
    grep -qx 'After=btnsd.service' <<<"$output"
    grep -qx 'Wants=btnsd.service' <<<"$output"
    [[ $output != *$'\nRequires='* && ! -e $root/etc ]]
}

@test "drop-ins count in systemd's order, and an instance has its template's" {
    unit a@ 'ExecStart=/usr/bin/x %i'
    covers a@one "ExecStart=$build/btns-run -- /usr/bin/x %i"
    mkdir -p "$units/a@.service.d" "$root/etc/systemd/system/a@one.service.d" "$root/etc/systemd/system/a@.service.d"
    printf '[Service]\nExecStart=\nExecStart=/usr/bin/vendor\n' >"$units/a@.service.d/20-x.conf"
    printf '[Service]\nExecStart=\nExecStart=/usr/bin/never\n' >"$units/a@.service.d/10-x.conf"
    covers a@one "ExecStart=$build/btns-run -- /usr/bin/vendor"
    printf '[Service]\nExecStart=\nExecStart=/usr/bin/admin\n' >"$root/etc/systemd/system/a@.service.d/20-x.conf"
    covers a@one "ExecStart=$build/btns-run -- /usr/bin/admin"
    covers a@ "ExecStart=$build/btns-run -- /usr/bin/admin"
}

@test "the local socket is allowed if the unit's lists lack it, and nothing else" {
    local add=RestrictAddressFamilies=AF_UNIX runs="ExecStart=$build/btns-run -- /usr/bin/x"
    unit a 'ExecStart=/usr/bin/x' 'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX'
    covers a "$runs"
    unit a 'ExecStart=/usr/bin/x' 'RestrictAddressFamilies=AF_INET' 'RestrictAddressFamilies=AF_INET6'
    covers a "$runs" "$add"
    unit a 'ExecStart=/usr/bin/x' 'RestrictAddressFamilies=~AF_UNIX AF_PACKET'
    covers a "$runs" "$add"
    unit a 'ExecStart=/usr/bin/x' 'RestrictAddressFamilies=~AF_PACKET'
    covers a "$runs"
    unit a 'ExecStart=/usr/bin/x' 'RestrictAddressFamilies=AF_INET AF_UNIX' 'RestrictAddressFamilies=~AF_UNIX'
    covers a "$runs" "$add"
    unit a 'ExecStart=/usr/bin/x' 'RestrictAddressFamilies=AF_INET' 'RestrictAddressFamilies='
    covers a "$runs"
}

@test "btns-run and the shim may be executed if the unit lists what may be (redis-server)" {
    unit a 'ExecStart=/usr/bin/x' 'NoExecPaths=/' 'ExecPaths=/usr/bin/x /usr/lib'
    covers a "ExecStart=$build/btns-run -- /usr/bin/x" "ExecPaths=$build/btns-run -$build/libbtns-shim.so"
    mkdir -p "$root/usr/bin"
    cp "$build/btnsctl" "$root/usr/bin"
    [[ $("$root/usr/bin/btnsctl" cover --root "$root" --dry-run a) == *"ExecPaths=$root/usr/bin/btns-run -$root/usr/lib/btns"* ]]
    unit a 'ExecStart=/usr/bin/x' 'NoExecPaths=/' 'NoExecPaths='
    covers a "ExecStart=$build/btns-run -- /usr/bin/x"
}

@test "the system calls of btns-run are allowed if the unit's filter may lack them" {
    unit a 'ExecStart=/usr/bin/x' 'SystemCallFilter=@system-service' 'SystemCallFilter=~@privileged'
    covers a "ExecStart=$build/btns-run -- /usr/bin/x"
    unit a 'ExecStart=/usr/bin/x' 'SystemCallFilter=@network-io read write'
    run "$build/btnsctl" cover --root "$root" --dry-run a
    grep -q '^SystemCallFilter=.*@network-io.* prctl' <<<"$output"
    unit a 'ExecStart=/usr/bin/x' 'SystemCallFilter=~@mount'
    covers a "ExecStart=$build/btns-run -- /usr/bin/x"
}

@test "a unit that cannot be covered is refused with the reason" {
    refuses none "has no such unit"
    unit a 'Type=oneshot'
    refuses a 'it has no ExecStart='
    unit a 'ExecStart=/usr/bin/x' 'ExecStart='
    refuses a 'it has no ExecStart='
    unit a 'ExecStart=/bin/true'
    refuses a 'it runs only /bin/true: cover the unit that does the work'
    unit a 'ExecStart=@/usr/bin/x name'
    refuses a 'another argv[0]'
    unit a 'ExecStart=/usr/bin/x' 'RootDirectory=/srv/a'
    refuses a 'its root directory is /srv/a'
    unit a 'ExecStart=/usr/bin/x' 'PrivateNetwork=yes'
    refuses a 'a network of its own'
    unit a 'ExecStart=/usr/bin/x' 'SystemCallFilter=~@network-io'
    refuses a 'forbids it the network'
    unit a 'ExecStart=/usr/sbin/btnsd'
    refuses a "not its own"
    unit a "ExecStart=$(printf 'x%.0s' {1..5000})"
    refuses a 'longer than 4096'
    unit a $(printf 'ExecStart=/bin/x%d\n' {1..17})
    refuses a 'more than 16 ExecStart= lines'
    for name in ../a a/b '' -x .a $'a\nb'; do
        run "$build/btnsctl" cover --root "$root" --dry-run -- "$name"
        [[ $status -eq 2 && $output == *"is no unit's name"* ]] || { echo "$name: $output"; return 1; }
    done
}

@test "the drop-in is written, covers once, and uncover removes it alone" {
    [[ $EUID -eq 0 ]] || skip 'must be root'
    unit a 'ExecStart=/usr/bin/x'
    "$build/btnsctl" cover --root "$root" a
    file=$root/etc/systemd/system/a.service.d/50-btns.conf
    [[ $(stat -c %a "$file") == 644 ]]
    run "$build/btnsctl" cover --root "$root" a
    [[ $status -eq 0 && $output == *'runs under btns-run already'* ]]
    echo >"$root/etc/systemd/system/a.service.d/mine.conf"
    "$build/btnsctl" uncover --root "$root" --dry-run a
    [[ -e $file ]]
    "$build/btnsctl" uncover --root "$root" a
    [[ ! -e $file && -e $root/etc/systemd/system/a.service.d/mine.conf ]]
    run "$build/btnsctl" uncover --root "$root" a
    [[ $status -eq 1 && $output == *'is not covered by btnsctl'* ]]
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$build/btnsctl" cover --root "$root" a
    [[ $status -eq 1 && $output == *'only root can change units'* || $output == *'ermission denied'* ]]
}

# The machine has these packages for other tests.
@test "units of Debian's packages that are installed here" {
    root=/ found=0
    for pair in nginx:/usr/sbin/nginx ssh:/usr/sbin/sshd redis-server:/usr/bin/redis-server memcached:/usr/share/memcached/scripts/systemd-memcached-wrapper \
        lighttpd:/usr/sbin/lighttpd mosquitto:/usr/sbin/mosquitto rsync:/usr/bin/rsync; do
        [[ -e /lib/systemd/system/${pair%%:*}.service ]] || continue
        run "$build/btnsctl" cover --root / --dry-run "${pair%%:*}"
        echo "$output"
        [[ $status -eq 0 ]]
        grep -q "^ExecStart=[-!+:]*$build/btns-run -- ${pair#*:}\( \|$\)" <<<"$output"
        ((found += 1))
    done
    ((found > 0)) || skip 'none of these packages is installed'
}
