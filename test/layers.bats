#!/usr/bin/env bats
# The rooms of the tree: who may include whom, and that no files lean on each other in a circle.

bats_require_minimum_version 1.5.0

setup() {
    top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    build=${BTNS_BUILD:-$top/build}
    at=$BATS_TEST_TMPDIR/tree
}

# guarded FILE TEXT: the text with the include guard that a header of that path has.
guarded() {
    local name=${1%.h}
    name=${name#btnsd/} name=${name^^}
    name=BTNS_${name//[!A-Z0-9]/_}_H
    printf '#ifndef %s\n#define %s\n%s\n#endif\n' "$name" "$name" "$2"
}

# tree FILE TEXT...: a small tree of these files.
tree() {
    mkdir -p "$at"/{btnsd/base,btnsd/requests,libapi/wire,shim}
    while (($# > 0)); do
        mkdir -p "$at/$(dirname "$1")"
        printf '%s\n' "$2" >"$at/$1"
        shift 2
    done
}

# faults PATTERN: layers finds this fault in the small tree, and no other.
faults() {
    run "$top/test/layers" "$at" ${1+$built}
    echo "$output"
    [[ $status -eq 1 && ${#lines[@]} -eq 1 && $output =~ $1 ]]
}

@test "every include runs downwards, no files form a circle, and a name means one file" {
    run "$top/test/layers" "$top" "$build"
    echo "$output"
    [[ $status -eq 0 && $output =~ ^[0-9]+\ rooms ]]
    # It has looked at the whole tree.
    [[ $output =~ ([0-9]+)\ object ]]
    ((BASH_REMATCH[1] > 250))
}

@test "an include that runs upwards, or sideways, or is not written from the top is found" {
    built=
    tree btnsd/requests/table.h "$(guarded btnsd/requests/table.h '')" btnsd/base/loop.c '#include "btnsd/requests/table.h"'
    faults 'loop.c:1: btnsd/base must not include btnsd/requests'
    rm -rf "$at"
    tree btnsd/reports/a.h "$(guarded btnsd/reports/a.h '')" btnsd/requests/b.c '  # include "btnsd/reports/a.h"'
    faults 'btnsd/requests must not include btnsd/reports'
    rm -rf "$at"
    tree btnsd/base/loop.h "$(guarded btnsd/base/loop.h '')" shim/connect.c '#include "btnsd/base/loop.h"'
    faults 'shim must not include btnsd/base'
    rm -rf "$at"
    tree btnsd/base/loop.h "$(guarded btnsd/base/loop.h '')" btnsd/base/loop.c '#include "loop.h"'
    faults 'is not written from the top'
}

@test "a file in no room, a name twice, and a crowd in btnsd/ are found" {
    built=
    tree btnsd/attic/old.c ''
    faults 'btnsd/attic is no room'
    rm -rf "$at"
    tree btnsd/base/thing.c '' libapi/wire/thing.c ''
    faults 'one name, 2 files'
    rm -rf "$at"
    tree btnsd/base/thing.c ''
    for n in {1..20}; do : >"$at/btnsd/file$n"; done
    faults 'btnsd/ has 22 entries'
}

@test "an include guard that is not the path of its header is found" {
    built=
    tree btnsd/base/loop.h "$(guarded btnsd/base/loop.h '')"
    run "$top/test/layers" "$at"
    [[ $status -eq 0 ]]
    tree btnsd/base/loop.h $'#ifndef BTNS_RING_H\n#define BTNS_RING_H\n#endif'
    faults 'base/loop.h: its include guard is not BTNS_BASE_LOOP_H'
    rm -rf "$at"
    tree test/shim/tool-box.h ''
    faults 'test/shim/tool-box.h: its include guard is not BTNS_TEST_SHIM_TOOL_BOX_H'
}

@test "an array that grows by hand is found" {
    built=
    tree btnsd/base/list.c 'a = realloc(a, 10);' libapi/wire/array.h "$(guarded libapi/wire/array.h 'realloc(items, octets)')"
    faults 'base/list.c:1: an array that grows by hand'
    rm -rf "$at"
    tree shim/list.c '    a = reallocarray (a, 10, 2);'
    faults 'shim/list.c:1: an array that grows by hand'
}

# many COUNT: so many lines
many() { yes x | head -n "$1"; }

@test "a file of more than 400 lines, and a function of more than 60, are found: in C, shell and Python" {
    built=
    tree btnsd/base/long.c "$(many 400)" test/long.bats "$(many 400)"
    run "$top/test/layers" "$at"
    [[ $status -eq 0 ]]
    tree btnsd/base/long.c "$(many 401)"
    faults 'base/long.c: 401 lines, 400 are the most'
    rm -rf "$at"
    tree test/long.bats "$(many 401)"
    faults 'test/long.bats: 401 lines'
    rm -rf "$at"
    tree btnsd/base/long.c "int f(int a,"$'\n      int b)\n{\n'"$(many 56)"$'\n}\n\nint g(void)\n{\n'"$(many 58)"$'\n}'
    faults 'base/long.c:62: a function of 61 lines, 60 are the most'
    rm -rf "$at"
    tree test/long.bats "@test \"x\" {"$'\n'"$(many 58)"$'\n}\n\nf() {\n'"$(many 59)"$'\n}'
    faults 'test/long.bats:62: a function of 61 lines'
    rm -rf "$at"
    tree test/long.py "def f():"$'\n'"$(many 59 | sed 's/^/    /')"$'\n\n\ndef g():\n'"$(many 60 | sed 's/^/    /')"
    faults 'test/long.py:63: a function of 61 lines'
    rm -rf "$at"
    tree scripts/list $'#!/bin/bash\nf() {\n    cat <<'"'END'"$'\n'"$(many 70)"$'\nEND\n}'
    run "$top/test/layers" "$at"
    [[ $status -eq 0 ]]
}

@test "an exception that no file needs any more is a fault of the list" {
    built=
    tree test/layers '' libapi/wire/array.h "$(guarded libapi/wire/array.h 'realloc(items, octets)')" btnsd/rules/files/source.c 'realloc(text, 2)'
    run "$top/test/layers" "$at"
    echo "$output"
    [[ $status -eq 1 && $output == *'SAME_NAME lists main.c, but no two files have that name'* && $output != *REALLOC* ]]
    : >"$at/btnsd/rules/files/source.c"
    run "$top/test/layers" "$at"
    [[ $output == *'REALLOC lists btnsd/rules/files/source.c, which does not call realloc()'* ]]
}

@test "objects older than their sources, or than one of their headers, are not judged" {
    tree btnsd/base/a.h "$(guarded btnsd/base/a.h 'int a(void);')" btnsd/base/a.c $'#include "btnsd/base/a.h"\nint a(void) { return 1; }'
    built=$BATS_TEST_TMPDIR/built
    mkdir -p "$built/obj/btnsd/base"
    (cd "$at" && cc -I. -MMD -MP -c -o "$built/obj/btnsd/base/a.o" btnsd/base/a.c)
    run "$top/test/layers" "$at" "$built"
    [[ $status -eq 0 ]]
    for newer in a.c a.h; do
        touch -d '1 hour ago' "$at"/btnsd/base/a.?
        touch -d '1 hour' "$at/btnsd/base/$newer"
        faults '1 object files are older than their sources, and not judged: run make'
    done
}

@test "make does not miss a source that has moved since an older tree was built here" {
    mkdir -p "$BATS_TEST_TMPDIR/built/programs"
    echo "$BATS_TEST_TMPDIR/built/programs/early: test/programs/moved.c" >"$BATS_TEST_TMPDIR/built/programs/early.d"
    run make -C "$top" -n BUILD="$BATS_TEST_TMPDIR/built" "$BATS_TEST_TMPDIR/built/programs/early"
    echo "$output"
    [[ $status -eq 0 && $output == *'-o '*/programs/early* ]]
    # A source that exists counts: objects built from it are built again.
    echo "$BATS_TEST_TMPDIR/built/programs/early: test/programs/early.c test/programs/nothing.h" >"$BATS_TEST_TMPDIR/built/programs/early.d"
    run ! make -C "$top" -n BUILD="$BATS_TEST_TMPDIR/built" "$BATS_TEST_TMPDIR/built/programs/early"
    [[ $output == *'test/programs/nothing.h'* ]]
}

@test "two files that call each other are found, also by way of a third" {
    tree btnsd/base/a.c 'int b(void); int a(void) { return b(); }' btnsd/base/b.c 'int c(void); int b(void) { return c(); }' \
        btnsd/base/c.c 'int a(void); int c(void) { return a(); }' btnsd/base/d.c 'int a(void); int d(void) { return a(); }'
    built=$BATS_TEST_TMPDIR/built
    mkdir -p "$built/obj/btnsd/base"
    for f in a b c d; do cc -c -o "$built/obj/btnsd/base/$f.o" "$at/btnsd/base/$f.c"; done
    faults 'a circle of files: btnsd/base/a.c btnsd/base/b.c btnsd/base/c.c$'
}
