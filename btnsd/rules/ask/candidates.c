/* Explains a decision: lists the rules that could have decided, and why they did not. */
#include "btnsd/rules/ask/view.h"
#include "btnsd/rules/model/match.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

static bool is_listen_question(const struct question *q)
{
    return q->point == POINT_ACCEPT && !q->remote.family;
}

/* Does the rule apply to some of a listener's possible peers or addresses, but not to others? */
static bool is_partial_candidate(const struct rule *rule, const struct question *q)
{
    return is_listen_question(q) && (rule->remotes || (rule->locals && match_wherever_called(q)));
}

static bool candidate_concerns_program(unsigned misses)
{
    return !(misses & MISS_PROGRAM) || misses == MISS_PROGRAM;
}

/* The rule after which no other rule is asked, or NULL. */
static const struct rule *find_last_candidate(const struct view *v, const struct question *q)
{
    const struct rule *rule = view_decide(v, q, NULL);
    while (rule && is_partial_candidate(rule, q))
        rule = view_decide(v, q, rule);
    return rule;
}

static bool candidate_comes_after(const struct view *v, const struct question *q,
                                  const struct rule *rule, const struct rule *last)
{
    enum view_stage a = view_stage(v, q, rule), b = view_stage(v, q, last);
    return a != b ? a > b : rule > last;
}

/* The candidates found so far. */
struct chain {
    const struct view *v;
    const struct question *q;
    const struct rule *last;
    struct candidate *out;
    size_t max, n;
};

static void add_candidate_rules(struct chain *all, const struct rules *r, size_t from, size_t to)
{
    bool program = false; /* does the section's match hold? */
    for (const struct rule *rule = r->rule + from; rule < r->rule + to; rule++) {
        if (rule == r->rule + from || rule->match != rule[-1].match)
            program = match_program(rule, all->q);
        struct candidate c = {.rule = rule, .misses = match_other_misses(rule, all->q)};
        c.misses |= program ? 0 : MISS_PROGRAM;
        if (!candidate_concerns_program(c.misses))
            continue;
        c.blocked = !c.misses && view_blocked(all->v, rule);
        if (!c.misses && !c.blocked && all->last &&
            candidate_comes_after(all->v, all->q, rule, all->last))
            c.earlier = all->last;
        if (all->n < all->max)
            all->out[all->n] = c;
        all->n++;
    }
}

size_t view_candidates(const struct view *v, const struct question *q, struct candidate *out,
                       size_t max)
{
    struct chain all = {.v = v, .q = q, .last = find_last_candidate(v, q), .out = out, .max = max};
    add_candidate_rules(&all, v->host, 0, v->host->mandatory);
    if (v->own)
        add_candidate_rules(&all, v->own, 0, v->own->n);
    add_candidate_rules(&all, v->host, v->host->mandatory, v->host->n);
    return all.n;
}

size_t rules_candidates(const struct rules *r, const struct question *q, struct candidate *out,
                        size_t max)
{
    const struct view alone = {.host = r};
    return view_candidates(&alone, q, out, max);
}

static const char *why_earlier_candidate(const struct candidate *c)
{
    if (c->earlier->rank == c->rule->rank)
        return "an earlier rule decides";
    if (c->rule->rank == RANK_MANDATORY)
        return "the user's own rule is stronger";
    return c->earlier->rank == RANK_MANDATORY ? "a mandatory rule decides"
           : c->earlier->rank == RANK_USER    ? "the user's own rule decides"
                                              : "a package's rule decides";
}

/* Appends one more reason; a reason that does not fit is left out. */
__attribute__((format(printf, 3, 4))) static size_t append_reason(char *buf, size_t at,
                                                                  const char *form, ...)
{
    va_list ap;
    if (at && at < CANDIDATE_WHY)
        at += (size_t)snprintf(buf + at, CANDIDATE_WHY - at, "; ");
    if (at >= CANDIDATE_WHY)
        return at;
    va_start(ap, form);
    at += (size_t)vsnprintf(buf + at, CANDIDATE_WHY - at, form, ap);
    va_end(ap);
    return at;
}

/* Adds the reasons about the process, its route, and the peer. */
static void add_process_candidates(const struct candidate *c, const struct question *q, char *buf,
                                   size_t at)
{
    if (c->misses & MISS_USER)
        at = append_reason(buf, at, "user %u is not listed", q->uid);
    if (c->misses & MISS_GROUP)
        at = append_reason(buf, at, "the process is in none of its groups");
    if (c->misses & MISS_CGROUP)
        at = append_reason(buf, at, "the control group %.80s is none of its",
                           q->cgroup ? q->cgroup : "?");
    if (c->misses & MISS_INTERFACE)
        at = append_reason(buf, at, "the interface %s is not listed",
                           q->interface ? q->interface : "?");
    if (c->misses & MISS_PEER)
        append_reason(buf, at, "the peer is %s, not %s",
                      q->peer ? seen_name(q->peer) : "not known about", seen_name(c->rule->peer));
}

const char *candidate_why(const struct candidate *c, const struct question *q,
                          char buf[CANDIDATE_WHY])
{
    char ip[BTNS_ADDR_STR];
    size_t at = 0;
    if (candidate_wins(c)) {
        snprintf(buf, CANDIDATE_WHY, "%s",
                 is_partial_candidate(c->rule, q) ? "applies to the callers it names" : "wins");
        return buf;
    }
    if (c->earlier)
        at = append_reason(buf, at, "%s: %s (%s:%u)", why_earlier_candidate(c), c->earlier->name,
                           c->earlier->file, c->earlier->line);
    if (c->blocked)
        at = append_reason(buf, at, "the user has blocked it");
    if (c->misses & MISS_PROGRAM)
        at = append_reason(buf, at, "the program is none of its match");
    if (c->misses & MISS_POINT)
        at = append_reason(buf, at, "it is for %s, not %s",
                           point_name(q->point == POINT_CONNECT ? POINT_ACCEPT : POINT_CONNECT),
                           point_name(q->point));
    if (c->misses & MISS_PROTOCOL)
        at = append_reason(buf, at, "it is for another protocol");
    if (c->misses & MISS_REMOTE)
        at = append_reason(buf, at, "the remote address %s is inside none of its prefixes",
                           btns_addr_ip_str(&q->remote, ip));
    if (c->misses & MISS_PORT)
        at = append_reason(buf, at, "port %u is not listed", match_service(q));
    if (c->misses & MISS_LOCAL)
        at = append_reason(buf, at, "the local address %s is inside none of its prefixes",
                           btns_addr_ip_str(&q->local, ip));
    add_process_candidates(c, q, buf, at);
    return buf;
}
