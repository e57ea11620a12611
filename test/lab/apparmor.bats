# Debian has AppArmor on, and strongswan-charon brings a profile for charon: btnsd's private charon runs under it.
load lab.bash

setup_file() {
    [ -e /etc/apparmor.d/usr.lib.ipsec.charon ] && command -v apparmor_parser >/dev/null || return 0
    BTNS_LAB_KERNEL=security=apparmor run_lab apparmor.sh --engine uml
}
setup() {
    [ -e /etc/apparmor.d/usr.lib.ipsec.charon ] || skip "strongswan-charon's AppArmor profile is not installed"
    command -v apparmor_parser >/dev/null || skip "apparmor_parser is not installed (package apparmor)"
}

@test "apparmor: Debian's profile of charon is loaded and enforced" { passed is-on profile-loads enforced; }
@test "apparmor: btnsd gets ready, and its charon is confined, at both ends" { passed ready alice-confined bob-confined; }
@test "apparmor: a connection is protected (L1, L7)" { passed fetches not-clear latched; }
@test "apparmor: a charon that was killed starts again, confined" { passed charon-again fetches-again; }
@test "apparmor: no operation of charon's was denied" { passed nothing-denied control-is-told; }
