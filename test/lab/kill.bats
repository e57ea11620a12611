# Daemons and programs killed in the middle of a transfer; latched connections stay protected.
load lab.bash

setup_file() { run_lab kill.sh; }

@test "btnsd killed at the client: the connection goes on, new ones fail closed, and btnsd comes back (L14)" {
    passed btnsd-client-killed charon-outlives-it guards-stay new-connection-fails-closed comes-back fetch-after-restart
}
@test "btnsd killed at the server: the connection goes on, and btnsd comes back (L14)" {
    passed btnsd-server-killed server-comes-back fetch-after-server-restart
}
@test "btnsd killed and started again under a connection: the peer's key is proved again, and the connection goes on (L14)" {
    passed restart-client-survives restart-server-survives
}
@test "btnsd stopped and started under a connection, as by an upgrade: it goes on (L14)" {
    passed upgrade-client-survives upgrade-server-survives
}
@test "charon killed at either end: the connection goes on, charon is started again (L14)" {
    passed charon-client-killed charon-server-killed charon-restarted
}
@test "a charon that hangs is ended, and another is started (L14)" {
    passed charon-that-hangs-is-replaced charon-hung-says-so
}
@test "key manager lost for more than 10 s: latches break with the reason, new connections are refused with the reason, and a program sees packet loss (L6, L13, L14)" {
    passed manager-lost-not-at-once manager-lost-breaks manager-lost-told manager-lost-said-once manager-lost-refuses-new \
        manager-lost-is-loss manager-lost-nothing-clear manager-lost-nothing-at-all
}
@test "and the latches recover when the key manager is back (L6, L14)" { passed manager-back-recovers manager-back-told; }
@test "a killed program's latch ends with it (L21)" { passed killed-program-has-no-latch; }
@test "not one clear packet meanwhile, and nothing left at the end (L8)" {
    passed no-clear-alice no-clear-bob all-gone-alice all-gone-bob
}
