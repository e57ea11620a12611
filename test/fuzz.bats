# The inputs that the fuzzers found, and the seeds they start from, run once more under the address and undefined
# sanitizers.

setup_file() {
    unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL SAN
    cd "$BATS_TEST_DIRNAME/.." || return 1
    make -s -j"$(nproc)" replays
}

# replay NAME: runs each of its inputs; there is at least one.
replay() {
    run make -s --no-print-directory "replay-$1"
    echo "$output" | tail -n 40
    [[ $status -eq 0 && $output =~ [1-9][0-9]*" inputs" ]]
}

@test "every fuzzer is replayed here" {
    local fuzzer
    for fuzzer in test/fuzz/*.c; do
        grep -qw "replay $(basename "$fuzzer" .c)" "$BATS_TEST_FILENAME" || { echo "$fuzzer is not"; return 1; }
    done
}
@test "names of inner addresses" { replay hosts; }
@test "ELF files and scripts that btns-run looks at" { replay elf; }
@test "claims of host keys, and statements about new ones" { replay claim; }
@test "lines of channels that programs kept" { replay import; }
@test "files with keys of TCP-AO (O87)" { replay ao_keys; }
@test "known_peers" { replay peers; }
@test "policy files and users' policies" { replay policy; }
@test "clients' requests, with reports of IKE and the kernel between them" { replay request; }
@test "packets that the audit of TCP captures" { replay segment; }
@test "VICI messages" { replay vici; }
@test "netlink messages of the SPD, the SAD and the socket tables" { replay xfrm; }
