/*
 * How much is looked at for a decision, which no machine's speed changes: the same among ten
 * thousand rules as among ten, but for the kinds made to be the worst: these have their bounds.
 */
#include "../../btnsd/rules/index.h"
#include "rules_kinds.h"

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

int main(void)
{
    int failures = 0;
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
