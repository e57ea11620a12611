# Program files of every kind that btns-run has to tell apart, in $samples.

# A copy of btns-run with the marker for a shim beside it.
make_runner() {
    mkdir -p "$dir/bin"
    cp "$build/btns-run" "$dir/bin/btns-run"
    cc -shared -fPIC -o "$dir/bin/libbtns-shim.so" "$BATS_TEST_DIRNAME/run/marker.c"
}

# A note as the linkers of Go leave it, a section without one, and an innocent note.
go_source() {
    case $1 in
    note) echo '.section .note.go.buildid,"a",@note; .long 4,4,4; .asciz "Go"; .byte 0; .long 7' ;;
    section) echo '.section .gopclntab,"a",@progbits; .long 1' ;;
    near-miss) echo '.section .note.other,"a",@note; .long 4,4,4; .asciz "Goo"; .long 7
                     .section .gopclntabs,"a",@progbits; .long 1' ;;
    esac
}

# elf_header CLASS ORDER MACHINE(two octal escapes) TYPE(two): 64 bytes, enough to be told by.
elf_header() {
    printf "\\177ELF\\00$1\\00$2\\001\\0\\0\\0\\0\\0\\0\\0\\0\\0$4$3"
    head -c 44 /dev/zero
}

make_elf_samples() {
    local source=$BATS_TEST_DIRNAME/run/program.c kind
    cc -o dynamic "$source"
    cc -no-pie -o dynamic-nopie "$source"
    strip -o stripped dynamic
    cc -static -o static "$source"
    cc -static-pie -o static-pie "$source"
    cc -Wl,--dynamic-linker=/lib/ld-musl-none.so.1 -o musl "$source"
    cc -c -o object "$source"
    for kind in note section near-miss; do
        go_source "$kind" | cc -o "go-$kind" "$source" -x assembler -
    done
    strip go-note
    cc -nostdlib -static -Wl,-z,noseparate-code -Wl,--build-id=none -o tiny -x c - \
        <<<'void _start(void) { __builtin_trap(); }'
    strip tiny
    elf_header 1 1 '\003\0' '\002\0' >i386
    cp dynamic aarch64
    printf '\267\0' | dd of=aarch64 bs=1 seek=18 conv=notrunc status=none
    elf_header 2 2 '\0\026' '\0\002' >s390
    head -c 64 dynamic >headers-cut
    head -c 4096 dynamic >segments-cut
    head -c 3 dynamic >three-bytes
    : >empty
    printf 'echo hello\n' >no-shebang
    chmod 755 ./*
}

make_script() {
    printf '%b' "$2" >"$1"
    chmod 755 "$1"
}

make_script_samples() {
    local i
    make_script script "#!$samples/dynamic\n"
    make_script script-blanks "#! \t $samples/dynamic \t argument\n"
    make_script script-no-newline "#!$samples/dynamic"
    make_script script-relative '#!dynamic\n'
    make_script script-env "#!/usr/bin/env $samples/dynamic\n"
    make_script script-static "#!$samples/static\n"
    make_script script-missing '#!/no/such/interpreter\n'
    make_script script-directory '#!/usr/bin\n'
    make_script script-nothing '#! \n'
    make_script script-long "#!$(printf '/%.0s' {1..254})bin/sh\n"
    ln -s dynamic chain0
    for i in 1 2 3 4 5 6; do make_script "chain$i" "#!$samples/chain$((i - 1))\n"; done
}

make_samples() {
    samples=$dir/samples
    mkdir "$samples"
    export samples
    cd "$samples" || return
    make_elf_samples
    make_script_samples
    chmod 755 .
}

# Copies of `dynamic` with bits and capabilities; root only.
make_privileged_samples() {
    cd "$1" || return
    local name
    for name in suid-root suid-nobody sgid-other sgid-no-x cap-ep cap-p cap-none; do
        cp "$samples/dynamic" "$name"
    done
    chown 65534 suid-nobody
    chgrp 12345 sgid-other sgid-no-x
    chmod 4755 suid-root suid-nobody
    chmod 2755 sgid-other
    chmod 2745 sgid-no-x
    setcap cap_net_raw+ep cap-ep
    setcap cap_net_raw+p cap-p
    cp "$samples/script" suid-script
    chmod 4755 suid-script
}
