/* Checks whether a channel is as good as a policy asks; does no I/O. */
#include "libapi/library/object.h"

#include <errno.h>
#include <string.h>

static uint32_t check_attr_number(const struct list *l, uint32_t type)
{
    return list_u32(l, type, 0);
}

static bool check_channel_has(const struct list *l, uint32_t type)
{
    struct attr a;
    return list_find(l, type, &a);
}

static bool check_channel_vouched(const struct list *ci)
{
    switch (check_attr_number(ci, IPSEC_CHANNEL_AUTH)) {
    case IPSEC_AUTH_NONE:
    case IPSEC_AUTH_BTNS:
    case IPSEC_AUTH_LEAP_OF_FAITH:
        return false;
    default:
        return true;
    }
}

/* Does the policy ask for something that only protection can give? */
static bool check_policy_wants_protection(const struct list *p)
{
    uint32_t action = check_attr_number(p, IPSEC_POLICY_ACTION);
    if (action)
        return action == IPSEC_ACTION_PROTECT;
    return check_channel_has(p, IPSEC_BTNS_STANDALONE) ||
           check_attr_number(p, IPSEC_BTNS_CHANNEL_BINDING) ||
           check_channel_has(p, IPSEC_POLICY_PROFILE) || check_channel_has(p, IPSEC_POLICY_SUITE) ||
           check_channel_has(p, IPSEC_POLICY_KEY_BITS) ||
           check_attr_number(p, IPSEC_POLICY_IDENTITY) || check_channel_has(p, IPSEC_POLICY_PEER);
}

static bool check_channel_peer(const struct list *p, const struct list *ci)
{
    char peers[1280], id[64], name[128], *rest = peers, *one;
    if (!*list_text(p, IPSEC_POLICY_PEER, peers, sizeof peers))
        return true;
    list_text(ci, IPSEC_CHANNEL_PEER_ID, id, sizeof id);
    list_text(ci, IPSEC_CHANNEL_PEER_NAME, name, sizeof name);
    while ((one = strsep(&rest, ", ")))
        if (*one && (!strcmp(one, id) || !strcmp(one, name)))
            return true;
    return false;
}

static uint32_t check_suite_bits(const char *suite)
{
    return strstr(suite, "128") ? 128 : 256;
}

static bool check_channel_strength(const struct list *p, const struct list *ci)
{
    char suite[64];
    uint32_t bits = check_attr_number(ci, IPSEC_CHANNEL_KEY_BITS),
             least = check_attr_number(p, IPSEC_POLICY_KEY_BITS);
    if (*list_text(p, IPSEC_POLICY_SUITE, suite, sizeof suite) && check_suite_bits(suite) > least)
        least = check_suite_bits(suite);
    return bits >= least;
}

static const char *check_channel_shortcoming(const struct list *p, const struct list *ci)
{
    uint32_t state = check_attr_number(ci, IPSEC_CHANNEL_STATE);
    bool on = state == IPSEC_STATE_ESTABLISHED;
    if (!on && state != IPSEC_STATE_CLEAR && state != IPSEC_STATE_LISTENER)
        return "the channel is not up";
    if (!on && state != IPSEC_STATE_LISTENER && check_policy_wants_protection(p))
        return "the connection is in the clear";
    if (!on)
        return NULL;
    if (!check_channel_strength(p, ci))
        return "the suite is weaker";
    if (!check_channel_peer(p, ci))
        return "the peer is another one";
    if (!list_u32(p, IPSEC_BTNS_STANDALONE, 1) && !check_channel_vouched(ci))
        return "nobody vouches for the peer's key";
    if (check_attr_number(p, IPSEC_BTNS_CHANNEL_BINDING) && !check_channel_vouched(ci))
        return "the channel is not bound to a verified TLS peer";
    if (check_attr_number(p, IPSEC_POLICY_IDENTITY) == IPSEC_IDENTITY_CERTIFICATE &&
        check_attr_number(ci, IPSEC_CHANNEL_AUTH) != IPSEC_AUTH_PKIX_TRUSTED)
        return "the peer has shown no certificate";
    return NULL;
}

bool check_policy_asks_protection(const ipsec_policy_t *p)
{
    return check_policy_wants_protection(&p->list);
}

EXPORT int ipsec_check_channel_info(const ipsec_channel_info_t *ci, const ipsec_policy_t *policy)
{
    if (!ci || !policy)
        return thread_fail(EINVAL, "ipsec_check_channel_info: NULL");
    if (!check_channel_has(&ci->list, IPSEC_CHANNEL_STATE))
        return thread_fail(ENODATA, "ipsec_check_channel_info: the channel info is of no socket");
    const char *what = check_channel_shortcoming(&policy->list, &ci->list);
    if (!what)
        return 0;
    int saved = errno;
    thread_fail(saved, "not as good as asked for: %s", what);
    return 1;
}
