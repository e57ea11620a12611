/* Computes a listener's floor from the rules and the program's flags. Pure. */
#include "btnsd/plan/listen_plan.h"

#include "btnsd/plan/prefixes.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static const struct {
    enum spd_action spd;
    uint32_t priority;
} how[] = {
    [PLAN_CLEAR] = {SPD_ALLOW, PRIO_FLOOR},   [PLAN_PREFER] = {SPD_ALLOW, PRIO_FLOOR},
    [PLAN_PROTECT] = {SPD_BLOCK, PRIO_FLOOR}, [PLAN_DENY] = {SPD_BLOCK, PRIO_DISCARD},
    [PLAN_BYPASS] = {SPD_ALLOW, PRIO_FLOOR},
};

struct compile {
    const struct view *v;
    const struct question *q; /* the question for the present family */
    uint32_t flags;
    struct listening *l;
    struct listening_side *side;
    const struct rule *rule;       /* the rule being compiled */
    const struct profile *profile; /* the profile of that rule */
    struct prefix_set spared;      /* peers of earlier rules that do not discard */
    const struct prefix *local;    /* local addresses of the rule; NULL: those of the listener */
    bool partly;      /* an earlier rule, for some local addresses only, does not discard */
    bool partly_open; /* that rule lets any peer in */
    bool full, unable;
};

static struct floor_term listen_term(const struct compile *c, enum plan_action action,
                                     const struct spd_entry *e, const struct prefix *from)
{
    static const enum term_kind kinds[] = {[PLAN_CLEAR] = TERM_OPEN,
                                           [PLAN_PREFER] = TERM_OPEN,
                                           [PLAN_PROTECT] = TERM_DEMAND,
                                           [PLAN_DENY] = TERM_DENY,
                                           [PLAN_BYPASS] = TERM_OPEN};
    struct floor_term t = {
        .local = {.net = e->local, .bits = e->local_bits}, .from = *from, .kind = kinds[action]};
    if (t.kind == TERM_DEMAND) {
        t.beet = c->profile->beet;
        t.suite = suite_or_default(c->profile->suite)->name;
        t.who = &c->profile->who;
        t.source = c->profile->source.keys == KEYS_PRIVATE ? NULL : &c->profile->source;
    }
    return t;
}

/*
 * If the rule asks for more than a key, or for another key manager's SA, the floor must also block
 * peers that charon's own policies would let in.
 */
static bool is_strict_listen_rule(const struct compile *c, enum plan_action action)
{
    return action == PLAN_PROTECT &&
           (demand_is_strict(&c->profile->who) || c->profile->source.keys != KEYS_PRIVATE);
}

/* Earlier rules get higher precedence, within the priorities of their kind of entry. */
static uint32_t listen_priority(const struct compile *c, enum plan_action action)
{
    uint32_t base = is_strict_listen_rule(c, action) ? PRIO_STRICT : how[action].priority;
    return base + (action == PLAN_DENY ? 0 : (uint32_t)(c->l->entries / 2));
}

static void add_listen_entry(struct compile *c, enum plan_action action, const struct prefix *from)
{
    struct listening *l = c->l;
    struct spd_entry e = {
        .priority = listen_priority(c, action),
        .action = how[action].spd,
        .protocol = (uint8_t)c->q->protocol,
        .local = c->q->local,
        .remote = from->net,
        .remote_bits = (uint8_t)from->bits,
    };
    if (l->entries + 2 > FLOOR_ENTRIES) {
        c->full = true;
        return;
    }
    if (!btns_addr_is_any(&c->q->local)) {
        e.local_bits = (uint8_t)btns_addr_bits(&c->q->local);
    } else if (c->local) {
        memcpy(e.local.ip, c->local->net.ip, sizeof e.local.ip);
        e.local_bits = (uint8_t)c->local->bits;
    }
    l->term[l->terms++] = listen_term(c, action, &e, from);
    e.dir = SPD_IN;
    l->entry[l->entries++] = e;
    e.dir = SPD_OUT;
    l->entry[l->entries++] = e;
}

static void add_denied_callers(void *arg, const struct prefix *from)
{
    add_listen_entry(arg, PLAN_DENY, from);
}

static void add_strict_listen(void *arg, const struct prefix *from)
{
    add_listen_entry(arg, PLAN_PROTECT, from);
}

static void add_signed_callers(void *arg, const struct prefix *peer)
{
    struct compile *c = arg;
    if (c->l->signs == LISTENING_SIGNS)
        c->full = true;
    else
        c->l->sign[c->l->signs++] = (struct listening_sign){*peer, c->rule->sign};
}

/*
 * The kernel finds a TCP-MD5 key by the peer's address alone, so peers of earlier rules are left
 * out.
 */
static void add_listen_signatures(struct compile *c, const struct prefix *from)
{
    if (!c->rule || !c->rule->sign || btns_addr_is_loopback(&from->net))
        return;
    c->unable |= c->local || c->partly;
    prefix_without(from, &c->spared, add_signed_callers, c);
}

/*
 * Adds entries for peers with these addresses. Discard entries have precedence over guards, and
 * strict entries over charon's policies and mandatory rules, so both have precedence over all other
 * entries of this listener: peers of earlier rules are left out of them. That works by remote
 * addresses only; if an earlier rule is for some local addresses, the listener is refused (unable).
 * Entries that let any peer in never have precedence over a mandatory rule.
 */
static void add_listen_prefix(struct compile *c, enum plan_action action, const struct prefix *from)
{
    bool strict = is_strict_listen_rule(c, action), open = how[action].spd == SPD_ALLOW;
    c->unable |= action == PLAN_DENY && (c->local || c->partly);
    c->unable |= strict && c->partly_open;
    if (action != PLAN_DENY)
        add_listen_signatures(c, from);
    c->partly |= action != PLAN_DENY && c->local;
    c->partly_open |= open && c->local;
    if (action == PLAN_DENY)
        prefix_without(from, &c->spared, add_denied_callers, c);
    else if (strict)
        prefix_without(from, &c->spared, add_strict_listen, c);
    else
        add_listen_entry(c, action, from);
    if (action != PLAN_DENY && !c->local && !btns_addr_is_loopback(&from->net))
        c->full |= !prefix_set_add(&c->spared, from);
}

/*
 * Loopback traffic needs no protection, even with --require. Peers with SAs of another key manager
 * must not be answered in the clear, even with --prefer.
 */
static enum plan_action listen_action(const struct compile *c, const struct rule *rule,
                                      const struct prefix *from)
{
    bool loopback = from && from->bits && btns_addr_is_loopback(&from->net);
    bool foreign = rule && rule->profile && rule->profile->source.keys != KEYS_PRIVATE;
    uint32_t flags = (foreign ? c->flags & ~BTNS_F_PREFER : c->flags) | plan_wish_flags(c->v->wish);
    return plan_wish(rule, view_binds(c->v, c->q, rule), loopback ? 0 : flags);
}

/* The rule's profile, made stricter by the socket's own policy where peers have to be protected. */
static const struct profile *listen_profile(struct compile *c, const struct rule *rule,
                                            enum plan_action action)
{
    struct listening *l = c->l;
    const struct profile *p = plan_profile(rule);
    if (!c->v->wish || (action != PLAN_PROTECT && action != PLAN_PREFER))
        return p;
    if (l->wishes == LISTENING_WISHED) {
        c->full = true;
        return p;
    }
    struct wished *w = &l->wished[l->wishes++];
    int rc = wish_merge(c->v->wish, p, c->v->host, c->v->named, c->v->names, w, &l->why);
    if (rc)
        l->refused = rc;
    return &w->profile;
}

/* Adds the entry for all other peers, from the first rule that matches every peer (or none). */
static void add_whole_listen(struct compile *c, const struct rule *rule)
{
    struct prefix all = {.net = {.family = c->q->local.family}};
    c->rule = c->side->rule = rule;
    c->side->action = listen_action(c, rule, NULL);
    c->profile = listen_profile(c, rule, c->side->action);
    if (rule || c->side->action != PLAN_CLEAR)
        add_listen_prefix(c, c->side->action, &all);
}

/* Adds entries for the rule's peers at c->local. False: the rule has no address of this family. */
static bool add_listen_callers(struct compile *c, struct narrower *n)
{
    const struct rule *rule = n->rule;
    const struct prefix all = {.net = {.family = c->q->local.family}};
    bool any = false;
    c->rule = rule;
    c->profile = plan_profile(rule);
    for (size_t i = 0; i < (rule->remotes ? rule->remotes : 1); i++) {
        const struct prefix *p = rule->remotes ? &rule->remote[i] : &all;
        if (p->net.family != c->q->local.family)
            continue;
        enum plan_action action = listen_action(c, rule, p);
        if (!any || action != n->action)
            c->profile = listen_profile(c, rule, action);
        add_listen_prefix(c, action, p);
        n->action = action != PLAN_CLEAR ? action : n->action;
        any = true;
    }
    return any;
}

/* Is the rule for some local addresses only, although the socket listens on all of them? */
static bool listen_rule_has_local(const struct compile *c, const struct rule *rule)
{
    return rule->locals && btns_addr_is_any(&c->q->local);
}

static void add_narrower_listens(struct compile *c, const struct rule *rule)
{
    bool any = false;
    struct narrower n = {.rule = rule, .action = PLAN_CLEAR};
    if (!listen_rule_has_local(c, rule))
        any = add_listen_callers(c, &n);
    for (size_t i = 0; listen_rule_has_local(c, rule) && i < rule->locals; i++) {
        c->local = &rule->local[i];
        if (c->local->net.family == c->q->local.family)
            any |= add_listen_callers(c, &n);
    }
    c->local = NULL;
    if (any && c->side->narrowers < NARROWER_MAX)
        c->side->narrower[c->side->narrowers++] = n;
    else
        c->full |= any;
}

static bool is_whole_listen_rule(const struct compile *c, const struct rule *rule)
{
    bool whole = !rule->remotes;
    if (listen_rule_has_local(c, rule))
        return false;
    for (size_t i = 0; i < rule->remotes; i++)
        whole |= rule->remote[i].net.family == c->q->local.family && !rule->remote[i].bits;
    return whole;
}

static int compile_listen_plan(const struct view *v, struct question q, int family, uint32_t flags,
                               struct listening *l)
{
    struct compile c = {.v = v, .q = &q, .flags = flags, .l = l, .side = &l->side[l->sides++]};
    const struct rule *rule = NULL;
    q.local.family = (uint16_t)family;
    c.side->family = family;
    while ((rule = view_decide(v, &q, rule)) && !is_whole_listen_rule(&c, rule))
        add_narrower_listens(&c, rule);
    add_whole_listen(&c, rule);
    return l->refused ? l->refused : c.unable ? -ENOTSUP : c.full ? -E2BIG : 0;
}

int listening_plan(const struct view *v, const struct question *q, bool both, uint32_t flags,
                   struct listening *l)
{
    l->protocol = (uint8_t)q->protocol;
    l->entries = l->sides = l->terms = l->signs = l->wishes = 0;
    l->refused = 0;
    memset(l->side, 0, sizeof l->side);
    l->self = btns_addr_is_loopback(&q->local);
    if (l->self)
        return 0;
    int rc = compile_listen_plan(v, *q, q->local.family, flags, l);
    if (!rc && both)
        rc = compile_listen_plan(v, *q, AF_INET, flags, l);
    return rc;
}

const char *listening_error(const struct listening *l, int error)
{
    return l->refused ? l->why.text
           : error == -ENOTSUP
               ? "rules that discard, sign or name an identity differ by local address, "
                 "but this socket listens on all of them: bind it to one address"
               : "too many rules apply to this listener";
}

struct floor_plan listening_floor(const struct listening *l, const struct btns_addr *local)
{
    return (struct floor_plan){l->protocol, *local, l->entry, l->entries, l->term, l->terms};
}

bool listening_blocks(const struct listening *l)
{
    for (size_t i = 0; i < l->entries; i++)
        if (l->entry[i].action == SPD_BLOCK)
            return true;
    return false;
}

bool listening_refused(const struct listening *l)
{
    bool refused = l->sides > 0;
    for (const struct listening_side *s = l->side; s < l->side + l->sides; s++) {
        refused &= s->action == PLAN_DENY;
        for (size_t i = 0; i < s->narrowers; i++)
            refused &= s->narrower[i].action == PLAN_DENY;
    }
    return refused;
}

/*
 * Finds the first rule that protects, denies or signs. *more: there is one, or there are flags
 * without a rule.
 */
static const struct rule *first_listen_rule(const struct listening *l, bool *more)
{
    const struct rule *any = NULL;
    *more = true;
    for (const struct listening_side *s = l->side; s < l->side + l->sides; s++) {
        for (size_t i = 0; i < s->narrowers; i++)
            if (s->narrower[i].action != PLAN_CLEAR || s->narrower[i].rule->sign)
                return s->narrower[i].rule;
        if (s->action != PLAN_CLEAR)
            return s->rule;
        any = any ? any : s->rule;
    }
    *more = false;
    return any;
}

bool listening_untouched(const struct listening *l)
{
    bool more;
    first_listen_rule(l, &more);
    return !more;
}

const char *listening_service(const struct listening *l)
{
    for (size_t i = 0; i < l->sides; i++)
        if (l->side[i].action == PLAN_PROTECT || l->side[i].action == PLAN_PREFER)
            return plan_profile(l->side[i].rule)->name;
    return "";
}

void listening_rule_text(const struct listening *l, char *buf, size_t size)
{
    bool more;
    const struct rule *rule = first_listen_rule(l, &more);
    if (l->self)
        snprintf(buf, size, "only this host reaches it");
    else if (more && !rule)
        snprintf(buf, size, "no rule matches, but protection is required");
    else
        plan_rule_text(rule, buf, size);
}
