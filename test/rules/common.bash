# For the tests of policy files: files that root owns, and the compiled rules.
bats_require_minimum_version 1.5.0

setup_file() {
    export DATA=$BATS_TEST_DIRNAME SHIPPED=$BATS_TEST_DIRNAME/../../policy.d
    export UNIT=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/unit
    if [[ $EUID -eq 0 ]]; then
        # Not in /tmp: a user who can write a directory of the path can replace the files below it.
        PLACE=$(mktemp -d /run/btns-rules.XXXXXX)
        export PLACE
    fi
}

teardown_file() {
    [[ -z ${PLACE-} ]] || rm -rf "$PLACE"
}

# Only root's files are accepted, so these tests need root.
policy_dir() {
    [[ -n ${PLACE-} ]] || skip "must be root to own policy files"
    dir=$PLACE/$BATS_TEST_NUMBER/policy.d
    mkdir -p "$dir"
}

# put FILE [RULE [ACTION]]
put() {
    printf 'format = 1\nprogram "p" {\n  match = { "/usr/bin/p" }\n  rule "%s" { action = %s }\n}\n' \
        "${2-r}" "${3-bypass}" >"$dir/$1"
}

dump() {
    run timeout 100 "$UNIT/rules/compile/dump" "$@"
    echo "$output"
}

# refuses DIR REASON: REASON is the whole message.
refuses() {
    dump "$1"
    echo "wanted: $2"
    [[ $status -eq 1 && $output == "$2" ]]
}

# refuses_all PREFIX LEAST [admin]: each of these files has the expected message in a comment. One process reads all of
# them.
refuses_all() {
    local file files=("$DATA/bad/$1"*.conf) wanted=$BATS_TEST_TMPDIR/wanted
    export P=/usr/bin/p
    for file in "${files[@]}"; do
        printf '%s:' "$file"
        sed -n '1,2s/^[^#]*# refused: //p' "$file"
    done >"$wanted"
    timeout 100 "$UNIT/rules/compile/dump" --refused "${3-text}" "${files[@]}" 2>&1 | diff -u "$wanted" -
    [[ ${#files[@]} -ge $2 && $(wc -l <"$wanted") -eq ${#files[@]} ]]
}

# answers QUESTIONS DIR: each question is followed by an arrow and the rules that must be the answer.
answers() {
    local at=$BATS_TEST_TMPDIR
    grep -v '^#' "$1" >"$at/wanted"
    sed 's/ -> .*//' "$at/wanted" >"$at/questions"
    "$UNIT/rules/ask/decide" "$2" <"$at/questions" >"$at/answers"
    paste -d '|' "$at/questions" "$at/answers" | sed 's/|/ -> /' >"$at/got"
    diff -u "$at/wanted" "$at/got"
}
