# The main use, end to end: unmodified programs fetch over connections latched to a peer key.
load lab.bash

setup_file() { run_lab fetch.sh; }

@test "first contact: curl fetches from python's http.server (A17, L2)" { passed first-contact peers-known; }
@test "curl and wget, python and nginx, IPv4 and IPv6 (A2)" {
    passed curl-python-v6 curl-nginx-v4 curl-nginx-v6 wget-python-v4 wget-python-v6 wget-nginx-v4 wget-nginx-v6
}
@test "keep-alive: three requests, one connection" { passed keep-alive; }
@test "20 parallel fetches of 10 MB have equal checksums" { passed parallel-20-of-10M; }
@test "the latch is listed at both ends and names the other's key (A1, L4, L16)" {
    passed latch-client latch-server listener-latch
}
@test "btnsctl's --json is JSON" { passed latches-json peers-json status-json; }
@test "a known peer needs no introduction" { passed known-peer known-peer-no-introduction; }
@test "ssh runs a command" { passed ssh-command; }
@test "not one clear packet of these flows at either end, kill -9 in mid-transfer included (L7, L8)" {
    passed no-clear-alice-8000 no-clear-bob-8000 no-clear-alice-8080 no-clear-bob-8080 \
        no-clear-alice-2222 no-clear-bob-2222 esp-on-the-wire
}
@test "a user without privilege is protected too, sees own latches only, and may change nothing" {
    passed unprivileged-user unprivileged-sees-own unprivileged-sees-only-own unprivileged-may-not-forget
}
