/* Blocks ICMP errors that would quote protected packets in the clear, or has them sent in ESP. */
#include "btnsd/latch/guard/icmp_errors.h"

#include "btnsd/base/log.h"

#include <errno.h>
#include <stdlib.h>

/*
 * The types of ICMP errors. The kernel compares a message's type with the source port of an entry's
 * selector. For IPv4 one mask covers 3 (unreachable) and 11 (time exceeded), a second one 4 (source
 * quench) and 12 (parameter problem), and 5 (redirect) has an entry of its own. In ICMPv6 the types
 * below 128 are errors.
 */
static const struct error_types {
    uint16_t family;
    uint8_t protocol;
    struct spd_port_mask types;
} error_types[] = {
    {AF_INET, IPPROTO_ICMP, {3, 0xfff7}},
    {AF_INET, IPPROTO_ICMP, {4, 0xfff7}},
    {AF_INET, IPPROTO_ICMP, {5, 0xffff}},
    {AF_INET6, IPPROTO_ICMPV6, {0, 0xff80}},
};

/*
 * The errors that are sent in ESP while an SA for ICMP is up: nobody listens at a port, and the
 * three by which firewalls reject. The kernel compares the code with the destination port.
 */
static const struct sent_in_esp {
    uint16_t family;
    uint8_t protocol;
    uint16_t type, code;
} sent_in_esp[] = {
    {AF_INET, IPPROTO_ICMP, 3, 3},    {AF_INET, IPPROTO_ICMP, 3, 10},
    {AF_INET, IPPROTO_ICMP, 3, 13},   {AF_INET6, IPPROTO_ICMPV6, 1, 4},
    {AF_INET6, IPPROTO_ICMPV6, 1, 1},
};

#define ERROR_TYPES (sizeof error_types / sizeof *error_types)
#define SENT_IN_ESP (sizeof sent_in_esp / sizeof *sent_in_esp)
#define ENTRIES_MAX (ERROR_TYPES + SENT_IN_ESP)

struct entries {
    struct spd_entry entry[ENTRIES_MAX];
    size_t n;
};

static struct spd_entry error_entry(const struct icmp_errors *between, uint8_t protocol)
{
    return (struct spd_entry){
        .dir = SPD_OUT,
        .priority = PRIO_ICMP_ERROR,
        .action = SPD_BLOCK,
        .protocol = protocol,
        .local = between->local,
        .remote = between->remote,
        .local_bits = (uint8_t)btns_addr_bits(&between->local),
        .remote_bits = (uint8_t)btns_addr_bits(&between->remote),
    };
}

/* Adds the entries by which some ICMP errors go in ESP. */
static void add_esp_entries(struct entries *es, const struct icmp_errors *between)
{
    for (const struct sent_in_esp *t = sent_in_esp; t < sent_in_esp + SENT_IN_ESP; t++) {
        if (t->family != between->remote.family)
            continue;
        struct spd_entry *e = &es->entry[es->n++];
        *e = error_entry(between, t->protocol);
        e->priority = PRIO_ICMP_ESP;
        e->action = SPD_ESP;
        e->reqid = between->esp;
        e->local.port = t->type;
        e->remote.port = t->code;
    }
}

/* The entries for ICMP errors between the two addresses. */
static struct entries error_entries_of(const struct icmp_errors *between)
{
    struct entries es = {.n = 0};
    for (size_t i = 0; i < ERROR_TYPES; i++) {
        if (error_types[i].family != between->remote.family)
            continue;
        struct spd_entry *e = &es.entry[es.n++];
        *e = error_entry(between, error_types[i].protocol);
        if (error_types[i].types.mask == 0xffff)
            e->local.port = error_types[i].types.port;
        else
            e->local_ports = error_types[i].types;
    }
    if (between->esp)
        add_esp_entries(&es, between);
    return es;
}

/* The entry that lets errors about this peer's unprotected packets out, to whichever host. */
static struct spd_entry error_exception(const struct btns_addr *remote)
{
    return (struct spd_entry){
        .dir = SPD_OUT,
        .priority = PRIO_LAST,
        .action = SPD_ALLOW,
        .local = {.family = remote->family},
        .remote = *remote,
        .remote_bits = (uint8_t)btns_addr_bits(remote),
        .icmp_errors = true,
    };
}

static uint64_t hash_remote(const struct btns_addr *remote)
{
    return hash_more(hash_begin(), remote->ip, sizeof remote->ip);
}

/* The item for this remote address that follows `after`; `after` NULL: the first. */
static struct icmp_errors *errors_to(const struct guards *gs, const struct btns_addr *remote,
                                     const struct icmp_errors *after)
{
    const size_t at = offsetof(struct icmp_errors, at_remote);
    const struct hash_link *l = after ? hash_table_next(&after->at_remote)
                                      : hash_table_first(&gs->icmp_errors, hash_remote(remote));
    struct icmp_errors *e = hash_item(l, at);
    while (e && !btns_addr_ip_equal(&e->remote, remote))
        e = hash_item(hash_table_next(&e->at_remote), at);
    return e;
}

struct icmp_errors *icmp_errors_between(const struct guards *gs, const struct btns_addr *local,
                                        const struct btns_addr *remote)
{
    struct icmp_errors *e = errors_to(gs, remote, NULL);
    while (e && !btns_addr_ip_equal(&e->local, local))
        e = errors_to(gs, remote, e);
    return e;
}

static void drop_child_task(struct guards *gs, struct icmp_child *c)
{
    gs->icmp_asks -= c->task != NULL;
    c->task = NULL;
}

static void free_errors(struct guards *gs, struct icmp_errors *e)
{
    if (gs->loop) {
        loop_cancel(gs->loop, &e->ending);
        loop_cancel(gs->loop, &e->child.again);
    }
    ike_cancel(e->child.task);
    drop_child_task(gs, &e->child);
    gs->icmp_children -= e->child.ours;
    hash_table_leave(&gs->icmp_errors, &e->at_remote);
    *e->link = e->next;
    if (e->next)
        e->next->link = e->link;
    free(e);
}

static struct icmp_errors *new_errors(struct guards *gs, const struct btns_addr *local,
                                      const struct btns_addr *remote)
{
    struct icmp_errors *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    *e = (struct icmp_errors){.next = gs->icmp_errors_list,
                              .link = &gs->icmp_errors_list,
                              .all = gs,
                              .local = *local,
                              .remote = *remote};
    e->local.port = e->remote.port = 0;
    if (e->next)
        e->next->link = &e->next;
    gs->icmp_errors_list = e;
    hash_table_enter(&gs->icmp_errors, &e->at_remote, hash_remote(remote));
    return e;
}

static int write_error_entries(struct guards *gs, const struct icmp_errors *between)
{
    struct err err = {""};
    struct entries es = error_entries_of(between);
    const struct spd_entry exception = error_exception(&between->remote);
    int rc = spd_set(gs->xfrm, &exception, &err);
    for (size_t i = 0; !rc && i < es.n; i++)
        rc = spd_set(gs->xfrm, &es.entry[i], &err);
    if (rc)
        log_warning("the kernel refused an entry against ICMP errors: %s", err.text);
    return rc;
}

/* Deletes the blocks between two addresses; with a peer's last ones, its exception, too. */
static void delete_errors(struct guards *gs, struct icmp_errors *e)
{
    const struct spd_entry exception = error_exception(&e->remote);
    struct entries es = error_entries_of(e);
    for (size_t i = 0; i < es.n; i++)
        spd_del(gs->xfrm, &es.entry[i]);
    free_errors(gs, e);
    if (!errors_to(gs, &exception.remote, NULL))
        spd_del(gs->xfrm, &exception);
}

static struct icmp_errors *hold_errors(struct guards *gs, const struct btns_addr *local,
                                       const struct btns_addr *remote)
{
    struct icmp_errors *e = icmp_errors_between(gs, local, remote);
    if (!e) {
        e = new_errors(gs, local, remote);
        if (e && write_error_entries(gs, e)) {
            delete_errors(gs, e);
            e = NULL;
        }
    }
    if (e)
        e->holders++;
    return e;
}

static bool errors_are_needed(const struct icmp_errors *e)
{
    return e->holders || e->stays || e->ending.slot;
}

static void release_errors(struct guards *gs, struct icmp_errors *e)
{
    e->holders--;
    if (!errors_are_needed(e))
        delete_errors(gs, e);
}

static void on_errors_end(struct timer *t)
{
    struct icmp_errors *e = t->arg;
    if (!errors_are_needed(e))
        delete_errors(e->all, e);
}

int icmp_errors_begin(struct guards *gs, const struct btns_addr *local,
                      const struct btns_addr *remote)
{
    return hold_errors(gs, local, remote) ? 0 : -ENOMEM;
}

void icmp_errors_end(struct guards *gs, const struct btns_addr *local,
                     const struct btns_addr *remote)
{
    struct icmp_errors *e = icmp_errors_between(gs, local, remote);
    if (e && gs->loop)
        loop_after(gs->loop, &e->ending, ICMP_ERRORS_END_MS, on_errors_end, e);
    if (e)
        release_errors(gs, e);
}

int icmp_errors_hold(struct guard *g)
{
    if (guard_is_beet(g)) /* PRIO_INNER blocks ICMP between inner addresses */
        return 0;
    if (!g->icmp_errors)
        g->icmp_errors = hold_errors(g->all, &g->local, &g->remote);
    return g->icmp_errors ? 0 : -ENOMEM;
}

void icmp_errors_release(struct guard *g)
{
    struct icmp_errors *e = g->icmp_errors;
    g->icmp_errors = NULL;
    if (e)
        release_errors(g->all, e);
}

void icmp_errors_leave(struct guard *g)
{
    if (!g->icmp_errors)
        return;
    g->icmp_errors->stays = true;
    g->icmp_errors->holders--;
    g->icmp_errors = NULL;
}

void icmp_errors_protect(struct icmp_errors *e, uint32_t reqid)
{
    struct guards *gs = e->all;
    struct entries es = {.n = 0};
    if (e->esp == reqid)
        return;
    if (!reqid) {
        add_esp_entries(&es, e);
        for (size_t i = 0; i < es.n; i++)
            spd_del(gs->xfrm, &es.entry[i]);
    }
    e->esp = reqid;
    if (reqid)
        write_error_entries(gs, e);
}

void icmp_errors_ike_ends(struct guards *gs)
{
    for (struct icmp_errors *e = gs->icmp_errors_list; e; e = e->next)
        drop_child_task(gs, &e->child);
}

void icmp_errors_restore(struct guards *gs)
{
    for (const struct icmp_errors *e = gs->icmp_errors_list; e; e = e->next)
        write_error_entries(gs, e);
}

unsigned icmp_errors_compare(struct guards *gs, const struct spd_snapshot *s)
{
    unsigned mended = 0;
    for (const struct icmp_errors *e = gs->icmp_errors_list; e; e = e->next) {
        const struct spd_entry exception = error_exception(&e->remote);
        struct entries es = error_entries_of(e);
        if (e == errors_to(gs, &e->remote, NULL))
            mended += spd_snapshot_mend(s, gs->xfrm, &exception);
        for (size_t i = 0; i < es.n; i++)
            mended += spd_snapshot_mend(s, gs->xfrm, &es.entry[i]);
    }
    return mended;
}

static void sweep_error_entry(void *arg, const struct spd_entry *e)
{
    struct guards *gs = arg;
    bool block = e->ours && e->priority == PRIO_ICMP_ERROR;
    bool in_esp = e->ours && e->priority == PRIO_ICMP_ESP;
    bool exception = e->ours && e->priority == PRIO_LAST;
    const struct icmp_errors *between = NULL;
    if (block || in_esp)
        between = icmp_errors_between(gs, &e->local, &e->remote);
    if ((block && !between) || (in_esp && !(between && between->esp)) ||
        (exception && !errors_to(gs, &e->remote, NULL)))
        spd_del(gs->xfrm, e);
}

void icmp_errors_sweep(struct guards *gs)
{
    spd_dump(gs->xfrm, sweep_error_entry, gs);
}

void icmp_errors_free(struct guards *gs)
{
    for (struct icmp_errors *e; (e = gs->icmp_errors_list);) {
        icmp_errors_protect(e, 0); /* their SAs end with the IKE daemon */
        if (e->holders || e->stays)
            free_errors(gs, e);
        else
            delete_errors(gs, e);
    }
    hash_table_free(&gs->icmp_errors);
}
