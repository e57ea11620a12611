/*
 * Describes a listener's plan for a user: which peers may come in, and whether they are protected.
 */
#include "btnsd/plan/listen_plan.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

static const char *const comes[] = {
    [PLAN_CLEAR] = "may come in the clear",
    [PLAN_PROTECT] = "is protected, or kept out",
    [PLAN_PREFER] = "is protected if it asks for that, and else may come in the clear",
    [PLAN_DENY] = "is kept out, protected or not",
    [PLAN_BYPASS] = "comes in the clear, as asked for",
};

struct text {
    char *at;
    size_t left;
};

__attribute__((format(printf, 2, 3))) static void put_listen_text(struct text *t, const char *fmt,
                                                                  ...)
{
    va_list ap;
    va_start(ap, fmt);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = vsnprintf(t->at, t->left, fmt, ap);
#pragma GCC diagnostic pop
    va_end(ap);
    size_t used = n < 0 ? 0 : (size_t)n < t->left ? (size_t)n : t->left - 1;
    t->at += used;
    t->left -= used;
}

static void say_listen_rule(struct text *t, const struct rule *rule, enum plan_action action)
{
    char name[BTNS_TEXT_MAX], trust[BTNS_TEXT_MAX];
    plan_rule_text(rule, name, sizeof name);
    put_listen_text(t, "%s %s", rule ? ", by" : ";", name);
    if (action != PLAN_PROTECT && action != PLAN_PREFER)
        return;
    const struct profile *p = plan_profile(rule);
    put_listen_text(t, "; profile \"%s\": esp %s %s, %s", p->name, profile_mode(p),
                    suite_or_default(p->suite)->name, plan_trust(p, trust));
}

static void say_listen_side(struct text *t, const struct listening_side *s, const char *who)
{
    put_listen_text(t, "%s %s", who, comes[s->action]);
    say_listen_rule(t, s->rule, s->action);
}

static void say_listen_prefixes(struct text *t, const char *between, const struct prefix *all,
                                size_t n, int family)
{
    char ip[BTNS_ADDR_STR];
    for (size_t i = 0; i < n; i++) {
        const struct prefix *p = &all[i];
        if (p->net.family != family)
            continue;
        put_listen_text(t, "%s%s/%u", between, btns_addr_ip_str(&p->net, ip), p->bits);
        between = ", ";
    }
}

/* Describes the rules for some peers only; they come before the rule for all peers. */
static void say_narrower_listens(struct text *t, const struct listening_side *s)
{
    char name[BTNS_TEXT_MAX];
    for (size_t i = 0; i < s->narrowers; i++) {
        const struct narrower *n = &s->narrower[i];
        plan_rule_text(n->rule, name, sizeof name);
        put_listen_text(t, "\nbut");
        say_listen_prefixes(t, " from ", n->rule->remote, n->rule->remotes, s->family);
        say_listen_prefixes(t, " at ", n->rule->local, n->rule->locals, s->family);
        put_listen_text(t, " it %s, by %s", comes[n->action], name);
    }
}

enum plan_action listening_say(const struct listening *l, char *text, size_t size)
{
    /* From the weakest action to the strongest */
    static const int rank[] = {[PLAN_CLEAR] = 0,
                               [PLAN_BYPASS] = 0,
                               [PLAN_PREFER] = 1,
                               [PLAN_PROTECT] = 2,
                               [PLAN_DENY] = 3};
    struct text t = {text, size};
    const struct listening_side *a = &l->side[0], *b = l->sides > 1 ? &l->side[1] : a;
    text[0] = '\0';
    if (l->self) {
        put_listen_text(&t, "only this host reaches it, untouched");
        return PLAN_CLEAR;
    }
    if (a->rule == b->rule) {
        say_listen_side(&t, a, "a peer anywhere");
    } else {
        say_listen_side(&t, a, "an IPv6 peer anywhere");
        say_listen_side(&t, b, "\nan IPv4 peer anywhere");
    }
    for (size_t i = 0; i < l->sides; i++)
        say_narrower_listens(&t, &l->side[i]);
    return rank[a->action] < rank[b->action] ? a->action : b->action;
}
