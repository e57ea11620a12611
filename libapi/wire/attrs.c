/* Writes and reads the attributes of BTNS_API_* messages. */
#include "libapi/wire/attrs.h"

#include <string.h>

struct head {
    uint32_t type, len;
};

static size_t padded_attr(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

void attrs_put(struct attrs_out *o, uint32_t type, const void *value, size_t len)
{
    const struct head h = {type, (uint32_t)len};
    if (len > BTNS_API_MAX || o->room - o->len < sizeof h + padded_attr(len)) {
        o->full = true;
        return;
    }
    memcpy(o->buf + o->len, &h, sizeof h);
    o->len += sizeof h;
    memset(o->buf + o->len, 0, padded_attr(len));
    if (len)
        memcpy(o->buf + o->len, value, len);
    o->len += padded_attr(len);
}

void attrs_put_u32(struct attrs_out *o, uint32_t type, uint32_t value)
{
    attrs_put(o, type, &value, sizeof value);
}

void attrs_put_u64(struct attrs_out *o, uint32_t type, uint64_t value)
{
    attrs_put(o, type, &value, sizeof value);
}

void attrs_put_text(struct attrs_out *o, uint32_t type, const char *text)
{
    if (text && *text)
        attrs_put(o, type, text, strlen(text));
}

void attrs_put_addr(struct attrs_out *o, uint32_t type, const struct btns_addr *a)
{
    struct sockaddr_storage ss;
    socklen_t len = btns_addr_to_sa(a, a->family, &ss);
    if (len)
        attrs_put(o, type, &ss, len);
}

int attrs_next(const void *list, size_t size, size_t *at, struct attr *a)
{
    struct head h;
    if (*at == size)
        return 0;
    if (*at > size || size - *at < sizeof h)
        return -1;
    memcpy(&h, (const unsigned char *)list + *at, sizeof h);
    size_t left = size - *at - sizeof h;
    if (h.len > left || padded_attr(h.len) > left)
        return -1;
    *a = (struct attr){h.type, (const unsigned char *)list + *at + sizeof h, h.len};
    *at += sizeof h + padded_attr(h.len);
    return 1;
}

bool attrs_find(const void *list, size_t size, uint32_t type, struct attr *a)
{
    for (size_t at = 0; attrs_next(list, size, &at, a) > 0;)
        if (a->type == type)
            return true;
    return false;
}

bool attrs_sound(const void *list, size_t size)
{
    struct attr a;
    size_t at = 0;
    int rc;
    do
        rc = attrs_next(list, size, &at, &a);
    while (rc > 0);
    return !rc;
}

bool attr_u32(const struct attr *a, uint32_t *value)
{
    if (a->len != sizeof *value)
        return false;
    memcpy(value, a->value, sizeof *value);
    return true;
}

bool attr_u64(const struct attr *a, uint64_t *value)
{
    if (a->len != sizeof *value)
        return false;
    memcpy(value, a->value, sizeof *value);
    return true;
}

bool attr_addr(const struct attr *a, struct btns_addr *to)
{
    struct sockaddr_storage ss = {0};
    if (a->len > sizeof ss)
        return false;
    memcpy(&ss, a->value, a->len);
    return btns_addr_from_sa(to, (const struct sockaddr *)&ss, (socklen_t)a->len);
}

bool attr_text(const struct attr *a, char *buf, size_t size)
{
    if (a->len >= size || memchr(a->value, '\0', a->len))
        return false;
    memcpy(buf, a->value, a->len);
    buf[a->len] = '\0';
    return true;
}
