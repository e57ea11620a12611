/*
 * rules_authors POLICY PACKAGES AUTHORS SEQUENCES: prints the generation compiled from all authors'
 * files, a rule a line with its rank and author, and records the packages' sequence numbers; or
 * prints why it was refused. Without arguments: tests which patterns are contained in which. TAP.
 */
#include "btnsd/rules/compile/scope.h"
#include "btnsd/running/package_sequences.h"
#include "test/unit/check.h"

#include "btnsd/rules/model/glob.h"

#include <string.h>

static const struct {
    const char *inner, *outer;
    bool in;
} patterns[] = {
    {"/usr/bin/curl", "/usr/bin/curl", true},
    {"/usr/bin/curl", "/usr/bin/*", true},
    {"/usr/bin/curl", "/usr/bin/c*l", true},
    {"/usr/bin/curl", "*", true},
    {"*", "*", true},
    {"*", "/usr/bin/*", false},
    {"/usr/bin/curl", "/usr/sbin/*", false},
    {"/usr/bin/a/b", "/usr/bin/*", false},
    {"/usr/bin/.hidden", "/usr/bin/*", false},
    {"/usr/bin/*", "/usr/bin/*", true},
    {"/usr/bin/c*", "/usr/bin/*", true},
    {"/usr/*/c*", "/usr/bin/*", false},
    {"/usr/bin/c*", "/usr/*/*", true},
    {"/usr/bin/.c*", "/usr/bin/*", false},
    {"/usr/bin/[.]c*", "/usr/bin/*", false},
    {"/usr/bin/\\.c*", "/usr/bin/*", false},
    {"/usr/bin/?x", "/usr/bin/*", true},
    {"/usr/bin/*", "/usr/bin/c*", false},
    {"/usr/bin/*/x", "/usr/bin/*", false},
    {"/usr/bin/*", "/usr/bin/*/x", false},
    {"/usr/bin*", "/usr/bin/*", false},
    {"/opt/a*/bin/*", "/opt/*/bin/*", true},
};

static int test_patterns(void)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        check(scope_pattern_in(patterns[i].inner, patterns[i].outer) == patterns[i].in,
              "%s is %sinside %s", patterns[i].inner, patterns[i].in ? "" : "not surely ",
              patterns[i].outer);
    return check_end();
}

int main(int argc, char **argv)
{
    struct err err = {"no reason given"};
    if (argc == 1)
        return test_patterns();
    if (argc != 6)
        return 2;
    const struct rules_sources from = {argv[1], argv[2], argv[3], argv[5]};
    struct rules *r = rules_load_all(&from, &err);
    if (!r || sequences_accept(argv[4], r, &err)) {
        fprintf(stderr, "%s\n", err.text);
        rules_free(r);
        return 1;
    }
    for (size_t i = 0; i < r->n; i++)
        printf("%s, %s: %s/%s %s%s%s\n", rank_name(r->rule[i].rank), r->rule[i].author,
               r->rule[i].program, r->rule[i].name, action_name(r->rule[i].action),
               r->rule[i].profile ? " " : "", r->rule[i].profile ? r->rule[i].profile->suite : "");
    rules_free(r);
    return 0;
}
