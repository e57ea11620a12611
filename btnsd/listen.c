/* A program is about to listen, or has accepted: the floor under it, and its latches. */
#include "facts.h"
#include "log.h"
#include "plan.h"
#include "requests.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

struct listening {
    struct spd_entry entry[FLOOR_ENTRIES];
    size_t n;
    enum action overall;
    const struct rule *rule; /* that names the listener; NULL: none applies */
};

static bool loopback_only(const struct spd_entry *e)
{
    return e->remote_bits && btns_addr_is_loopback(&e->remote);
}

/* --require turns what would be let through into floor; --prefer the reverse, but never a discard.
 */
static void wish(struct listening *l, uint32_t flags)
{
    for (size_t i = 0; i < l->n; i++) {
        struct spd_entry *e = &l->entry[i];
        if (e->priority < PRIO_FLOOR || loopback_only(e))
            continue;
        if (flags & BTNS_F_REQUIRE)
            e->action = SPD_BLOCK;
        else if (flags & BTNS_F_PREFER)
            e->action = SPD_ALLOW;
    }
}

static int compile_family(const struct rules *rules, struct question q, int family,
                          struct listening *l)
{
    struct spd_entry entry[FLOOR_ENTRIES];
    const struct rule *first;
    q.local.family = (uint16_t)family;
    int n = floor_compile(rules, &q, entry, &l->overall, &first);
    if (n < 0 || l->n + (size_t)n > FLOOR_ENTRIES)
        return -E2BIG;
    memcpy(l->entry + l->n, entry, (size_t)n * sizeof *entry);
    l->n += (size_t)n;
    if (!l->rule)
        l->rule = first;
    return 0;
}

static int compile(const struct rules *rules, const struct question *q,
                   const struct socket_facts *f, uint32_t flags, struct listening *l)
{
    bool both = f->family == AF_INET6 && !f->v6only && btns_addr_is_any(&f->local);
    int rc = compile_family(rules, *q, f->local.family, l);
    if (!rc && both)
        rc = compile_family(rules, *q, AF_INET, l);
    if (!rc)
        wish(l, flags);
    return rc;
}

static bool blocks(const struct listening *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->entry[i].action == SPD_BLOCK)
            return true;
    return false;
}

static struct latch *note(struct btnsd *d, const struct request *r, uint64_t cookie, bool sure,
                          const char *program, const struct rule *rule)
{
    char text[BTNS_TEXT_MAX];
    struct latch *l = registry_add(d->latches, cookie, r->from.uid, sure);
    const char *base = strrchr(program, '/');
    if (!l)
        return NULL;
    plan_rule_text(rule, text, sizeof text);
    l->pid = r->from.pid;
    l->program = intern(base ? base + 1 : program);
    l->rule = intern(text);
    return l;
}

static int put_down(struct btnsd *d, const struct request *r, const struct btns_flow *q,
                    const char *program, const struct btns_addr *local, const struct listening *l,
                    struct err *err)
{
    struct floor *floor = NULL;
    if (blocks(l)) {
        floor = floor_get(&d->floors, local, l->entry, l->n, err);
        if (!floor)
            return -EADDRINUSE;
    }
    struct latch *latch = note(d, r, q->cookie, true, program, l->rule);
    if (!latch) {
        if (floor)
            floor_release(floor);
        err_set(err, "btnsd is out of memory");
        return -ENOMEM;
    }
    if (latch->floor)
        floor_release(latch->floor); /* listen() once more on the same socket */
    latch->floor = floor;
    latch->state = BTNS_S_LISTENER;
    latch->local = *local;
    return 0;
}

static int listen_for(struct btnsd *d, const struct request *r, const struct btns_flow *q,
                      struct listening *l, struct err *err)
{
    struct socket_facts f;
    char program[BTNS_PATH_MAX], text[128];
    int rc = facts_socket(r->fd, &f, err);
    if (rc)
        return rc;
    const struct rules *rules = rules_for(d, r->from.uid, q->policy);
    if (!rules || !facts_program(r->from.pid, program, sizeof program)) {
        err_set(err, "the calling program or its policy cannot be found");
        return -EPERM;
    }
    if (btns_addr_is_loopback(&f.local))
        return 0;
    struct question question = {
        .point = POINT_ACCEPT, .program = program, .protocol = IPPROTO_TCP, .local = f.local};
    rc = compile(rules, &question, &f, q->flags, l);
    if (rc) {
        err_set(err, "too many rules apply to this listener");
        return rc;
    }
    if (l->rule && !l->rule->remotes && l->rule->action == ACTION_DISCARD) {
        plan_rule_text(l->rule, text, sizeof text);
        err_set(err, "discarded by %s", text);
        return -EACCES;
    }
    if (!l->rule || (!blocks(l) && l->rule->action == ACTION_BYPASS))
        return 0;
    return put_down(d, r, q, program, &f.local, l, err);
}

bool on_listen(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    struct listening l = {.n = 0};
    struct err err = {""};
    char text[BTNS_TEXT_MAX];
    memcpy(&q, r->hdr, sizeof q);
    int rc = listen_for(d, r, &q, &l, &err);
    plan_rule_text(l.rule, text, sizeof text);
    if (rc)
        answer_verdict(d, r->client, &q, BTNS_V_DENIED, -rc, 0, err.text);
    else
        answer_verdict(d, r->client, &q,
                       registry_find(d->latches, q.cookie, r->from.uid) ? BTNS_V_PROTECTED
                                                                        : BTNS_V_CLEAR,
                       0, 0, text);
    return true;
}

/*
 * The kernel has enforced the floor already. What is accepted without a guard is clear because a
 * rule prefers, or because none applies.
 */
bool on_accepted(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    char program[BTNS_PATH_MAX];
    memcpy(&q, r->hdr, sizeof q);
    if (!q.local.family || !q.remote.family || btns_addr_is_loopback(&q.remote) ||
        btns_addr_ip_equal(&q.local, &q.remote) ||
        !facts_program(r->from.pid, program, sizeof program))
        return true;
    struct question question = {.point = POINT_ACCEPT,
                                .program = program,
                                .protocol = IPPROTO_TCP,
                                .local = q.local,
                                .remote = q.remote};
    const struct rules *rules = rules_for(d, r->from.uid, q.policy);
    const struct rule *rule = rules ? rules_decide(rules, &question, NULL) : NULL;
    struct guard *g = guard_find(&d->guards, &q.local, &q.remote, q.local.port, true);
    if (!g && (!rule || rule->action == ACTION_BYPASS))
        return true;
    struct latch *l = note(d, r, q.cookie, false, program, rule);
    if (!l || l->floor)
        return true;
    l->local = q.local;
    l->remote = q.remote;
    l->state = g ? BTNS_S_ESTABLISHED : BTNS_S_UNPROTECTED;
    l->reason = g ? NULL : intern("the peer did not ask for protection");
    latch_set_guard(l, g);
    return true;
}
