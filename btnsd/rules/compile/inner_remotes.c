/* Compiles mode = beet: its rules are for inner addresses only (btnsd/latch/keying/beet.h). */
#include "btnsd/rules/compile/compile.h"

#include "btnsd/rules/compile/fields.h"
#include "libapi/wire/inner_address.h"

#include <string.h>

/* Is each address of the prefix an inner one? */
static bool is_inner_prefix(const struct prefix *p)
{
    return p->bits >= INNER_PREFIX_BITS && btns_addr_is_inner(&p->net);
}

static struct prefix all_inner(void)
{
    struct prefix p = {.net = {.family = AF_INET6}, .bits = INNER_PREFIX_BITS};
    memcpy(p.net.ip, INNER_PREFIX, INNER_PREFIX_OCTETS);
    return p;
}

static int inner_remotes(struct policy_builder *b, struct rule *rule, unsigned line)
{
    char ip[BTNS_ADDR_STR];
    for (size_t i = 0; i < rule->remotes; i++)
        if (!is_inner_prefix(&rule->remote[i]))
            return policy_fault(b->fault, line,
                                "mode = beet: remote has %s/%u, but it is for inner addresses "
                                "(" INNER_PREFIX_TEXT "), as btnsctl peers -v shows them",
                                btns_addr_ip_str(&rule->remote[i].net, ip), rule->remote[i].bits);
    if (rule->remotes || rule->unresolved)
        return 0;
    struct prefix *all = policy_arena_get(b->arena, 1, sizeof *all);
    if (!all)
        return policy_no_memory(b);
    *all = all_inner();
    rule->remote = all;
    rule->remotes = 1;
    return 0;
}

bool rules_want_beet(const struct rules *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->rule[i].profile && r->rule[i].profile->beet)
            return true;
    return false;
}

int policy_only_inner(struct policy_builder *b, struct rule *rule, unsigned line)
{
    if (rule->profile->source.keys != KEYS_PRIVATE)
        return policy_fault(b->fault, line, "mode = beet goes with keys = private only");
    if (rule->profile->who.identity == IDENTITY_CERTIFICATE)
        return policy_fault(b->fault, line,
                            "mode = beet goes without certificates: an inner address is that of "
                            "one key");
    if (rule->protocols != rule_protocol_bit(IPPROTO_TCP))
        return policy_fault(b->fault, line,
                            "mode = beet protects TCP only so far: give UDP a rule of its own, for "
                            "other addresses");
    if (rule->action == ACTION_PREFER)
        return policy_fault(b->fault, line,
                            "mode = beet goes with action = protect: nothing goes to an inner "
                            "address in the clear");
    return inner_remotes(b, rule, line);
}
