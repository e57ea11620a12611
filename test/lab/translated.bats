# This host translates its own connections (nat OUTPUT): a protected one reaches the peer that was asked for, or nobody.
load lab.bash

setup_file() { LAB_OPTIONS=--iptables run_lab translated.sh; }

@test "translated: without translation there are no entries (control)" { passed plain no-entries-without; }
@test "translated: with rules about other traffic, protected connections go on, and the verdict says what might happen" {
    passed said-4 said-6 unrelated-4 unrelated-6 unrelated-nonblock-4 unrelated-nonblock-6 forgotten-4 forgotten-6
}
@test "translated: DNAT of the service itself: nothing leaves and nobody answers (L5, L7)" {
    passed dnat-4 dnat-4nonblock dnat-6 dnat-6nonblock
}
@test "translated: redirected to this host: no answer is heard (L5, L7)" {
    passed redirect-4 redirect-4nonblock redirect-6 redirect-6nonblock
}
@test "translated: a static program's socket is bound, too, when the guard is up" { passed supervised-cold; }
@test "translated: connections in the clear are not touched" { passed prefer-clear prefer-clearnonblock; }
@test "translated: the SPD entries come back after a flush, outlive kill -9, and are deleted when btnsd stops" {
    passed entries-come-back still-protected after-restart none-left
}
@test "translated: no clear packet to the service, or to where it was translated (L5, L7)" {
    passed nothing-clear nothing-clear-there esp-was-used
}
