#!/usr/bin/env bats
# The demo: all its claims are observed, docs/tour.md quotes it, and it fails if nothing is protected.
bats_require_minimum_version 1.5.0

setup_file() {
    export repo demo build
    repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    demo=$repo/scripts/btns-demo
    build=$(cd "${BTNS_BUILD:-$repo/build}" && pwd)
    observe "$build" >"$BATS_FILE_TMPDIR/said"
}

# observe BUILD: prints the output of the demo with the programs of BUILD, and its status.
observe() {
    local status=0
    BTNS_BUILD=$1 timeout 3000 "$demo" </dev/null 2>&1 || status=$?
    echo "status $status"
}

claims() { grep -cE "^   $1 " <<<"$said"; }

# alike: removes numbers, keys, their words and line breaks, which differ from run to run.
alike() {
    sed -E 's/^ *(\| )?//; s/ed25519:[A-Za-z0-9+/]+=*/KEY/g; s/([a-z]{5}-){5}[a-z]{5}/WORDS/g; s/[0-9]+/N/g; s/ +/ /g; s/ \.+$//' | tr '\n' ' '
}

@test "everything that the demo prints is true" {
    said=$(<"$BATS_FILE_TMPDIR/said")
    echo "$said"
    [[ $(tail -1 <<<"$said") == 'status 0' ]]
    [[ $(claims NO) -eq 0 && $(claims yes) -ge 12 ]]
    grep -q '^   | Hello from bob.' <<<"$said"
    grep -q 'the key of 10.77.0.2 has changed' <<<"$said"
    tail -2 <<<"$said" | grep -qE '^All [0-9]+ observations are as expected\. [0-9]+ s in all\.$'
}

@test "docs/tour.md is what the demo prints, in that order" {
    rest=$(alike <"$BATS_FILE_TMPDIR/said")
    mapfile -t tour < <(sed -n '/^## The tour/,/^## [^T]/p' "$repo/docs/tour.md" | sed -n '/^```/,/^```/p' | grep -v '^```')
    [[ ${#tour[@]} -ge 20 ]]
    for line in "${tour[@]}"; do
        line=$(alike <<<"$line")
        [[ $rest == *"$line"* ]] || { echo "the demo does not say: $line"; return 1; }
        rest=${rest#*"$line"}
    done
}

# All programs are there, but btns-run runs its program without the shim.
@test "with a btns-run that protects nothing the demo fails, and says at which step" {
    fake=$BATS_TEST_TMPDIR/build
    mkdir "$fake"
    ln -s "$build"/{btnsd,btnsctl,libbtns-shim.so} "$fake"
    printf '#!/bin/sh\nexec "$@"\n' >"$fake/btns-run"
    chmod 755 "$fake/btns-run"
    said=$(observe "$fake")
    echo "$said"
    [[ $(tail -1 <<<"$said") == 'status 1' ]]
    for claim in 'at alice: no clear TCP' 'at bob: no clear TCP' 'the request cannot be read' \
        "alice's latch names" "bob's latch names" 'mallory got nothing'; do
        grep -q "^   NO   $claim" <<<"$said" || { echo "not refuted: $claim"; return 1; }
    done
    grep -q '^   yes  it is bob.s page' <<<"$said"
    tail -2 <<<"$said" | grep -qE '^[0-9]+ of [0-9]+ observations are not as expected\. [0-9]+ s in all\.$'
}

@test "impossible requests are refused before anything is done" {
    run -2 "$demo" --fast
    [[ $output == *'unknown option: --fast'* ]]
    mkdir "$BATS_TEST_TMPDIR/empty"
    BTNS_BUILD=$BATS_TEST_TMPDIR/empty run -3 "$demo"
    [[ $output == *'btnsd is not built: run make'* ]]
    [[ $EUID -eq 0 ]] || skip 'must be root to become another user'
    run -3 setpriv --reuid=65534 --regid=65534 --clear-groups bash -s <"$demo"
    [[ $output == *'must be run as root'* ]]
}
