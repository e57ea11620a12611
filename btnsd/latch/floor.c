/* Floors: under a listening socket, block what no guard protects. */
#include "floor.h"

#include "../log.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

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
    return floor_put(fs, local, entry, entries, err);
}

struct floor *floor_put(struct floors *fs, const struct btns_addr *local,
                        const struct spd_entry *entry, size_t entries, struct err *err)
{
    struct floor *f = calloc(1, sizeof *f + entries * sizeof *entry);
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

struct floor *floor_shutter(struct floors *fs, const struct btns_addr *local, struct err *err)
{
    struct spd_entry e[4];
    size_t n = 0;
    for (int family = 0; family < 2; family++)
        for (int dir = 0; dir < 2; dir++) {
            struct spd_entry *s = &e[n];
            *s = (struct spd_entry){.dir = dir ? SPD_IN : SPD_OUT,
                                    .priority = PRIO_SHUTTER,
                                    .action = SPD_BLOCK,
                                    .protocol = IPPROTO_TCP,
                                    .local = *local};
            if (!btns_addr_is_any(local))
                s->local_bits = (uint8_t)btns_addr_bits(local);
            else
                s->local.family = family ? AF_INET : AF_INET6;
            s->remote.family = s->local.family;
            n += btns_addr_is_any(local) || !family;
        }
    return floor_put(fs, local, e, n, err);
}

void floor_again(const struct floor *f)
{
    for (size_t i = 0; i < f->entries; i++)
        spd_set(f->all->xfrm, &f->entry[i], NULL);
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
    struct floor *f = calloc(1, sizeof *f + sizeof *e);
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
        if (f->adopted && (!local || f->local.port == local->port) &&
            !floor_has_listener(sockets, f->local.port))
            floor_free(f);
    }
}

void floors_restore(struct floors *fs)
{
    for (struct floor *f = fs->list; f; f = f->next)
        floor_again(f);
}

unsigned floors_compare(struct floors *fs, const struct spd_snapshot *s)
{
    unsigned mended = 0;
    for (struct floor *f = fs->list; f; f = f->next)
        for (size_t i = 0; i < f->entries; i++)
            mended += spd_snapshot_mend(s, fs->xfrm, &f->entry[i]);
    return mended;
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
