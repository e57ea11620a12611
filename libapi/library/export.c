/*
 * Writes a channel info's peer as a line of text for a file, and reads it back: "btns1:" and
 * base64url of items, each a number, a length and a value. Any deviation from this form is refused.
 */
#include "libapi/library/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "btns1:";
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
#define ITEMS_MAX 256 /* octets */

enum item { ITEM_KEY_TYPE = 1, ITEM_KEY, ITEM_END_POINT, ITEM_FIRST_SEEN, ITEMS };

static const uint32_t types[ITEMS] = {
    [ITEM_KEY_TYPE] = IPSEC_CHANNEL_PEER_KEY_TYPE,
    [ITEM_KEY] = IPSEC_CHANNEL_PEER_KEY,
    [ITEM_END_POINT] = IPSEC_CHANNEL_TLS_END_POINT,
    [ITEM_FIRST_SEEN] = IPSEC_CHANNEL_FIRST_SEEN,
};

/* Numbers are written in network byte order. */
static void put_exported_item(unsigned char *items, size_t *n, enum item i, const struct attr *a)
{
    uint64_t value = 0;
    uint32_t small;
    items[(*n)++] = (unsigned char)i;
    items[(*n)++] = (unsigned char)a->len;
    if (attr_u32(a, &small))
        value = small;
    else if (!attr_u64(a, &value))
        memcpy(items + *n, a->value, a->len);
    for (size_t k = a->len; (a->len == 4 || a->len == 8) && k; k--, value >>= 8)
        items[*n + k - 1] = (unsigned char)value;
    *n += a->len;
}

static void encode_exported(const unsigned char *at, size_t n, char *text)
{
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | at[i];
        for (have += 8; have >= 6; have -= 6)
            *text++ = digits[bits >> (have - 6) & 63];
    }
    if (have)
        *text++ = digits[bits << (6 - have) & 63];
    *text = '\0';
}

/*
 * Returns false for a character outside the alphabet, a line that is too long, or unused bits that
 * are not 0.
 */
static bool decode_exported(const char *text, unsigned char *at, size_t *n)
{
    uint32_t bits = 0;
    unsigned have = 0;
    *n = 0;
    for (; *text; text++) {
        const char *d = strchr(digits, *text);
        if (!d)
            return false;
        bits = bits << 6 | (uint32_t)(d - digits);
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (*n == ITEMS_MAX)
            return false;
        at[(*n)++] = (unsigned char)(bits >> have);
    }
    return have < 6 && !(bits & ((1u << have) - 1));
}

EXPORT int ipsec_export_channel_info(const ipsec_channel_info_t *ci, char **text)
{
    unsigned char items[ITEMS_MAX];
    size_t n = 0;
    struct attr a;
    if (!ci || !text)
        return thread_fail(EINVAL, "ipsec_export_channel_info: NULL");
    if (!channel_names_peer(ci) && !list_find(&ci->list, IPSEC_CHANNEL_TLS_END_POINT, &a))
        return thread_fail(ENODATA, "ipsec_export_channel_info: the channel info names no peer");
    for (enum item i = ITEM_KEY_TYPE; i < ITEMS; i++)
        if (list_find(&ci->list, types[i], &a))
            put_exported_item(items, &n, i, &a);
    char *line = malloc(IPSEC_EXPORT_MAX);
    if (!line)
        return thread_finish(-ENOMEM, "ipsec_export_channel_info");
    memcpy(line, prefix, sizeof prefix);
    encode_exported(items, n, line + sizeof prefix - 1);
    *text = line;
    return 0;
}

static bool export_item_fits(enum item i, size_t len)
{
    switch (i) {
    case ITEM_KEY_TYPE:
        return len == 4;
    case ITEM_KEY:
        return len == 32;
    case ITEM_END_POINT:
        return len == 32 || len == 48 || len == 64;
    case ITEM_FIRST_SEEN:
        return len == 8;
    default:
        return false;
    }
}

static int set_exported_item(ipsec_channel_info_t *ci, enum item i, const unsigned char *value,
                             size_t len)
{
    uint64_t number = 0;
    for (size_t k = 0; k < len && len <= 8; k++)
        number = number << 8 | value[k];
    if (i == ITEM_KEY_TYPE && (number < IPSEC_KEY_ED25519 || number > IPSEC_KEY_MANUAL))
        return -EINVAL;
    if (len == 4)
        return list_set_u32(&ci->list, types[i], (uint32_t)number);
    return list_set(&ci->list, types[i], len == 8 ? (const void *)&number : value, len);
}

/*
 * Items come in the order of their numbers, each at most once. -ENOTSUP: this version does not know
 * an item.
 */
static int read_exported_items(ipsec_channel_info_t *ci, const unsigned char *at, size_t n)
{
    unsigned last = 0;
    for (size_t i = 0; i < n;) {
        if (n - i < 2 || at[i + 1] > n - i - 2 || at[i] <= last)
            return -EINVAL;
        if (at[i] >= ITEMS)
            return -ENOTSUP;
        last = at[i];
        if (!export_item_fits(last, at[i + 1]))
            return -EINVAL;
        int rc = set_exported_item(ci, last, at + i + 2, at[i + 1]);
        if (rc)
            return rc;
        i += 2u + at[i + 1];
    }
    struct attr a;
    bool key = list_find(&ci->list, IPSEC_CHANNEL_PEER_KEY, &a);
    bool type = list_find(&ci->list, IPSEC_CHANNEL_PEER_KEY_TYPE, &a);
    return key == type && (key || list_find(&ci->list, IPSEC_CHANNEL_TLS_END_POINT, &a)) ? 0
                                                                                         : -EINVAL;
}

/* Is it a line of a later version ("btns2:...")? */
static bool is_later_export(const char *text)
{
    size_t n = !strncmp(text, "btns", 4) ? strspn(text + 4, "0123456789") : 0;
    return n && text[4 + n] == ':' && strncmp(text, prefix, sizeof prefix - 1) && text[4] != '0';
}

EXPORT int ipsec_import_channel_info(const char *text, ipsec_channel_info_t **ci)
{
    unsigned char items[ITEMS_MAX];
    size_t n;
    if (!text || !ci)
        return thread_fail(EINVAL, "ipsec_import_channel_info: NULL");
    if (strnlen(text, IPSEC_EXPORT_MAX) < IPSEC_EXPORT_MAX && is_later_export(text))
        return thread_fail(ENOTSUP,
                           "ipsec_import_channel_info: the line is of a later version of libbtns");
    if (strnlen(text, IPSEC_EXPORT_MAX) == IPSEC_EXPORT_MAX ||
        strncmp(text, prefix, sizeof prefix - 1) ||
        !decode_exported(text + sizeof prefix - 1, items, &n))
        return thread_fail(
            EINVAL, "ipsec_import_channel_info: this is no line of ipsec_export_channel_info()");
    ipsec_channel_info_t *made = ipsec_create_channel_info();
    int rc = made ? read_exported_items(made, items, n) : -ENOMEM;
    if (!rc) {
        *ci = made;
        return 0;
    }
    ipsec_free_channel_info(made);
    return rc == -ENOMEM ? thread_finish(rc, "ipsec_import_channel_info")
           : rc == -ENOTSUP
               ? thread_fail(ENOTSUP, "ipsec_import_channel_info: the line is of a later version")
               : thread_fail(EINVAL, "ipsec_import_channel_info: the line is not whole");
}
