/* Floors: SPD entries under a listening socket that block packets which no guard protects. */
#include "btnsd/latch/floor/floor.h"

#include "btnsd/base/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static bool same_floor_source(const struct key_source *a, const struct key_source *b)
{
    return !a == !b && (!a || key_source_same(a, b));
}

static bool same_floor_terms(const struct floor *f, const struct floor_plan *p)
{
    bool same = f->terms == p->terms;
    for (size_t i = 0; same && i < f->terms; i++) {
        const struct floor_term *a = &f->term[i], *b = &p->term[i];
        same = a->kind == b->kind && a->suite == b->suite && a->from.bits == b->from.bits &&
               btns_addr_equal(&a->from.net, &b->from.net) && a->local.bits == b->local.bits &&
               btns_addr_equal(&a->local.net, &b->local.net) && !a->who == !b->who &&
               (!a->who || demand_equal(a->who, b->who)) && same_floor_source(a->source, b->source);
    }
    return same;
}

static uint64_t hash_floor_service(struct service s)
{
    const uint16_t number[] = {s.port, s.protocol};
    return hash_more(hash_begin(), number, sizeof number);
}

void floor_enter(struct floor *f)
{
    struct floors *fs = f->all;
    f->next = fs->list;
    f->link = &fs->list;
    if (f->next)
        f->next->link = &f->next;
    fs->list = f;
    hash_table_enter(&fs->by_service, &f->at_service, hash_floor_service(floor_service(f)));
}

static void leave_floor(struct floor *f)
{
    *f->link = f->next;
    if (f->next)
        f->next->link = f->link;
    hash_table_leave(&f->all->by_service, &f->at_service);
}

/* The floors of this service, whatever their addresses. */
static struct floor *floor_of(const struct floors *fs, struct service service,
                              const struct floor *after)
{
    const size_t at = offsetof(struct floor, at_service);
    struct floor *f =
        hash_item(after ? hash_table_next(&after->at_service)
                        : hash_table_first(&fs->by_service, hash_floor_service(service)),
                  at);
    while (f && !service_same(floor_service(f), service))
        f = hash_item(hash_table_next(&f->at_service), at);
    return f;
}

struct floor *floor_under(const struct floors *fs, const struct btns_addr *local,
                          struct service service, const struct floor *after)
{
    struct floor *f = fs ? floor_of(fs, service, after) : NULL;
    while (f && !floor_is_under(f, local, service))
        f = floor_of(fs, service, f);
    return f;
}

bool floor_is(const struct floor *f, const struct floor_plan *p)
{
    return f->protocol == p->protocol && btns_addr_equal(&f->local, &p->local) &&
           f->entries == p->entries && !memcmp(f->entry, p->entry, p->entries * sizeof *p->entry) &&
           same_floor_terms(f, p);
}

/* What another floor of the service has in this entry's place in the SPD, or NULL. */
static const struct spd_entry *shared_floor_entry(const struct floor *f, const struct spd_entry *e)
{
    for (const struct floor *o = NULL; (o = floor_of(f->all, floor_service(f), o));)
        for (size_t i = 0; o != f && i < o->entries; i++)
            if (spd_same_place(&o->entry[i], e))
                return &o->entry[i];
    return NULL;
}

/*
 * Deletes the floor's first n entries. In a place that another floor has as well, its entry is
 * written instead: the packets there are blocked all the time.
 */
static void delete_floor_entries(const struct floor *f, size_t n)
{
    while (n-- > 0) {
        const struct spd_entry *shared = shared_floor_entry(f, &f->entry[n]);
        if (shared)
            spd_set(f->all->xfrm, shared, NULL);
        else
            spd_del(f->all->xfrm, &f->entry[n]);
    }
}

static void free_unlinked_floor(struct floor *f)
{
    for (size_t i = 0; i < f->terms; i++) {
        free((struct demand *)(uintptr_t)f->term[i].who);
        free((struct key_source *)(uintptr_t)f->term[i].source);
    }
    free(f->term);
    free(f);
}

static const struct key_source *copy_floor_source(const struct key_source *s)
{
    struct key_source *copy = malloc(sizeof *copy);
    if (copy)
        *copy = *s;
    return copy;
}

static bool keep_floor_terms(struct floor *f, const struct floor_plan *p)
{
    f->term = calloc(p->terms + 1, sizeof *f->term);
    for (size_t i = 0; f->term && i < p->terms; i++) {
        struct floor_term *t = &f->term[f->terms++];
        *t = p->term[i];
        t->who = t->who ? demand_copy(t->who) : NULL;
        t->source = t->source ? copy_floor_source(t->source) : NULL;
        if (!t->who != !p->term[i].who || !t->source != !p->term[i].source)
            return false;
    }
    return f->term != NULL;
}

static bool is_strict_floor(const struct spd_entry *e)
{
    return e->priority >= PRIO_STRICT_SHUTTER && e->priority <= PRIO_STRICT_END;
}

bool floor_plan_strict(const struct floor_plan *p)
{
    bool strict = false;
    for (size_t i = 0; i < p->entries; i++)
        strict |= is_strict_floor(&p->entry[i]);
    return strict;
}

static struct floor *new_floor(struct floors *fs, const struct floor_plan *p)
{
    struct floor *f = calloc(1, sizeof *f + p->entries * sizeof *p->entry);
    if (!f)
        return NULL;
    f->all = fs;
    f->protocol = p->protocol;
    f->local = p->local;
    f->listeners = 1;
    f->entries = p->entries;
    memcpy(f->entry, p->entry, p->entries * sizeof *p->entry);
    f->strict = floor_plan_strict(p);
    if (keep_floor_terms(f, p))
        return f;
    free_unlinked_floor(f);
    return NULL;
}

struct floor *floor_get(struct floors *fs, const struct floor_plan *p, struct err *err)
{
    const struct service service = {p->protocol, p->local.port};
    for (struct floor *f = NULL; (f = floor_of(fs, service, f));)
        if (floor_is(f, p)) {
            f->listeners++;
            return f;
        } else if (f->protocol == p->protocol && btns_addr_equal(&f->local, &p->local) &&
                   f->terms) {
            err_set(err, "another listener on this address and port is under different rules");
            return NULL;
        }
    return floor_put(fs, p, err);
}

struct floor *floor_put(struct floors *fs, const struct floor_plan *p, struct err *err)
{
    struct floor *f = new_floor(fs, p);
    if (!f) {
        err_set(err, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < f->entries; i++)
        if (spd_set(fs->xfrm, &f->entry[i], err)) {
            delete_floor_entries(f, i);
            free_unlinked_floor(f);
            return NULL;
        }
    floor_enter(f);
    return f;
}

struct floor *floor_shutter(struct floors *fs, uint8_t protocol, const struct btns_addr *local,
                            bool strict, struct err *err)
{
    struct spd_entry e[4];
    const uint32_t priority = strict ? PRIO_STRICT_SHUTTER : PRIO_SHUTTER;
    size_t n = 0;
    for (int family = 0; family < 2; family++)
        for (int dir = 0; dir < 2; dir++) {
            struct spd_entry *s = &e[n];
            *s = (struct spd_entry){.dir = dir ? SPD_IN : SPD_OUT,
                                    .priority = priority,
                                    .action = SPD_BLOCK,
                                    .protocol = protocol,
                                    .local = *local};
            if (!btns_addr_is_any(local))
                s->local_bits = (uint8_t)btns_addr_bits(local);
            else
                s->local.family = family ? AF_INET : AF_INET6;
            s->remote.family = s->local.family;
            n += btns_addr_is_any(local) || !family;
        }
    return floor_put(
        fs, &(struct floor_plan){.protocol = protocol, .local = *local, .entry = e, .entries = n},
        err);
}

static bool floor_prefix_has(const struct btns_addr *a, const struct prefix *p)
{
    return p->net.family == a->family && btns_addr_in(a, &p->net, p->bits);
}

const struct floor_term *floor_term(const struct floor *f, const struct btns_addr *local,
                                    const struct btns_addr *remote)
{
    for (size_t i = 0; i < f->terms; i++)
        if (floor_prefix_has(remote, &f->term[i].from) &&
            floor_prefix_has(local, &f->term[i].local))
            return &f->term[i];
    return NULL;
}

struct service floor_service(const struct floor *f)
{
    return (struct service){f->protocol, f->local.port};
}

bool floor_is_under(const struct floor *f, const struct btns_addr *local, struct service service)
{
    return (f->adopted || f->terms) && service_same(floor_service(f), service) &&
           (btns_addr_is_any(&f->local) || btns_addr_ip_equal(&f->local, local));
}

static void floor_free(struct floor *f)
{
    delete_floor_entries(f, f->entries);
    leave_floor(f);
    if (f->all->gone)
        f->all->gone(f->all->arg);
    free_unlinked_floor(f);
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
        return; /* the entry stays in the kernel and goes on blocking */
    f->all = fs;
    f->protocol = e->protocol;
    f->local = e->local;
    f->adopted = true;
    f->strict = is_strict_floor(e);
    f->entry[f->entries++] = *e;
    floor_enter(f);
}

static bool is_floor_adopted_under(const struct floor *f, const struct btns_addr *local)
{
    return f->adopted && (btns_addr_is_any(local) || btns_addr_ip_equal(&f->local, local));
}

bool floors_adopted_under(const struct floors *fs, uint8_t protocol, const struct btns_addr *local,
                          bool *strict)
{
    const struct service service = {protocol, local->port};
    bool any = false;
    *strict = false;
    for (const struct floor *f = NULL; (f = floor_of(fs, service, f));)
        if (is_floor_adopted_under(f, local)) {
            any = true;
            *strict |= f->strict;
        }
    return any;
}

void floors_drop_adopted(struct floors *fs, uint8_t protocol, const struct btns_addr *local)
{
    const struct service service = {protocol, local->port};
    for (struct floor *f = floor_of(fs, service, NULL), *next; f; f = next) {
        next = floor_of(fs, service, f);
        if (is_floor_adopted_under(f, local))
            floor_free(f);
    }
}

void floors_sweep(struct floors *fs, const struct sock_entry *gone)
{
    for (struct floor *f = fs->list, *next; f; f = next) {
        next = f->next;
        if (f->adopted &&
            (!gone ||
             service_same(floor_service(f), (struct service){gone->protocol, gone->local.port})) &&
            !fs->listens(fs->arg, f))
            floor_free(f);
    }
}

void floors_restore(struct floors *fs)
{
    for (const struct floor *f = fs->list; f; f = f->next)
        for (size_t i = 0; i < f->entries; i++)
            spd_set(fs->xfrm, &f->entry[i], NULL);
}

unsigned floors_compare(struct floors *fs, const struct spd_snapshot *s)
{
    unsigned mended = 0;
    for (struct floor *f = fs->list; f; f = f->next)
        for (size_t i = 0; i < f->entries; i++)
            mended += spd_snapshot_mend(s, fs->xfrm, &f->entry[i]);
    return mended;
}

static bool floor_outlasts_btnsd(const struct floor *f)
{
    return f->stays || (f->adopted && f->all->listens(f->all->arg, f));
}

void floors_clear(struct floors *fs)
{
    /* First those that end: an entry that one of the others has, too, is not deleted. */
    for (struct floor *f = fs->list, *next; f; f = next) {
        next = f->next;
        if (!floor_outlasts_btnsd(f))
            floor_free(f);
    }
    while (fs->list) {
        struct floor *f = fs->list;
        log_note("a program still listens on %s/%u: its floor stays", protocol_name(f->protocol),
                 f->local.port);
        f->entries = 0;
        floor_free(f);
    }
    hash_table_free(&fs->by_service);
}
