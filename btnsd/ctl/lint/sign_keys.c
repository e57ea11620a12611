/* Checks of TCP-MD5 keys: each must be for one pair of hosts (RFC 3838, section 5.4.2). */
#include "btnsd/ctl/lint/lint.h"

#include "btnsd/rules/model/strength.h"

static bool is_sign_key_for_one_host(const struct prefix *p)
{
    return p->bits == btns_addr_bits(&p->net);
}

/*
 * Another host of p's address family with the same key. One host may have an address of each
 * family.
 */
static const struct rule *peer_with_same_sign_key(const struct rules *rules,
                                                  const struct sign_key *key,
                                                  const struct prefix *p)
{
    for (const struct rule *r = rules->rule; r < rules->rule + rules->n; r++)
        for (size_t i = 0; r->sign && sign_key_same(r->sign, key) && i < r->remotes; i++)
            if (r->remote[i].net.family == p->net.family &&
                !btns_addr_ip_equal(&r->remote[i].net, &p->net))
                return r;
    return NULL;
}

static void shared_sign_key(struct lint *l, const struct lint_check *check, size_t i)
{
    const char *instead = "give each pair of hosts a key of its own";
    const struct rule *r = &l->rules->rule[i];
    for (size_t k = 0; k < r->remotes; k++) {
        const struct rule *other = peer_with_same_sign_key(l->rules, r->sign, &r->remote[k]);
        if (!is_sign_key_for_one_host(&r->remote[k])) {
            finding_say(
                l, check, i, finding_value_node(l, i, "remote", 0), instead,
                "the key in %s is for more than one host: each of them can pass itself off as "
                "another",
                r->sign->file);
            return;
        }
        if (other) {
            finding_say(
                l, check, i, finding_value_node(l, i, "sign-key", 0), instead,
                "the key in %s is another peer's as well (rule \"%s\", %s:%u): each of them "
                "can pass itself off as the other",
                r->sign->file, other->name, other->file, other->line);
            return;
        }
    }
}

void lint_sign_keys(struct lint *l)
{
    for (size_t i = 0; i < l->rules->n; i++)
        if (l->rules->rule[i].sign)
            shared_sign_key(l, finding_check_named(l, "shared-key"), i);
}
