/*
 * The work for a decision, counted independently of the machine: only the program's own rules are
 * compared, and they are found only once, however many other rules there are.
 */
#include "btnsd/rules/index/index.h"
#include "test/unit/rules/kinds.h"

/*
 * The largest number of rules that a decision compared; *again: programs that had to be looked up a
 * second time.
 */
static struct index_effort most_for(const struct kind *kind, unsigned rules, size_t *octets,
                                    unsigned *again)
{
    struct rules *r = kind_rules(kind, rules);
    struct dice dice = {rules};
    struct index_effort most = {0};
    *octets = index_octets(r->index);
    *again = 0;
    for (unsigned i = 0; i < 1000; i++) {
        struct index_effort first = {0}, second = {0};
        struct question q;
        char program[64];
        kind_question(kind, rules, &dice, &q, program);
        index_first(r, &q, 0, 0, &first);
        index_first(r, &q, 0, 0, &second);
        most.rules = second.rules > most.rules ? second.rules : most.rules;
        most.found += first.found;
        *again += second.found;
    }
    rules_free(r);
    return most;
}

static unsigned found_for(const struct rules *r, uid_t uid, const char *program)
{
    struct index_effort effort = {0};
    struct question q = {.program = program, .uid = uid, .protocol = IPPROTO_TCP};
    index_first(r, &q, 0, 0, &effort);
    return effort.found;
}

/* A user who runs more and more programs gets limited memory, and takes none from root. */
static bool test_flood(void)
{
    struct rules *r = kind_rules(kinds, 1000);
    char program[1000];
    unsigned found = found_for(r, 0, "/usr/sbin/server");
    size_t most = 0;
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(program, sizeof program, "/home/me/%0900u", i);
        found += found_for(r, 1000 + i / 10000, program);
        most = index_octets_kept(r->index) > most ? index_octets_kept(r->index) : most;
    }
    bool good = found == 20001 && !found_for(r, 0, "/usr/sbin/server") && most < 600 << 10;
    printf("%s - 20,000 programs of two users: %zu octets kept, and root's program among them\n",
           good ? "ok" : "not ok", most);
    rules_free(r);
    return good;
}

/* Two texts of one author, with patterns that take the longest to compare with each other. */
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
    failures += !test_flood();
    for (const struct kind *kind = kinds; kind->name; kind++) {
        for (unsigned rules = 10; rules <= 10000; rules *= 10) {
            size_t octets;
            unsigned again, own = kind->in_section < rules ? kind->in_section : rules;
            struct index_effort most = most_for(kind, rules, &octets, &again);
            bool good = most.rules <= own && !again && octets <= 512 * rules + 16384;
            printf("%s - %s: %u rules: %u compared, %u found, %u again, %zu octets of index\n",
                   good ? "ok" : "not ok", kind->what, rules, most.rules, most.found, again,
                   octets);
            failures += !good;
        }
    }
    return failures != 0;
}
