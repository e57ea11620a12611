/* Policy objects and their attributes. They have no effect until they are attached. */
#include "libapi/library/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PEERS_MAX 1200 /* octets: 16 keys and commas */

/*
 * The values that an attribute may have: a number up to `max`, or (max 0) a text of up to `len`
 * octets.
 */
static const struct known {
    uint32_t type, len, max;
} known[] = {
    {IPSEC_BTNS_STANDALONE, 4, 1},
    {IPSEC_BTNS_CHANNEL_BINDING, 4, 1},
    {IPSEC_POLICY_ACTION, 4, IPSEC_ACTION_BYPASS},
    {IPSEC_POLICY_PROFILE, 63, 0},
    {IPSEC_POLICY_SUITE, 63, 0},
    {IPSEC_POLICY_KEY_BITS, 4, 4096},
    {IPSEC_POLICY_IDENTITY, 4, IPSEC_IDENTITY_CERTIFICATE},
    {IPSEC_POLICY_PEER, PEERS_MAX, 0},
    {IPSEC_POLICY_TIMEOUT, 4, 60000},
    {IPSEC_POLICY_TLS_BINDING, 4, IPSEC_TLS_EXPORTER},
};

static const struct known *known_policy_attr(uint32_t type)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].type == type)
            return &known[i];
    return NULL;
}

EXPORT ipsec_policy_t *ipsec_create_policy(uint32_t type)
{
    if (type != IPSEC_DEFAULT_POLICY) {
        thread_fail(EINVAL, "ipsec_create_policy: there is no policy type %u", type);
        return NULL;
    }
    ipsec_policy_t *p = calloc(1, sizeof *p);
    if (p && !list_set_u32(&p->list, BTNS_API_POLICY_TYPE, type))
        return p;
    free(p);
    thread_finish(-ENOMEM, "ipsec_create_policy");
    return NULL;
}

EXPORT ipsec_policy_t *ipsec_new_policy(uint32_t type)
{
    return ipsec_create_policy(type);
}

EXPORT int ipsec_free_policy(ipsec_policy_t *policy)
{
    if (policy)
        list_free(&policy->list);
    free(policy);
    return 0;
}

EXPORT int ipsec_set_policy_attr(ipsec_policy_t *policy, uint32_t attr_type, uint32_t attr_len,
                                 const void *attr_val)
{
    const struct known *k = known_policy_attr(attr_type);
    uint32_t number;
    if (!policy || !attr_val)
        return thread_fail(EINVAL, "ipsec_set_policy_attr: NULL");
    if (!k)
        return thread_fail(ENOPROTOOPT, "ipsec_set_policy_attr: there is no policy attribute %#x",
                           attr_type);
    if (k->max) {
        if (attr_len != k->len)
            return thread_fail(EINVAL, "ipsec_set_policy_attr: attribute %#x has %u octets, not %u",
                               attr_type, k->len, attr_len);
        memcpy(&number, attr_val, sizeof number);
        if (number > k->max)
            return thread_fail(EINVAL, "ipsec_set_policy_attr: attribute %#x cannot be %u",
                               attr_type, number);
    } else if (!attr_len || attr_len > k->len || memchr(attr_val, '\0', attr_len)) {
        return thread_fail(
            EINVAL,
            "ipsec_set_policy_attr: attribute %#x is a text of 1 to %u octets, without a NUL",
            attr_type, k->len);
    }
    return thread_finish(list_set(&policy->list, attr_type, attr_val, attr_len),
                         "ipsec_set_policy_attr");
}

EXPORT int ipsec_get_policy_attr(const ipsec_policy_t *policy, uint32_t attr_type,
                                 uint32_t *attr_len, void **attr_val)
{
    struct attr a;
    if (!policy || !attr_len || !attr_val)
        return thread_fail(EINVAL, "ipsec_get_policy_attr: NULL");
    if (!known_policy_attr(attr_type))
        return thread_fail(ENOPROTOOPT, "ipsec_get_policy_attr: there is no policy attribute %#x",
                           attr_type);
    if (!list_find(&policy->list, attr_type, &a))
        return thread_fail(ENODATA, "ipsec_get_policy_attr: attribute %#x has not been set",
                           attr_type);
    return thread_finish(list_copy_value(&a, attr_len, attr_val), "ipsec_get_policy_attr");
}

EXPORT int ipsec_cmp_policy(ipsec_policy_t *p1, ipsec_policy_t *p2)
{
    if (!p1 || !p2)
        return thread_fail(EINVAL, "ipsec_cmp_policy: NULL");
    return !list_equal(&p1->list, &p2->list);
}

EXPORT int ipsec_dup_policy(ipsec_policy_t *p, ipsec_policy_t **p_dup)
{
    if (!p || !p_dup)
        return thread_fail(EINVAL, "ipsec_dup_policy: NULL");
    ipsec_policy_t *copy = calloc(1, sizeof *copy);
    if (copy && !list_take(&copy->list, p->list.at, p->list.len)) {
        *p_dup = copy;
        return 0;
    }
    free(copy);
    return thread_finish(-ENOMEM, "ipsec_dup_policy");
}
