/* glob [SEED]: compares btnsd's patterns with fnmatch(3), on random patterns and paths. */
#include "btnsd/rules/model/glob.h"
#include "test/unit/rules/random_glob.h"

#include <errno.h>
#include <fnmatch.h>

static void random_text(char *text, const char *letters, unsigned most)
{
    unsigned n = d(most);
    for (unsigned i = 0; i < n; i++)
        text[i] = letters[d((unsigned)strlen(letters))];
    text[n] = 0;
}

/*
 * FNM_PERIOD matters only for these texts; but with it, glibc (2.36) also claims that "*?[.]" does
 * not match "b.".
 */
static bool has_leading_period(const char *text)
{
    return text[0] == '.' || strstr(text, "/.");
}

static bool test_patterns(unsigned tries)
{
    char pattern[16], text[12];
    unsigned hits = 0, good = 0;
    for (unsigned i = 0; i < tries; i++) {
        random_text(pattern, "aab./*?[]!^-\\", 12);
        random_text(text, "aab./]-", 8);
        if (glob_fault(pattern))
            continue;
        int period = has_leading_period(text) ? FNM_PERIOD : 0;
        bool want = !fnmatch(pattern, text, FNM_PATHNAME | period);
        if (glob_match(pattern, text) != want) {
            printf("not ok - pattern '%s' and '%s': not %d\n", pattern, text, want);
            return false;
        }
        good++;
        hits += want;
    }
    printf("# %u patterns compared, %u matched\n", good, hits);
    printf("%s - patterns match as with fnmatch(3)\n", hits > tries / 100 ? "ok" : "not ok");
    return hits > tries / 100;
}

/*
 * All texts of up to six octets: two patterns of three parts match a common one of these, or none
 * at all.
 */
static bool meet_somewhere(const char *a, const char *b, bool within)
{
    for (unsigned number = 0; number < 4 * 4 * 4 * 4 * 4 * 4; number++) {
        char text[8];
        unsigned n = 0;
        for (unsigned rest = number; rest % 4; rest /= 4)
            text[n++] = "-ab/"[rest % 4];
        text[n] = 0;
        if (within ? glob_match_within(a, text) && glob_match_within(b, text)
                   : glob_match(a, text) && glob_match(b, text))
            return true;
    }
    return false;
}

static bool test_meeting(unsigned tries)
{
    unsigned hits = 0;
    for (unsigned i = 0; i < tries; i++) {
        char a[16], b[16];
        bool within = d(2);
        random_glob(a, 3);
        random_glob(b, 3);
        for (char *c = a; *c; c++)
            *c = *c == 'c' ? 'a' : *c;
        for (char *c = b; *c; c++)
            *c = *c == 'c' ? 'b' : *c;
        bool want = meet_somewhere(a, b, within);
        if (glob_meet(a, b, within) != want) {
            printf("not ok - '%s' and '%s' (%d) meet: not %d\n", a, b, within, want);
            return false;
        }
        hits += want;
    }
    printf("# %u pairs of patterns, %u meet\n", tries, hits);
    printf("%s - patterns meet where a text matches both\n", hits > tries / 10 ? "ok" : "not ok");
    return hits > tries / 10;
}

/* A user's pattern must not keep btnsd busy: glibc's fnmatch() would take hours for this one. */
static bool test_hostile_pattern(void)
{
    char pattern[600] = "/", text[1024] = "/";
    for (unsigned i = 0; i < 250; i++)
        strcat(pattern, "*a");
    strcat(pattern, "b");
    memset(text + 1, 'a', sizeof text - 2);
    bool good = !glob_match(pattern, text);
    printf("%s - a pattern of 250 stars is done at once\n", good ? "ok" : "not ok");
    return good;
}

int main(int argc, char **argv)
{
    dice.state = argc > 1 ? strtoull(argv[1], NULL, 0) : 20240501;
    printf("# seed %llu\n", (unsigned long long)dice.state);
    bool good = test_patterns(400000);
    good &= test_hostile_pattern();
    good &= test_meeting(1000);
    return !good;
}
