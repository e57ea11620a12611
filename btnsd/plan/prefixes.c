/* Subtracts a set of prefixes from a prefix. Pure. */
#include "btnsd/plan/prefixes.h"

bool prefix_set_add(struct prefix_set *s, const struct prefix *p)
{
    if (s->n == PREFIX_SET_MAX)
        return false;
    s->item[s->n++] = *p;
    return true;
}

static bool prefix_contains(const struct prefix *outer, const struct prefix *inner)
{
    return outer->bits <= inner->bits && btns_addr_in(&inner->net, &outer->net, outer->bits);
}

/* The half of p whose next bit is `bit`. */
static struct prefix prefix_half(const struct prefix *p, unsigned bit)
{
    struct prefix h = *p;
    uint8_t mask = (uint8_t)(0x80 >> p->bits % 8);
    uint8_t *octet = &h.net.ip[p->bits / 8];
    *octet = (uint8_t)(bit ? *octet | mask : *octet & ~mask);
    h.bits++;
    return h;
}

void prefix_without(const struct prefix *p, const struct prefix_set *s,
                    void (*cb)(void *arg, const struct prefix *part), void *arg)
{
    bool cut = false;
    for (size_t i = 0; i < s->n; i++) {
        if (prefix_contains(&s->item[i], p))
            return;
        cut |= prefix_contains(p, &s->item[i]);
    }
    if (!cut) {
        cb(arg, p);
        return;
    }
    for (unsigned bit = 0; bit < 2; bit++) {
        struct prefix h = prefix_half(p, bit);
        prefix_without(&h, s, cb, arg);
    }
}
