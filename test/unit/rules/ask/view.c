/*
 * Deciding among ranks: the order of view.h, and on random rules that nobody weakens another's
 * rule. TAP.
 */
#include "btnsd/rules/ask/view.h"
#include "btnsd/rules/model/strength.h"
#include "test/unit/check.h"
#include "test/unit/rules/make.h"

#include <netinet/in.h>

static struct rules *load(enum policy_source source, const char *body)
{
    static char text[20000];
    struct err err = {""};
    struct policy_text one = {.file = "f", .text = text, .source = source};
    one.len = (size_t)snprintf(text, sizeof text,
                               "format = 1\n"
                               "profile \"any\" { identity = any-key }\n"
                               "profile \"any128\" { identity = any-key suites = aes128gcm16 }\n"
                               "profile \"known128\" { suites = aes128gcm16 }\n"
                               "program \"p\" { match = { \"/p\" }\n%s }\n",
                               body);
    struct rules *r = policy_load_texts("f", &one, 1, &err);
    if (!r) {
        check(false, "%s", err.text);
        exit(1);
    }
    return r;
}

static struct question view_question(uint16_t port)
{
    struct question q = {.point = POINT_CONNECT, .program = "/p", .protocol = IPPROTO_TCP};
    btns_addr_parse(&q.remote, "192.0.2.1");
    q.remote.port = port;
    return q;
}

#define M(name, what) "rule \"" name "\" { mandatory = true reason = \"law\" " what " }\n"
#define R(name, what) "rule \"" name "\" { " what " }\n"
#define NAMED(names)  "action = protect identity = named permit = { " names " }"
#define P(profile)    "action = protect profile = \"" profile "\""

/* The rank that decides, "" for none; `blocked`: the user has blocked the host's rule number 1. */
static const struct {
    const char *host, *own, *decides;
    const char *what;
    bool all_blocked, blocked, binds;
} table[] = {
    {R("d", "action = protect"), NULL, "d", "a default, and nobody else", .binds = false},
    {R("d", "action = protect"), R("u", "action = bypass"), "u", "user above default, also weaker",
     .binds = false},
    {R("d", "action = bypass"), R("u", "action = protect port = 81"), "d", "u does not match",
     .binds = false},
    {M("m", "action = protect"), R("u", "action = bypass"), "m", "mandatory above a weaker user's",
     .binds = true},
    {M("m", "action = protect"), R("u", "action = prefer"), "m", "prefer is weaker than protect",
     .binds = true},
    {M("m", "action = prefer"), R("u", "action = protect"), "u", "a stronger user's in its place",
     .binds = true},
    {M("m", "action = protect"), R("u", "action = discard"), "u", "discard is the strongest",
     .binds = true},
    {M("m", "action = discard"), R("u", "action = protect"), "m", "nothing is above discard",
     .binds = true},
    {M("m", P("any")), R("u", P("default")), "u", "a stricter identity in its place",
     .binds = true},
    {M("m", "action = protect"), R("u", P("any")), "m", "a laxer identity is not", .binds = true},
    {M("m", "action = protect"), R("u", NAMED("bob")), "u", "a name is more than the same key",
     .binds = true},
    {M("m", NAMED("bob, carol")), R("u", NAMED("bob")), "u", "fewer names are more", .binds = true},
    {M("m", NAMED("bob")), R("u", NAMED("bob, carol")), "m", "more names are not", .binds = true},
    {M("m", NAMED("bob")), R("u", NAMED("carol")), "m", "nor is another name", .binds = true},
    {M("m", NAMED("bob")), R("u", "action = protect"), "m", "nor the same key", .binds = true},
    {M("m", P("any128")), R("u", P("any")), "u", "longer keys in its place", .binds = true},
    {M("m", P("any")), R("u", P("known128")), "m", "stricter here and weaker there is not stronger",
     .binds = true},
    {M("m", "action = prefer"), R("u", P("any")), "m", "nor a stronger action that knows less",
     .binds = true},
    {M("m", "action = protect"), R("u", "action = protect"), "m", "equal is not stronger",
     .binds = true},
    {M("a", "action = bypass") M("b", "action = protect"), R("u", "action = prefer"), "a",
     "at least every mandatory rule that matches, not only the first", .binds = true},
    {M("a", "action = bypass") M("b", "action = prefer"), R("u", "action = protect"), "u",
     "stronger than all of them", .binds = true},
    {R("d", "action = protect") M("m", "action = bypass"), NULL, "m",
     "mandatory above what stands before it", .binds = true},
    {M("m", "action = bypass") R("d", "action = discard"), NULL, "m",
     "defaults do not raise a mandatory rule", .binds = true},
    {R("d", "action = protect") R("e", "action = discard"), NULL, "d", "in order", .binds = false},
    {R("d", "action = protect") R("e", "action = bypass"), NULL, "d", "e is blocked",
     .blocked = true},
    {R("d", "action = protect port = 81") R("e", "action = bypass"), NULL, "",
     "blocked, and nothing behind it", .blocked = true},
    {R("d", "action = protect") R("e", "action = bypass"), NULL, "", "all blocked",
     .all_blocked = true},
    {R("d", "action = protect"), R("u", "action = prefer"), "u", "all blocked but the user's own",
     .all_blocked = true},
    {M("m", "action = protect") R("d", "action = bypass"), NULL, "m", "mandatory, all blocked",
     .all_blocked = true, .binds = true},
    {R("d", "action = bypass") M("m", "action = protect"), NULL, "m",
     "a bit for a mandatory rule means nothing (index 0 is m)", .blocked = true, .binds = true},
};

static void test_table(void)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const uint64_t second = 2;
        struct rules *host = load(SOURCE_ADMIN, table[i].host);
        struct rules *own = table[i].own ? load(SOURCE_USER, table[i].own) : NULL;
        struct question q = view_question(80);
        struct view v = {.host = host, .own = own, .others_blocked = table[i].all_blocked};
        v.blocked = table[i].blocked ? &second : NULL;
        const struct rule *rule = view_decide(&v, &q, NULL);
        struct candidate c[10];
        size_t n = view_candidates(&v, &q, c, 10), wins = 0;
        for (size_t k = 0; k < n; k++)
            wins += candidate_wins(&c[k]) && c[k].rule == rule;
        check(!strcmp(rule ? rule->name : "", table[i].decides), "%s", table[i].what);
        check(wins == (rule != NULL) && view_binds(&v, &q, rule) == table[i].binds,
              "  and so it is explained and bound");
        rules_free(host);
        rules_free(own);
    }
}

/* ---- on random rules ---- */

static struct dice dice = {4711};

static void random_rules(char *text, size_t size, bool admin)
{
    static const char *const actions[] = {"bypass",
                                          "discard",
                                          "prefer",
                                          "protect",
                                          "protect profile = \"any\"",
                                          "prefer profile = \"any128\"",
                                          "protect profile = \"known128\""};
    size_t at = 0;
    unsigned n = 1 + roll(&dice, 6);
    for (unsigned i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, size - at,
                               "rule \"r%u\" { %s action = %s port = \"%u-%u\" %s }\n", i,
                               admin && roll(&dice, 2) ? "mandatory = true reason = \"x\"" : "",
                               actions[roll(&dice, 7)], 1 + roll(&dice, 4), 5 + roll(&dice, 4),
                               roll(&dice, 3) ? "" : "remote = \"192.0.2.0/24\"");
}

static bool monotone(const struct view *v, const struct question *q, const struct rule *decided)
{
    bool good = true, first = true;
    for (const struct rule *m = NULL; (m = rules_decide(v->host, q, m)); first = false) {
        if (m->rank != RANK_MANDATORY)
            break;
        good &= decided && (decided->rank == RANK_MANDATORY || rule_at_least(decided, m));
        if (first && decided && decided->rank == RANK_MANDATORY)
            good &= decided == m;
    }
    return good;
}

/* The walk visits each rule that matches and is not blocked exactly once, and ends. */
static bool whole_walk(const struct view *v, const struct question *q)
{
    size_t n = 0, expected = 0;
    for (const struct rule *rule = NULL; (rule = view_decide(v, q, rule)) && n < 100;)
        n++;
    for (const struct rule *rule = NULL; (rule = rules_decide(v->host, q, rule));)
        expected += rule->rank == RANK_MANDATORY || !v->others_blocked;
    for (const struct rule *rule = NULL; v->own && (rule = rules_decide(v->own, q, rule));)
        expected++;
    return n == expected;
}

static void test_random(void)
{
    char text[10000];
    bool good = true, walks = true, private = true;
    for (int i = 0; i < 60 && good; i++) {
        random_rules(text, sizeof text, true);
        struct rules *host = load(SOURCE_ADMIN, text);
        random_rules(text, sizeof text, false);
        struct rules *own = load(SOURCE_USER, text);
        for (uint16_t port = 1; port < 10; port++) {
            struct question q = view_question(port);
            struct view v = {.host = host, .own = own, .others_blocked = i % 3 == 0};
            const struct view other = {.host = host};
            const struct rule *theirs = view_decide(&other, &q, NULL);
            good &= monotone(&v, &q, view_decide(&v, &q, NULL));
            walks &= whole_walk(&v, &q);
            private &= !theirs || (theirs >= host->rule && theirs < host->rule + host->n);
        }
        rules_free(host);
        rules_free(own);
    }
    check(good, "on random rules nothing below a mandatory one weakens it (O35)");
    check(walks, "a listener's walk names every rule once");
    check(private, "another user's decisions know nothing of them");
}

int main(void)
{
    test_table();
    test_random();
    return check_end();
}
