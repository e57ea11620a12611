/*
 * rules_candidates DIR POINT PROGRAM LOCAL REMOTE: prints the chain of reasons for one decision, a
 * rule a line. Without arguments: checks on random generations that the chain and the decision
 * agree.
 */
#include "test/unit/rules/ask.h"
#include "test/unit/rules/kinds.h"

static void print_chain(const struct rules *r, const struct question *q)
{
    struct candidate c[100];
    char why[CANDIDATE_WHY];
    size_t n = rules_candidates(r, q, c, 100);
    for (size_t i = 0; i < n && i < 100; i++) {
        const char *file = strrchr(c[i].rule->file, '/');
        printf("%s %s:%u %s/%s: %s\n", candidate_wins(&c[i]) ? "+" : "-",
               file ? file + 1 : c[i].rule->file, c[i].rule->line, c[i].rule->program,
               c[i].rule->name, candidate_why(&c[i], q, why));
    }
}

/* The rule that wins in the chain decides, and each other rule has a reason. */
static bool agrees(const struct rules *r, const struct question *q)
{
    static struct candidate c[1000];
    size_t n = rules_candidates(r, q, c, 1000), wins = 0;
    const struct rule *decides = rules_decide(r, q, NULL);
    bool seen = false, good = n <= r->n;
    for (size_t i = 0; i < n; i++) {
        good = good && !(c[i].misses && c[i].earlier);
        good = good && (!c[i].earlier || (c[i].earlier == decides && c[i].rule > decides));
        if (!candidate_wins(&c[i]))
            continue;
        wins++;
        seen |= c[i].rule == decides;
    }
    return good && wins == (decides != NULL) && seen == (decides != NULL);
}

static int check_kinds(void)
{
    int failures = 0;
    for (const struct kind *kind = kinds; kind->name; kind++) {
        struct rules *r = kind_rules(kind, 200);
        struct dice dice = {7};
        bool good = true;
        for (unsigned i = 0; good && i < 300; i++) {
            struct question q;
            char program[64];
            kind_question(kind, 200, &dice, &q, program);
            if (i % 3 == 0)
                q.remote.port = (uint16_t)roll(&dice, 300);
            good = agrees(r, &q);
        }
        printf("%s - %s\n", good ? "ok" : "not ok", kind->what);
        failures += !good;
        rules_free(r);
    }
    return failures != 0;
}

int main(int argc, char **argv)
{
    struct err err = {"no reason given"};
    if (argc == 1)
        return check_kinds();
    if (argc != 6)
        return 2;
    struct rules *r = rules_load(argv[1], &err);
    if (!r) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    struct question q = ask_question(argv[2], argv[3], argv[4], argv[5]);
    print_chain(r, &q);
    rules_free(r);
    return 0;
}
