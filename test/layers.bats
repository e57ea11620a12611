#!/usr/bin/env bats
# The rooms of the tree: who may include whom, and that no files lean on each other in a circle.

setup() {
    top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    build=${BTNS_BUILD:-$top/build}
    at=$BATS_TEST_TMPDIR/tree
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

# faults PATTERN: that, and nothing else, is found in the small tree.
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
    tree btnsd/requests/table.h '' btnsd/base/loop.c '#include "btnsd/requests/table.h"'
    faults 'loop.c:1: btnsd/base must not include btnsd/requests'
    rm -rf "$at"
    tree btnsd/reports/a.h '' btnsd/requests/b.c '  # include "btnsd/reports/a.h"'
    faults 'btnsd/requests must not include btnsd/reports'
    rm -rf "$at"
    tree btnsd/base/loop.h '' shim/connect.c '#include "btnsd/base/loop.h"'
    faults 'shim must not include btnsd/base'
    rm -rf "$at"
    tree btnsd/base/loop.h '' btnsd/base/loop.c '#include "loop.h"'
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

@test "two files that call each other are found, also by way of a third" {
    tree btnsd/base/a.c 'int b(void); int a(void) { return b(); }' btnsd/base/b.c 'int c(void); int b(void) { return c(); }' \
        btnsd/base/c.c 'int a(void); int c(void) { return a(); }' btnsd/base/d.c 'int a(void); int d(void) { return a(); }'
    built=$BATS_TEST_TMPDIR/built
    mkdir -p "$built/obj/btnsd/base"
    for f in a b c d; do cc -c -o "$built/obj/btnsd/base/$f.o" "$at/btnsd/base/$f.c"; done
    faults 'a circle of files: btnsd/base/a.c btnsd/base/b.c btnsd/base/c.c$'
}

@test "an array grows by array_grow() alone" {
    # source.c makes a text's block smaller.
    run grep -rnE '\b(realloc|reallocarray)\(' "$top/btnsd" "$top/libapi" "$top/shim" --include='*.[ch]'
    [ "$(grep -vE '/libapi/wire/array\.h:|/rules/files/source\.c:' <<<"$output")" = '' ]
}
