# The shim as a library: what it needs, exports and covers.

bats_require_minimum_version 1.5.0
load helpers

# Without the functions for libbtns.
calls_exported() { nm -D --defined-only "$shim" | cut -d' ' -f3 | grep -v '^btns_private_'; }

@test "the shim needs nothing but libc" {
    is '[libc.so.6]' "$(readelf -d "$shim" | sed -n 's/.*(NEEDED).*\(\[.*\]\)/\1/p')"
}

@test "the shim exports the calls of its table, and nothing else" {
    local source=$BATS_TEST_DIRNAME/../../shim table
    table=$(sed -n 's/^WORK([a-z_]*, \([A-Za-z0-9_]*\),.*/\1/p' "$source/calls.def" | sort)
    [ "$(wc -l <<<"$table")" -ge 18 ]
    is "$table" "$(calls_exported | sort)"
    is "$table" "$(sed -n 's/^ *\([A-Za-z0-9_]*\);$/\1/p' "$source/exports.map" | sort)"
}

@test "what this glibc exports is in the table, or left out for a reason" {
    local source=$BATS_TEST_DIRNAME/../../shim/calls.def libc exported named
    libc=$(ldd "$programs/calls" | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')
    exported=$(nm -D --with-symbol-versions "$libc" | sed -n '/GLIBC_PRIVATE/d; s/.* \([^@ ]*\)@.*/\1/p' | sort -u |
        grep -E 'connect|accept|listen|send|sock|shutdown|splice|rcmd|rexec|rresv|syscall|close|^(__)?dup[23]?$|adddup|^bind(resvport)?$|^(__)?(prctl|vfork|clone|unshare|setns|chroot)$')
    named=$(sed -nE 's/^(WORK\([a-z_]*, |LEFT_OUT\()([A-Za-z0-9_]*),.*/\2/p' "$source" | sort)
    [ "$(wc -l <<<"$exported")" -gt 50 ]
    is "$exported" "$named"
    is '' "$(grep '^LEFT_OUT' "$source" | grep -vE '"[a-zA-Z].{4,}"\)$')"
}

@test "every call of the table is made by the program that compares calls" {
    local name
    for name in $(calls_exported); do
        grep -q "[^a-z0-9_]$name(" "$BATS_TEST_DIRNAME"/../programs/calls/*.c || { echo "$name is not"; return 1; }
    done
}

@test "the manual page names every call of the table" {
    local name
    for name in $(calls_exported | grep -v '^_'); do
        grep -qw "$name" "$BATS_TEST_DIRNAME/../../shim/btns-shim.7" || { echo "$name is not"; return 1; }
    done
}
