/*
 * Packs the conditions of rules, except the program, so that thousands are compared in
 * microseconds.
 */
#include "btnsd/rules/index/steps.h"

#include "btnsd/rules/model/match.h"

#include <netinet/in.h>
#include <string.h>

/* Properties of a question. */
#define IS_CONNECT      0x0001u
#define IS_ACCEPT       0x0002u
#define IS_REMOTE_4     0x0004u
#define IS_REMOTE_6     0x0008u
#define IS_LOCAL_4      0x0010u
#define IS_LOCAL_6      0x0020u
#define IS_LOCAL_NONE   0x0040u
#define IS_PEER_UNKNOWN 0x0080u
#define IS_PEER_NEW     0x0100u
#define IS_PEER_KNOWN   0x0200u
#define IS_PROTOCOL     0x0400u /* one bit for each protocol; the last bit for any other */
#define IS_PROTOCOLS    0xfc00u
#define IS_OTHER        0x8000u
#define IS_PEER         (IS_PEER_UNKNOWN | IS_PEER_NEW | IS_PEER_KNOWN)

/*
 * The conditions of a rule. Of a condition with several values, only what the values have in common
 * is packed, which rules out most rules that do not match. With HAS_OTHERS, match.c compares the
 * rest.
 */
#define HAS_REMOTE    0x01u
#define HAS_LOCAL     0x02u
#define HAS_USER      0x04u
#define HAS_GROUP     0x08u
#define HAS_INTERFACE 0x10u
#define HAS_USERS     0x20u /* HAS_USERS and HAS_GROUPS: a bitmap by step_hash_bit() */
#define HAS_GROUPS    0x40u
#define HAS_OTHERS    0x80u

static struct step_address pack_step_address(const struct btns_addr *a)
{
    struct step_address to = {0};
    size_t n = a->family == AF_INET ? 4 : a->family == AF_INET6 ? 16 : 0;
    for (size_t i = 0; i < n; i++)
        *(i < 8 ? &to.high : &to.low) |= (uint64_t)a->ip[i] << (56 - i % 8 * 8);
    return to;
}

static bool step_is_inside(const struct step_address *a, const struct step_address *net,
                           unsigned bits)
{
    if (bits <= 64)
        return !((a->high ^ net->high) >> (64 - bits));
    return a->high == net->high && !((a->low ^ net->low) >> (128 - bits));
}

static uint16_t hash_step_name(const char *name)
{
    uint32_t h = 0;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 0x9e3779b1u;
    return (uint16_t)(h >> 16);
}

static unsigned hash_step_group(uint32_t group)
{
    return group * 0x9e3779b1u >> 22;
}

/* One of 32 bits, for lists of numbers. */
static uint32_t step_hash_bit(uint32_t number)
{
    return 1u << (number * 0x9e3779b1u >> 27);
}

/* ---- a rule */

static uint16_t step_family_tags(const struct prefix *p, size_t n, unsigned v4, unsigned v6)
{
    unsigned tags = n ? v4 | v6 : 0;
    for (size_t i = 0; i < n; i++)
        tags &= ~(p[i].net.family == AF_INET ? v4 : v6);
    return (uint16_t)tags;
}

static unsigned step_common_bits(const struct prefix *a, const struct prefix *b)
{
    unsigned bits = a->bits < b->bits ? a->bits : b->bits;
    while (bits && (a->net.family != b->net.family || !btns_addr_in(&a->net, &b->net, bits)))
        bits--;
    return bits;
}

/* Packs the only prefix; or, with HAS_OTHERS, one prefix that contains all of them. */
static unsigned pack_step_prefix(const struct prefix *p, size_t n, unsigned has,
                                 struct step_address *net, uint8_t *bits)
{
    struct prefix all = n ? *p : (struct prefix){0};
    for (size_t i = 1; i < n; i++)
        all.bits = step_common_bits(&all, &p[i]);
    *net = pack_step_address(&all.net);
    *bits = (uint8_t)all.bits;
    return (all.bits ? has : 0) | (n > 1 ? HAS_OTHERS : 0);
}

/*
 * Packs the only number and sets `has`; or packs a bitmap by hash and sets `several` and
 * HAS_OTHERS.
 */
static unsigned pack_step_number(const uint32_t *list, size_t n, unsigned has, unsigned several,
                                 uint32_t *number)
{
    for (size_t i = 0; i < n; i++)
        *number = n == 1 ? *list : *number | step_hash_bit(list[i]);
    return n == 1 ? has : n ? several | HAS_OTHERS : 0;
}

/*
 * Packs the range from the lowest to the highest port; sets HAS_OTHERS if the rule lacks some port
 * in it.
 */
static unsigned pack_step_ports(const struct rule *rule, struct step *s)
{
    unsigned from = rule->ports ? 65535 : 0, to = rule->ports ? 0 : 65535;
    for (size_t i = 0; i < rule->ports; i++) {
        from = rule->port[i].from < from ? rule->port[i].from : from;
        to = rule->port[i].to > to ? rule->port[i].to : to;
    }
    s->port = (uint16_t)from;
    s->width = (uint16_t)(to - from);
    return rule->ports > 1 ? HAS_OTHERS : 0;
}

void step_of_rule(struct step *s, const struct rule *rule)
{
    static const uint16_t peers[] = {[SEEN_ANY] = 0,
                                     [SEEN_NEW] = IS_PEER & ~IS_PEER_NEW,
                                     [SEEN_KNOWN] = IS_PEER & ~IS_PEER_KNOWN};
    unsigned has = pack_step_ports(rule, s);
    has |= pack_step_prefix(rule->remote, rule->remotes, HAS_REMOTE, &s->remote, &s->remote_bits);
    has |= pack_step_prefix(rule->local, rule->locals, HAS_LOCAL, &s->local, &s->local_bits);
    has |= pack_step_number(rule->user, rule->users, HAS_USER, HAS_USERS, &s->user);
    has |= pack_step_number(rule->group, rule->groups, HAS_GROUP, HAS_GROUPS, &s->group);
    if (rule->interfaces == 1)
        s->interface = hash_step_name(rule->interface[0]);
    has |= rule->interfaces > 1 ? HAS_OTHERS : rule->interfaces ? HAS_INTERFACE : 0;
    s->has = (uint16_t)has;
    s->refuses =
        (uint16_t)((rule->at_connect ? 0 : IS_CONNECT) | (rule->at_accept ? 0 : IS_ACCEPT) |
                   peers[rule->peer] | (IS_PROTOCOLS & ~(rule->protocols * IS_PROTOCOL)) |
                   (rule->locals ? IS_LOCAL_NONE : 0) |
                   step_family_tags(rule->remote, rule->remotes, IS_REMOTE_4, IS_REMOTE_6) |
                   step_family_tags(rule->local, rule->locals, IS_LOCAL_4, IS_LOCAL_6));
}

/* ---- a question */

static unsigned step_remote_tags(const struct question *q)
{
    if (match_every_peer(q))
        return 0;
    return q->remote.family == AF_INET ? IS_REMOTE_4 : IS_REMOTE_6;
}

static unsigned step_local_tags(const struct question *q)
{
    if (match_wherever_called(q))
        return 0;
    return q->local.family == AF_INET    ? IS_LOCAL_4
           : q->local.family == AF_INET6 ? IS_LOCAL_6
                                         : IS_LOCAL_NONE;
}

void step_of_question(struct step_question *s, const struct question *q, unsigned skip,
                      unsigned needed)
{
    static const uint16_t peers[] = {
        [SEEN_ANY] = IS_PEER_UNKNOWN, [SEEN_NEW] = IS_PEER_NEW, [SEEN_KNOWN] = IS_PEER_KNOWN};
    unsigned protocol = rule_protocol_bit(q->protocol);
    unsigned remote = step_remote_tags(q), local = skip & MISS_LOCAL ? 0 : step_local_tags(q);
    s->is = (uint16_t)((q->point == POINT_CONNECT ? IS_CONNECT : IS_ACCEPT) | remote | local |
                       (skip & MISS_PEER ? 0 : peers[q->peer]) |
                       (protocol ? protocol * IS_PROTOCOL : IS_OTHER));
    s->compares = (uint16_t)(HAS_OTHERS | (remote ? HAS_REMOTE : 0) | (local ? HAS_LOCAL : 0) |
                             (skip & MISS_USER ? 0 : HAS_USER | HAS_USERS) |
                             (skip & MISS_GROUP ? 0 : HAS_GROUP | HAS_GROUPS) |
                             (skip & MISS_INTERFACE ? 0 : HAS_INTERFACE));
    s->port = match_service(q);
    s->user = q->uid;
    s->remote = pack_step_address(&q->remote);
    s->local = pack_step_address(&q->local);
    s->interface = q->interface ? hash_step_name(q->interface) : 0;
    s->skip = skip | MISS_PROGRAM | MISS_CGROUP;
    s->q = q;
    if (!(needed & NEEDS_GROUPS))
        return;
    memset(s->group, 0, sizeof s->group);
    s->groups = 0;
    for (size_t i = 0; i < q->gids; i++) {
        unsigned hash = hash_step_group(q->gid[i]);
        s->group[hash / 64] |= (uint64_t)1 << hash % 64;
        s->groups |= step_hash_bit(q->gid[i]);
    }
}

/* ---- comparing */

static bool asker_has_group(const struct step_question *s, uint32_t group)
{
    unsigned hash = hash_step_group(group);
    if (!(s->group[hash / 64] >> hash % 64 & 1))
        return false;
    for (size_t i = 0; i < s->q->gids; i++)
        if (s->q->gid[i] == group)
            return true;
    return false;
}

/* Do the conditions that `compares` names hold? Checks them in their order. */
static bool step_condition_holds(const struct step *step, const struct rule *rule,
                                 unsigned compares, const struct step_question *s)
{
    if (compares & HAS_REMOTE && !step_is_inside(&s->remote, &step->remote, step->remote_bits))
        return false;
    if (compares & HAS_USER && s->user != step->user)
        return false;
    if (compares & HAS_USERS && !(step_hash_bit(s->user) & step->user))
        return false;
    if (compares & HAS_GROUP && !asker_has_group(s, step->group))
        return false;
    if (compares & HAS_GROUPS && !(s->groups & step->group))
        return false;
    if (compares & HAS_INTERFACE && (!s->q->interface || s->interface != step->interface ||
                                     strcmp(s->q->interface, rule->interface[0]) != 0))
        return false;
    if (compares & HAS_LOCAL && !step_is_inside(&s->local, &step->local, step->local_bits))
        return false;
    return !(compares & HAS_OTHERS) || !(match_other_misses(rule, s->q) & ~s->skip);
}

size_t steps_first(const struct step *steps, const struct rule *rules, size_t from, size_t end,
                   const struct step_question *s)
{
    for (size_t i = from; i < end; i++) {
        const struct step *step = &steps[i];
        if (step->refuses & s->is || (uint16_t)(s->port - step->port) > step->width)
            continue;
        unsigned compares = step->has & s->compares;
        if (!compares || step_condition_holds(step, &rules[i], compares, s))
            return i;
    }
    return end;
}
