/* Channel infos: the peer that a socket is latched to, or that has to be at its other end. */
#include "libapi/library/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Every attribute. `id`: it is part of the peer's identity, and may be set. */
static const struct known {
    uint32_t type;
    bool id;
} known[] = {
    {IPSEC_CHANNEL_STATE, false},         {IPSEC_CHANNEL_REASON_CODE, false},
    {IPSEC_CHANNEL_REASON, false},        {IPSEC_CHANNEL_LATCHED_AT, false},
    {IPSEC_CHANNEL_RULE, false},          {IPSEC_CHANNEL_PROFILE, false},
    {IPSEC_CHANNEL_CONFIDENTIAL, false},  {IPSEC_CHANNEL_INTEGRITY, false},
    {IPSEC_CHANNEL_PROTOCOL, false},      {IPSEC_CHANNEL_MODE, false},
    {IPSEC_CHANNEL_SUITE, false},         {IPSEC_CHANNEL_KEY_BITS, false},
    {IPSEC_CHANNEL_ICV_BITS, false},      {IPSEC_CHANNEL_REPLAY_WINDOW, false},
    {IPSEC_CHANNEL_REQID, false},         {IPSEC_CHANNEL_SPI_OUT, false},
    {IPSEC_CHANNEL_SPIS_IN, false},       {IPSEC_CHANNEL_TRANSPORT, false},
    {IPSEC_CHANNEL_LOCAL_ADDRESS, false}, {IPSEC_CHANNEL_REMOTE_ADDRESS, false},
    {IPSEC_CHANNEL_NAT, false},           {IPSEC_CHANNEL_NAT_LOCAL, false},
    {IPSEC_CHANNEL_NAT_OUTER, false},     {IPSEC_CHANNEL_NAT_INNER, false},
    {IPSEC_CHANNEL_PEER_KEY, true},       {IPSEC_CHANNEL_PEER_KEY_TYPE, true},
    {IPSEC_CHANNEL_PEER_ID, false},       {IPSEC_CHANNEL_PEER_NAME, false},
    {IPSEC_CHANNEL_LOCAL_KEY, false},     {IPSEC_CHANNEL_AUTH, false},
    {IPSEC_CHANNEL_FIRST_SEEN, false},    {IPSEC_CHANNEL_CERTIFICATE, false},
    {IPSEC_CHANNEL_TRUST_ANCHOR, false},  {IPSEC_CHANNEL_CERTIFICATE_DN, false},
    {IPSEC_CHANNEL_AUTHORITY_DN, false},  {IPSEC_CHANNEL_BINDING, false},
    {IPSEC_CHANNEL_TLS_END_POINT, true},  {IPSEC_CHANNEL_TLS_EXPORTER, false},
    {IPSEC_CHANNEL_TLS_BOUND, false},     {IPSEC_CHANNEL_AUDIT, false},
    {IPSEC_CHANNEL_INFORMATION, false},
};

static const struct known *known_channel_attr(uint32_t type)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].type == type)
            return &known[i];
    return NULL;
}

EXPORT ipsec_channel_info_t *ipsec_create_channel_info(void)
{
    ipsec_channel_info_t *ci = calloc(1, sizeof *ci);
    if (!ci)
        thread_finish(-ENOMEM, "ipsec_create_channel_info");
    return ci;
}

EXPORT int ipsec_free_channel_info(ipsec_channel_info_t *ci)
{
    if (ci)
        list_free(&ci->list);
    free(ci);
    return 0;
}

ipsec_channel_info_t *channel_info_from_attrs(const void *list, size_t len)
{
    ipsec_channel_info_t *ci = calloc(1, sizeof *ci);
    if (!ci || list_take(&ci->list, list, len)) {
        free(ci);
        return NULL;
    }
    ci->of_socket = true;
    return ci;
}

bool channel_names_peer(const ipsec_channel_info_t *ci)
{
    struct attr a;
    return list_find(&ci->list, IPSEC_CHANNEL_PEER_KEY, &a);
}

/* A value that is set identifies a peer, so it must be complete. */
static int wrong_channel_value(uint32_t type, uint32_t len, const void *value)
{
    uint32_t number;
    switch (type) {
    case IPSEC_CHANNEL_PEER_KEY:
        return len != 32;
    case IPSEC_CHANNEL_PEER_KEY_TYPE:
        if (len != sizeof number)
            return 1;
        memcpy(&number, value, sizeof number);
        return number < IPSEC_KEY_ED25519 || number > IPSEC_KEY_MANUAL;
    default:
        return len != 32 && len != 48 && len != 64;
    }
}

EXPORT int ipsec_set_channel_attr(ipsec_channel_info_t *ci, uint32_t attr_type, uint32_t attr_len,
                                  const void *attr_val)
{
    const struct known *k = known_channel_attr(attr_type);
    struct attr type;
    if (!ci || !attr_val)
        return thread_fail(EINVAL, "ipsec_set_channel_attr: NULL");
    if (!k)
        return thread_fail(ENOPROTOOPT, "ipsec_set_channel_attr: there is no channel attribute %#x",
                           attr_type);
    if (!k->id || ci->of_socket)
        return thread_fail(EROFS, "ipsec_set_channel_attr: %s can only be read",
                           ci->of_socket ? "what a socket is latched to" : "this attribute");
    if (wrong_channel_value(attr_type, attr_len, attr_val))
        return thread_fail(
            EINVAL, "ipsec_set_channel_attr: attribute %#x cannot be that, or have %u octets",
            attr_type, attr_len);
    int rc = 0;
    if (attr_type == IPSEC_CHANNEL_PEER_KEY &&
        !list_find(&ci->list, IPSEC_CHANNEL_PEER_KEY_TYPE, &type))
        rc = list_set_u32(&ci->list, IPSEC_CHANNEL_PEER_KEY_TYPE, IPSEC_KEY_ED25519);
    if (!rc)
        rc = list_set(&ci->list, attr_type, attr_val, attr_len);
    return thread_finish(rc, "ipsec_set_channel_attr");
}

EXPORT int ipsec_get_channel_attr(const ipsec_channel_info_t *ci, uint32_t attr_type,
                                  uint32_t *attr_len, void **attr_val)
{
    struct attr a;
    if (!ci || !attr_len || !attr_val)
        return thread_fail(EINVAL, "ipsec_get_channel_attr: NULL");
    if (list_find(&ci->list, attr_type, &a)) /* also an attribute that only a later btnsd knows */
        return thread_finish(list_copy_value(&a, attr_len, attr_val), "ipsec_get_channel_attr");
    if (!known_channel_attr(attr_type))
        return thread_fail(ENOPROTOOPT, "ipsec_get_channel_attr: there is no channel attribute %#x",
                           attr_type);
    return thread_fail(ENODATA, "ipsec_get_channel_attr: the channel has no attribute %#x",
                       attr_type);
}

/* 1: both have the attribute, with different values; 0: equal; -1: one of them lacks it. */
static int channel_differs(const struct list *a, const struct list *b, uint32_t type)
{
    struct attr x, y;
    if (!list_find(a, type, &x) || !list_find(b, type, &y))
        return -1;
    return x.len != y.len || memcmp(x.value, y.value, x.len);
}

EXPORT int ipsec_cmp_channel_info(const ipsec_channel_info_t *ci1, const ipsec_channel_info_t *ci2)
{
    if (!ci1 || !ci2)
        return thread_fail(EINVAL, "ipsec_cmp_channel_info: NULL");
    int key = channel_differs(&ci1->list, &ci2->list, IPSEC_CHANNEL_PEER_KEY);
    if (key >= 0 && channel_differs(&ci1->list, &ci2->list, IPSEC_CHANNEL_PEER_KEY_TYPE))
        key = 1;
    int tls = channel_differs(&ci1->list, &ci2->list, IPSEC_CHANNEL_TLS_END_POINT);
    if (key < 0 && tls < 0)
        return thread_fail(ENODATA,
                           "ipsec_cmp_channel_info: the two have no attribute of a peer in common");
    return key > 0 || tls > 0;
}

EXPORT int ipsec_dup_channel_info(const ipsec_channel_info_t *ci, ipsec_channel_info_t **ci_dup)
{
    if (!ci || !ci_dup)
        return thread_fail(EINVAL, "ipsec_dup_channel_info: NULL");
    ipsec_channel_info_t *copy = channel_info_from_attrs(ci->list.at, ci->list.len);
    if (!copy)
        return thread_finish(-ENOMEM, "ipsec_dup_channel_info");
    copy->of_socket = ci->of_socket;
    *ci_dup = copy;
    return 0;
}
