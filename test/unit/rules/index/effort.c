/*
 * How much is looked at for a decision, which no machine's speed changes: the same among ten
 * thousand rules as among ten, but for the kinds made to be the worst: these have their bounds.
 */
#include "btnsd/rules/index/index.h"
#include "test/unit/rules/kinds.h"

static struct index_effort most_for(const struct kind *kind, unsigned rules, size_t *octets)
{
    struct rules *r = kind_rules(kind, rules);
    struct dice dice = {rules};
    struct index_effort most = {0};
    *octets = r->index->octets;
    for (unsigned i = 0; i < (kind->worst == EVERY_PATTERN ? 20 : 2000); i++) {
        struct index_effort effort = {0};
        struct question q;
        char program[64];
        kind_question(kind, rules, &dice, &q, program);
        index_first(r, &q, 0, 0, &effort);
        most.lines = effort.lines > most.lines ? effort.lines : most.lines;
        most.patterns = effort.patterns > most.patterns ? effort.patterns : most.patterns;
    }
    rules_free(r);
    return most;
}

/* Two texts of one author, with patterns that take as long as any to be compared with each other.
 */
static bool test_conflicts(enum policy_source source, bool refused)
{
    struct policy_text text[2] = {{.file = "a", .source = source}, {.file = "b", .source = source}};
    struct make m = {0};
    struct err err = {""};
    char stars[241] = "";
    for (unsigned i = 0; i < 240; i++)
        stars[i] = "?*"[i % 2];
    for (unsigned file = 0; file < 2; file++) {
        size_t first = m.n;
        make_section(&m, SECTION_FILE, "%s", "");
        make_section(&m, SECTION_PROGRAM, "p%u", file);
        for (unsigned i = 0; i < 40; i++)
            make_value(&m, SECTION_PROGRAM, "match", "/%s%u*", stars, i + 100 * file);
        make_section(&m, SECTION_RULE, "%s", "r");
        make_value(&m, SECTION_RULE, "action", "%s", "bypass");
        for (; first < m.n; first++)
            m.record[first].file = file;
    }
    struct rules *r = policy_compile(text, 2, m.record, m.n, NULL, &err);
    bool good = refused ? !r && strstr(err.text, "would take too long") : r != NULL;
    printf("%s - %s patterns that take long to compare are %s: %s\n", good ? "ok" : "not ok",
           source == SOURCE_USER ? "a user's" : "an administrator's",
           refused ? "refused" : "compared", err.text);
    rules_free(r);
    make_free(&m);
    return good;
}

int main(void)
{
    int failures = !test_conflicts(SOURCE_USER, true) + !test_conflicts(SOURCE_ADMIN, false);
    for (const struct kind *kind = kinds; kind->name; kind++) {
        size_t octets;
        for (unsigned rules = 10; rules <= 10000; rules *= 10) {
            unsigned lines = kind->worst == EVERY_LINE ? (rules + 511) / 512 : 1;
            unsigned patterns = kind->worst == EVERY_PATTERN ? rules + 1 : 16;
            struct index_effort most = most_for(kind, rules, &octets);
            bool good = most.lines <= lines && most.patterns <= patterns &&
                        octets <= rules * rules / 4 + 512 * rules;
            printf("%s - %s: %u rules: %u lines, %u patterns, %zu octets of index\n",
                   good ? "ok" : "not ok", kind->what, rules, most.lines, most.patterns, octets);
            failures += !good;
        }
    }
    return failures != 0;
}
