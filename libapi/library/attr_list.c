/* An object's attributes, stored in the same form as in messages to btnsd. */
#include "libapi/library/attr_list.h"

#include "libapi/library/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 8 /* octets of an attribute's type and length */

void list_free(struct list *l)
{
    free(l->at);
    *l = (struct list){0};
}

static size_t padded_list_size(size_t len)
{
    return HEAD + ((len + 3) & ~(size_t)3);
}

int list_set(struct list *l, uint32_t type, const void *value, size_t len)
{
    struct attr a;
    size_t at = 0;
    if (len > BTNS_API_MAX)
        return -EINVAL;
    struct attrs_out o = {.room = l->len + padded_list_size(len)};
    o.buf = malloc(o.room);
    if (!o.buf)
        return -ENOMEM;
    while (attrs_next(l->at, l->len, &at, &a) > 0)
        if (a.type != type)
            attrs_put(&o, a.type, a.value, a.len);
    attrs_put(&o, type, value, len);
    free(l->at);
    *l = (struct list){o.buf, o.len};
    return 0;
}

int list_set_u32(struct list *l, uint32_t type, uint32_t value)
{
    return list_set(l, type, &value, sizeof value);
}

int list_take(struct list *l, const void *at, size_t len)
{
    unsigned char *copy = len ? malloc(len) : NULL;
    if (len && !copy)
        return -ENOMEM;
    if (len)
        memcpy(copy, at, len);
    free(l->at);
    *l = (struct list){copy, len};
    return 0;
}

bool list_find(const struct list *l, uint32_t type, struct attr *a)
{
    return attrs_find(l->at, l->len, type, a);
}

uint32_t list_u32(const struct list *l, uint32_t type, uint32_t none)
{
    struct attr a;
    uint32_t value;
    return list_find(l, type, &a) && attr_u32(&a, &value) ? value : none;
}

const char *list_text(const struct list *l, uint32_t type, char *buf, size_t size)
{
    struct attr a;
    if (!list_find(l, type, &a) || !attr_text(&a, buf, size))
        buf[0] = '\0';
    return buf;
}

int list_copy_value(const struct attr *a, uint32_t *len, void **value)
{
    unsigned char *copy = malloc(a->len + 1);
    if (!copy)
        return -ENOMEM;
    if (a->len)
        memcpy(copy, a->value, a->len);
    copy[a->len] = '\0';
    *len = (uint32_t)a->len;
    *value = copy;
    return 0;
}

EXPORT void ipsec_free_attr(void *attr_val)
{
    free(attr_val);
}

static bool list_has_all(const struct list *a, const struct list *b)
{
    struct attr x, y;
    for (size_t at = 0; attrs_next(b->at, b->len, &at, &x) > 0;)
        if (!list_find(a, x.type, &y) || x.len != y.len ||
            (x.len && memcmp(x.value, y.value, x.len)))
            return false;
    return true;
}

bool list_equal(const struct list *a, const struct list *b)
{
    return list_has_all(a, b) && list_has_all(b, a);
}
