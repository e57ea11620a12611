#!/usr/bin/env bats
# The tree's own documents agree with the tree: manual pages, README.md, CI and the layout.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/.." || return
    build=${BTNS_BUILD:-build}
}

pages() { find . -path ./build\* -prune -o -name '*.[1-8]' -print | sort; }

# Words of a text, one a line, that match.
words() { grep -oE -- "$1" | sort -u; }

# same NAME TEXT NAME TEXT: the lines of both are the same.
same() {
    diff --label "$1" --label "$3" -u <(printf '%s\n' "$2") <(printf '%s\n' "$4")
}

# section NAME PAGE: its text, as a person would read the words.
section() { sed -n "/^\.SH $1/,/^\.SH [^$1]/p" "$2" | sed 's/\\-/-/g; s/\\f.//g; s/\\ / /g'; }

@test "--help and the manual page's SYNOPSIS and OPTIONS have the same options" {
    checked=0
    for page in btnsd/btnsd.8 btnsd/ctl/btnsctl.8 shim/run/btns-run.1 scripts/btns-lab.8; do
        program=$(basename "$page" | sed 's/\.[1-8]$//')
        [[ $program != btns-lab ]] || build=scripts
        of_help=$("$build/$program" --help | words '(^|[ ,|[])--[a-z][a-z-]*' | tr -d ' ,|[' | sort -u)
        of_page=$({ section SYNOPSIS "$page"; section OPTIONS "$page"; } |
            words '(^|[ ,"])--[a-z][a-z-]*' | tr -d ' ,"' | sort -u)
        [[ -n $of_help ]]
        same "$program --help" "$of_help" "$page" "$of_page"
        checked=$((checked + 1))
    done
    [[ $checked -eq 4 ]]
}

@test "every manual page is without faults for groff" {
    [[ -n $(type -P groff) ]] || skip 'groff is not installed'
    [[ $(pages | wc -l) -ge 6 ]]
    for page in $(pages); do
        # Whether a line can be broken in a table's narrow column depends on the reader's width.
        said=$(groff -man -t -ww -Wbreak -Tutf8 -z "$page" 2>&1)
        [[ -z $said ]] || { echo "$said"; return 1; }
    done
}

# A page with a date of its own would sooner or later be forgotten.
@test "every manual page has the date of debian/changelog's newest entry" {
    date=$(sed -n '/^ -- /{ s/.*>  //p; q; }' debian/changelog)
    want=$(date -u -d "$date" +%F)
    for page in $(pages); do
        [[ $(sed -n 's/^\.TH \([^ ]* *\)\{2\}\([^ ]*\) .*/\2/p' "$page") == "$want" ]] ||
            { echo "$page: $(grep '^\.TH' "$page"), not $want"; return 1; }
    done
}

@test "btns-policy(5) is read in one sitting: 300 lines at 80 columns at most, examples first" {
    [[ -n $(type -P groff) ]] || skip 'groff is not installed'
    lines=$(groff -man -t -Tascii -P-c -P-b -P-u -P-o -rLL=80n policy.d/btns-policy.5 2>/dev/null | wc -l)
    echo "$lines lines"
    ((lines <= 300))
    [[ $(grep '^\.SH' policy.d/btns-policy.5 | sed -n 4p) == ".SH EXAMPLES" ]]
}

# unfolded FILE: its words in a row, without the marks of the demo's and the picture's lines
unfolded() { sed 's/<[^>]*>//g; s/^ *| //; s/&#160;/ /g' "$1" | tr -s ' \n' ' '; }

# ssh's own text is the model: our messages about a first contact and a changed key tell a person what ssh's tell.
@test "the messages about a first contact and a changed key make each point that ssh's make" {
    local ssh made=0
    ssh=$(type -P ssh)
    said=$(unfolded docs/tour.md)
    while IFS='|' read -r theirs ours; do
        grep -aqF -- "$theirs" "$ssh" || { echo "ssh does not say: $theirs"; return 1; }
        grep -qE -- "$ours" <<<"$said" || { echo "ssh says: $theirs; we do not: $ours"; return 1; }
        made=$((made + 1))
    done <<'END'
The authenticity of host '%.200s (%s)' can't be established|first contact with bob \(10\.77\.0\.2\)
key fingerprint is %s|first contact with [^:]*: key ed25519:[^ ]*=, now known
Permanently added|now known; `btnsctl status` there should show the words ([a-z]{5}-){5}
REMOTE HOST IDENTIFICATION HAS CHANGED|the key of 10\.77\.0\.2 has changed
Someone could be eavesdropping on you right now (man-in-the-middle attack)|Somebody may be between you and it
It is also possible that a host key has just been changed|or it was set up anew
Offending %s key in|has changed: known since [-0-9]* is ed25519:
The fingerprint for the %s key sent by the remote host is|now it claims ed25519:[^ ]*= \(([a-z]{5}-){5}
Please contact your system administrator|ask its administrator for its key
Add correct host key in|Only if it is that one: btnsctl peers forget 10\.77\.0\.2, and connect again
END
    [[ $made -eq 10 ]]
}
@test "the picture and the tour show the program's own messages about a first contact and a changed key" {
    shown=0
    while IFS='|' read -r source text; do
        grep -qF -- "$text" "$source" || { echo "$source does not say: $text"; return 1; }
        for page in docs/demo.svg docs/tour.md; do
            unfolded "$page" | grep -qF -- "$text" || { echo "$page does not show: $text"; return 1; }
        done
        shown=$((shown + 1))
    done <<'END'
btnsd/requests/first_contact.c|first contact with
btnsd/requests/first_contact.c|show the words
btnsd/latch/admission/applicant.c|has changed: known since
btnsd/latch/admission/applicant.c|between you and it
END
    [[ $shown -eq 4 ]]
}

# In any locale: tables may be drawn with other characters, each of one column.
@test "every manual page fits 80 columns" {
    [[ -n $(type -P groff) ]] || skip 'groff is not installed'
    [[ $(pages | wc -l) -ge 6 ]]
    for page in $(pages); do
        groff -man -t -Tascii -P-c -P-b -P-u -P-o -rLL=80n "$page" 2>/dev/null |
            awk -v page="$page" 'length > 80 { print page ": " $0; wide = 1 } END { exit wide }' || return 1
    done
}

@test "every page of btns that a manual page or README.md refers to is there" {
    for page in README.md docs/*.md $(pages); do
        for name in $(sed 's/\\-/-/g; s/^\.[BI]R \([^ ]*\) (\([1-8]\)).*/\1(\2)/' "$page" |
            words '(nss-)?btns[a-z-]*\([1-8]\)'); do
            file=$(sed 's/(\([1-8]\))/.\1/' <<<"$name")
            pages | grep -q "/$file$" || { echo "$page refers to $name"; return 1; }
        done
    done
}

# The block under README.md's heading of that name: the commands to type.
commands() {
    sed -n '/^## Two commands/,/^[A-Z]/s/^    \([^#]*[^# ]\).*/\1/p' README.md
}

@test "README.md gives two commands, which set up what is missing, and CI runs the one that tests" {
    [[ $(commands) == $'scripts/demo\nscripts/check' ]]
    for name in demo check; do
        [[ $(tail -n 1 "scripts/$name") == "exec make $name \"\$@\"" ]]
        grep -q '^scripts/btns-setup' "scripts/$name"
    done
    [[ $(sed 's/#.*//' .ci/run | words '\<make( [a-z]+)+') == 'make check' ]]
}

@test "every make target, file and manual page that README.md and docs/ name is there" {
    targets=$(cat README.md docs/*.md | words '(^    |`)make [a-z-]+' | sed 's/.*make //')
    for target in $targets; do
        grep -q "^$target:" Makefile || { echo "make $target"; return 1; }
    done
    paths=$(cat README.md docs/*.md | words '`[^`]*`|\]\([^)]*\)' | sed 's/^\](//; s/[`)]//g' | tr ' ' '\n' |
        grep -E '^(\.ci|docs|debian|btnsd|shim|libapi|policy\.d|scripts|test)(/|$)|^Makefile$')
    [[ $(wc -w <<<"$targets") -ge 3 && $(wc -w <<<"$paths") -ge 10 ]]
    for path in $paths; do
        compgen -G "$path" >/dev/null || { echo "$path"; return 1; }
    done
}

@test "make help names every target that a person calls" {
    said=$(make --no-print-directory help | sed -n 's/^  \([a-z-]*\) .*/\1/p')
    same 'make help' "$(sort <<<"$said")" Makefile \
        "$(sed -n 's/^\.PHONY: //p' Makefile | tr ' ' '\n' | grep -vxE 'FORCE|ready' | sort)"
}

# The numbers that have no meaning here are in the first column of a table of their own, one a row.
@test "every L, O and U number is in a test's name or in the manual page's list of those without meaning, and not in both" {
    local at=$BATS_TEST_TMPDIR page=policy.d/btns-requirements.7
    { seq -f L%g 25; seq -f O%g 91; printf 'U%s\n' {a..i}; } | sort >"$at/all"
    grep -rh '^@test "' test --include=*.bats | grep -oE '\b([LO][0-9]+|U[a-i])\b' | sort -u >"$at/named"
    sed -n '/^\.SS Without a meaning/,/^\.TE/p' "$page" | grep -oE '^[LOU][0-9a-i]+\b' | sort >"$at/without"
    [[ $(wc -l <"$at/without") -ge 5 && -z $(uniq -d "$at/without") ]]
    same 'all numbers' "$(<"$at/all")" "tests' names and the list" "$(sort "$at/named" "$at/without")"
    # What has one is in the table before it, once.
    same "tests' names" "$(grep '^[OU]' "$at/named")" "$page, REQUIREMENTS" \
        "$(sed -n '/^\.SH REQUIREMENTS/,/^\.SS/p' "$page" | grep -E '^([OU][0-9a-i]+(, )?)+$' | grep -oE '[OU][0-9a-i]+' | sort)"
}

@test "every T number is in a test's name" {
    same 'all numbers' "$(seq -f T%g 11 | sort)" "tests' names" \
        "$(grep -rh '^@test "' test --include=*.bats | grep -oE '\bT([1-9]|1[01])\b' | sort -u)"
}

# Other versions of clang-format lay some code out differently.
@test "the C code is laid out as .clang-format says" {
    [[ $(clang-format --version 2>/dev/null) == *' 14.'* ]] || skip 'clang-format 14 is not installed'
    make format-check
}

@test "btnsd(8) names each limit of a user, with btnsd's values" {
    of_code=$(sed -nE 's/.*\{"([a-z]+)", ([0-9]+), ([0-9]+), ([0-9]+), ([0-9]+), "([^"]+)",.*/\1\t\2\t\3\t\4\t\5\t\6/p' btnsd/base/user_limits.c | sed 's/\t0\t/\t-\t/')
    of_page=$(sed -n '/^limit.each/,/^\.TE/{/^limit/d;/^\.TE/d;s/\\-/-/g;p}' btnsd/btnsd.8)
    [[ $(wc -l <<<"$of_code") -eq $(grep -c '^    LIMIT_' btnsd/base/user_limits.h) ]]
    same btnsd/base/user_limits.c "$of_code" btnsd/btnsd.8 "$of_page"
}

@test "every file that a comment names is there" {
    test/named-files
    # A small tree, in which one comment is wrong.
    local at=$BATS_TEST_TMPDIR/tree
    mkdir -p "$at/room"
    printf '/* See b.c, room/b.c and linux/xfrm.h, and\n * other/b.c. */\nint a = "c.c";\n' >"$at/room/a.c"
    printf '# a.c and gone.bats\necho lost.c\n' >"$at/room/run.sh"
    : >"$at/room/b.c"
    run test/named-files "$at"
    echo "$output"
    [[ $status -eq 1 && ${#lines[@]} -eq 2 ]]
    [[ ${lines[0]} == 'room/a.c:2: a comment names other/b.c,'* && ${lines[1]} == 'room/run.sh:1: a comment names gone.bats,'* ]]
}
