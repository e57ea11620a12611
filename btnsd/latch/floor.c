/* Floors: under a listening socket, block what no guard protects. */
#include "floor.h"

#include "../log.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum spd_action spd;
    uint32_t priority;
} how[] = {
    [ACTION_BYPASS] = {SPD_ALLOW, PRIO_FLOOR},
    [ACTION_PREFER] = {SPD_ALLOW, PRIO_FLOOR},
    [ACTION_PROTECT] = {SPD_BLOCK, PRIO_FLOOR},
    [ACTION_DISCARD] = {SPD_BLOCK, PRIO_DISCARD},
};

struct compile {
    struct spd_entry *entry;
    size_t n;
};

static bool add(struct compile *c, const struct question *q, const struct rule *rule,
                const struct prefix *from)
{
    uint32_t index = (uint32_t)(c->n / 2);
    struct spd_entry e = {
        .priority = how[rule->action].priority + (rule->action == ACTION_DISCARD ? 0 : index),
        .action = how[rule->action].spd,
        .protocol = (uint8_t)q->protocol,
        .local = q->local,
    };
    if (c->n + 2 > FLOOR_ENTRIES)
        return false;
    if (!btns_addr_is_any(&q->local))
        e.local_bits = (uint8_t)btns_addr_bits(&q->local);
    if (from) {
        e.remote = from->net;
        e.remote_bits = (uint8_t)from->bits;
    } else {
        e.remote.family = q->local.family;
    }
    e.dir = SPD_IN;
    c->entry[c->n++] = e;
    e.dir = SPD_OUT;
    c->entry[c->n++] = e;
    return true;
}

static bool add_rule(struct compile *c, const struct question *q, const struct rule *rule)
{
    if (!rule->remotes)
        return add(c, q, rule, NULL);
    for (size_t i = 0; i < rule->remotes; i++)
        if (rule->remote[i].net.family == q->local.family && !add(c, q, rule, &rule->remote[i]))
            return false;
    return true;
}

int floor_compile(const struct rules *r, const struct question *q,
                  struct spd_entry entry[FLOOR_ENTRIES], enum action *overall,
                  const struct rule **first)
{
    struct compile c = {entry, 0};
    *overall = ACTION_BYPASS;
    *first = NULL;
    for (const struct rule *rule = NULL; (rule = rules_decide(r, q, rule));) {
        /* The first that says more than "leave it alone" names the listener. */
        if (!*first || (*first)->action == ACTION_BYPASS)
            *first = rule;
        if (!add_rule(&c, q, rule))
            return -E2BIG;
        if (!rule->remotes) {
            *overall = rule->action;
            break; /* what comes later can match nothing any more */
        }
    }
    return (int)c.n;
}

static bool same(const struct floor *f, const struct btns_addr *local,
                 const struct spd_entry *entry, size_t entries)
{
    return btns_addr_equal(&f->local, local) && f->entries == entries &&
           !memcmp(f->entry, entry, entries * sizeof *entry);
}

static void take_up(struct xfrm *x, const struct floor *f, size_t n)
{
    while (n-- > 0)
        spd_del(x, &f->entry[n]);
}

struct floor *floor_get(struct floors *fs, const struct btns_addr *local,
                        const struct spd_entry *entry, size_t entries, struct err *err)
{
    for (struct floor *f = fs->list; f; f = f->next)
        if (same(f, local, entry, entries)) {
            f->listeners++;
            return f;
        } else if (btns_addr_equal(&f->local, local) && !f->adopted) {
            err_set(err, "another listener on this address and port is under different rules");
            return NULL;
        }
    struct floor *f = calloc(1, sizeof *f);
    if (!f) {
        err_set(err, "out of memory");
        return NULL;
    }
    f->all = fs;
    f->local = *local;
    f->listeners = 1;
    f->entries = entries;
    memcpy(f->entry, entry, entries * sizeof *entry);
    for (size_t i = 0; i < entries; i++)
        if (spd_set(fs->xfrm, &f->entry[i], err)) {
            take_up(fs->xfrm, f, i);
            free(f);
            return NULL;
        }
    f->next = fs->list;
    fs->list = f;
    return f;
}

static void floor_free(struct floor *f)
{
    take_up(f->all->xfrm, f, f->entries);
    for (struct floor **p = &f->all->list; *p; p = &(*p)->next)
        if (*p == f) {
            *p = f->next;
            break;
        }
    free(f);
}

void floor_release(struct floor *f)
{
    if (!--f->listeners)
        floor_free(f);
}

void floor_adopt(struct floors *fs, const struct spd_entry *e)
{
    struct floor *f = calloc(1, sizeof *f);
    if (!f)
        return; /* the entry stays in the kernel: closed, not open */
    f->all = fs;
    f->local = e->local;
    f->adopted = true;
    f->entry[f->entries++] = *e;
    f->next = fs->list;
    fs->list = f;
}

struct search {
    uint16_t port;
    bool found;
};

static void look(void *arg, const struct sock_entry *e)
{
    struct search *s = arg;
    s->found |= e->local.port == s->port;
}

bool floor_has_listener(struct sockdiag *sockets, uint16_t port)
{
    struct search s = {port, false};
    return sockdiag_listeners(sockets, look, &s) || s.found;
}

void floors_sweep(struct floors *fs, struct sockdiag *sockets, const struct btns_addr *local)
{
    for (struct floor *f = fs->list, *next; f; f = next) {
        next = f->next;
        if (f->adopted && f->local.port == local->port && !floor_has_listener(sockets, local->port))
            floor_free(f);
    }
}

void floors_restore(struct floors *fs)
{
    for (struct floor *f = fs->list; f; f = f->next)
        for (size_t i = 0; i < f->entries; i++)
            spd_set(fs->xfrm, &f->entry[i], NULL);
}

void floors_clear(struct floors *fs, struct sockdiag *sockets)
{
    while (fs->list) {
        struct floor *f = fs->list;
        if (floor_has_listener(sockets, f->local.port)) {
            log_note("a program still listens on tcp/%u: its floor stays", f->local.port);
            f->entries = 0;
        }
        floor_free(f);
    }
}
