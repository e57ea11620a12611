/* The chain of reasons for a decision: which rules could have decided, and why they did not. */
#include "match.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

static bool is_listener(const struct question *q)
{
    return q->point == POINT_ACCEPT && !q->remote.family;
}

/* After this one, no rule is asked any more. */
static bool is_last(const struct rule *rule, const struct question *q)
{
    return !is_listener(q) || !rule->remotes;
}

static bool concerns(unsigned misses)
{
    return !(misses & MISS_PROGRAM) || misses == MISS_PROGRAM;
}

size_t rules_candidates(const struct rules *r, const struct question *q, struct candidate *out,
                        size_t max)
{
    const struct rule *decides = rules_decide(r, q, NULL), *last = NULL;
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct rule *rule = &r->rule[i];
        struct candidate c = {.rule = rule};
        if (rule == decides) {
            last = is_last(rule, q) ? rule : NULL;
            decides = last ? NULL : rules_decide(r, q, rule);
        } else {
            c.misses = match_misses(rule, q);
            c.earlier = c.misses ? NULL : last;
        }
        if (!concerns(c.misses))
            continue;
        if (n < max)
            out[n] = c;
        n++;
    }
    return n;
}

/* Appends one more reason; what does not fit is left out. */
__attribute__((format(printf, 3, 4))) static size_t add(char *buf, size_t at, const char *form, ...)
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

const char *candidate_why(const struct candidate *c, const struct question *q,
                          char buf[CANDIDATE_WHY])
{
    char ip[BTNS_ADDR_STR];
    size_t at = 0;
    if (candidate_wins(c)) {
        snprintf(buf, CANDIDATE_WHY, "%s",
                 is_listener(q) && c->rule->remotes ? "applies to the callers it names" : "wins");
        return buf;
    }
    if (c->earlier)
        at = add(buf, at, "an earlier rule decides: %s (%s:%u)", c->earlier->name, c->earlier->file,
                 c->earlier->line);
    if (c->misses & MISS_PROGRAM)
        at = add(buf, at, "the program is none of its match");
    if (c->misses & MISS_POINT)
        at = add(buf, at, "it is for %s, not %s",
                 point_name(q->point == POINT_CONNECT ? POINT_ACCEPT : POINT_CONNECT),
                 point_name(q->point));
    if (c->misses & MISS_PROTOCOL)
        at = add(buf, at, "it is for another protocol");
    if (c->misses & MISS_REMOTE)
        at = add(buf, at, "the remote address %s is inside none of its prefixes",
                 btns_addr_ip_str(&q->remote, ip));
    if (c->misses & MISS_PORT)
        at = add(buf, at, "port %u is not listed", match_service(q));
    return buf;
}
