/* Adopts, at start, the guards and floors that an earlier btnsd left in the SPD. */
#include "btnsd/reports/adopt.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/foreign_spd.h"
#include "btnsd/latch/guard/icmp_errors.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/late_sends.h"
#include "btnsd/latch/guard/left_sas.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/other_sources.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/certified.h"
#include "btnsd/latch/registry/registry.h"
#include "btnsd/state/daemon.h"

#include <string.h>

/* A guard's entry has a port at one end only, and one address at each end. */
static bool is_entry_of_service(const struct spd_entry *e)
{
    return protocol_known(e->protocol) && !e->local.port != !e->remote.port &&
           !e->local_ports.mask && !e->remote_ports.mask &&
           e->local_bits == btns_addr_bits(&e->local) &&
           e->remote_bits == btns_addr_bits(&e->remote);
}

static bool is_guard_entry(const struct spd_entry *e)
{
    return e->ours && e->dir == SPD_OUT && e->priority == PRIO_GUARD && is_entry_of_service(e);
}

static struct guard *adopt_guard(struct guards *gs, const struct spd_entry *e)
{
    const struct pair *pair = pair_by_reqid(&gs->pairs, e->reqid);
    const char *suite;
    bool mirror = e->local.port != 0;
    struct guard *g =
        guard_new(gs, &e->local, &e->remote,
                  (struct service){e->protocol, mirror ? e->local.port : e->remote.port}, mirror);
    if (!g)
        return NULL;
    g->outer_local = e->outer_local;
    g->outer_remote = e->outer_remote;
    if (!pair) {
        guard_leave_sas(g, e->reqid);
        return g;
    }
    guard_set_reqid(g, e->reqid);
    g->key = pair->key;
    guard_set_latched(g);
    g->certified = pair_is_certified(pair, &suite);
    if (!g->certified || guard_reread_certificate(g))
        guard_set_key(g, &pair->key);
    g->asked = g->suite = suite_named(suite);
    return g;
}

static void adopt_or_delete(void *arg, const struct spd_entry *e)
{
    struct guards *gs = arg;
    char ip[BTNS_ADDR_STR];
    uint32_t time_wait;
    bool late = late_send_adopt(gs, e);
    struct guard *g = !late && is_guard_entry(e) ? adopt_guard(gs, e) : NULL;
    if (!g)
        return;
    btns_addr_ip_str(&g->remote, ip);
    bool used = guard_in_use(g, &time_wait);
    if (!used && guard_stays_for_sas(g)) {
        guard_only_answers(g);
    } else if (!used) {
        /* The earlier btnsd may have allowed a datagram that its program has not sent yet. */
        g->told_held = loop_now();
        g->strict = true;
        guard_spd(g, SPD_ALLOW, 0);
        guard_free(g);
    } else if (!g->has_key || (!g->mirror && !g->suite)) {
        snprintf(g->reason, sizeof g->reason,
                 "btnsd was restarted and does not know whose connections these were");
        log_rated(log_note, "services that are blocked", "%s %s/%u: %s", ip,
                  protocol_name(g->service.protocol), g->service.port, g->reason);
        guard_spd(g, SPD_BLOCK, 0);
        guard_only_answers(g);
    } else {
        log_rated(
            log_note, "services latched before the restart",
            "%s %s/%u: connections latched before the restart: their key is to be proved again", ip,
            protocol_name(g->service.protocol), g->service.port);
        g->state = g->mirror ? GS_WAITING : GS_PROVING;
        guard_spd(g, SPD_ESP, 0);
        if (!g->mirror)
            g->keying->prove(g); /* as soon as charon runs */
        guard_used(g);
    }
}

/* The guard that was replaced comes back, if its SAs are still there. */
static void bring_back(struct guards *gs, const struct spd_entry *e, struct service service)
{
    struct guard *g = guard_new(gs, &e->local, &e->remote, service, false);
    if (!g)
        return; /* the entries stay, and go on demanding the SAs */
    guard_leave_sas(g, e->reqid);
    const bool stays = guard_stays_for_sas(g);
    g->left_before = e->reqid;
    guard_forget_replaced(g);
    if (stays)
        guard_only_answers(g);
    else
        guard_free(g);
}

/*
 * e is the outgoing one of the entries under a guard that has replaced one which stays for SAs. If
 * that guard was adopted, it knows again what it has replaced. If the programs of both are not
 * known, one guard blocks both, and stays for the SAs.
 */
static void adopt_replaced(void *arg, const struct spd_entry *e)
{
    struct guards *gs = arg;
    if (!e->ours || e->priority != PRIO_REPLACED || !is_entry_of_service(e))
        return;
    const struct service service = {e->protocol, e->remote.port};
    struct guard *g = guard_find(gs, &e->local, &e->remote, service, false);
    if (!g) {
        bring_back(gs, e, service);
        return;
    }
    g->left_before = e->reqid;
    if (g->left_reqid && reqid_is_ours(g->left_reqid)) {
        guard_leave_sas(g, e->reqid);
        guard_spd(g, g->spd, 0);
    }
    if (g->left_reqid == e->reqid)
        guard_forget_replaced(g);
}

int guards_adopt(struct guards *gs, struct err *err)
{
    other_sources_readdress(gs);
    int rc = spd_dump(gs->xfrm, adopt_or_delete, gs);
    rc = rc ? rc : spd_dump(gs->xfrm, adopt_replaced, gs);
    if (rc)
        err_set(err, "the SPD cannot be read: %s", strerror(-rc));
    other_sources_sweep(gs);
    icmp_errors_sweep(gs);
    guards_sweep_certificates(gs);
    return rc;
}

/* ---- floors ---- */

/* Does some latch need a floor between these addresses? */
struct footing {
    uint8_t protocol;
    const struct btns_addr *local, *remote;
    bool found;
};

/*
 * A latch counts if its user owns the socket or has passed it, and the kernel says that the socket
 * listens.
 */
static void note_adopted_latch(void *arg, struct latch *l)
{
    struct footing *f = arg;
    bool listener = l->state == BTNS_S_LISTENER &&
                    (btns_addr_is_any(&l->local) || btns_addr_ip_equal(&l->local, f->local));
    bool closed = l->state == BTNS_S_CLOSED && btns_addr_equal(&l->local, f->local) &&
                  btns_addr_equal(&l->remote, f->remote);
    f->found |=
        (listener || closed) && l->protocol == f->protocol && l->local.port == f->local->port;
}

static bool adopted_guard_has_latch(struct registry *latches, const struct spd_entry *e)
{
    struct footing f = {e->protocol, &e->local, &e->remote, false};
    registry_each(latches, note_adopted_latch, &f);
    return f.found;
}

struct socket_search {
    uint16_t port;
    bool found;
};

static void note_adopted_socket(void *arg, const struct sock_entry *e)
{
    struct socket_search *s = arg;
    s->found |= e->local.port == s->port;
}

/*
 * Does a socket listen at the entry's port, or have a connection that the entry covers? Yes if the
 * kernel's sockets cannot be read.
 */
static bool adopted_entry_has_socket(struct btnsd *d, const struct spd_entry *e)
{
    struct socket_search s = {.port = e->local.port};
    if (e->protocol != IPPROTO_TCP || !d->sockets)
        return true;
    int rc = e->remote.port
                 ? sockdiag_connections(d->sockets, &e->local, &e->remote, note_adopted_socket, &s)
                 : sockdiag_listeners(d->sockets, note_adopted_socket, &s);
    return rc || s.found;
}

static bool adopted_floor_is_needed(struct btnsd *d, const struct spd_entry *e)
{
    return adopted_guard_has_latch(d->latches, e) ||
           (d->latches_lost && adopted_entry_has_socket(d, e));
}

bool adopted_floor_listens(void *arg, const struct floor *f)
{
    return f->entries && adopted_floor_is_needed(arg, &f->entry[0]);
}

static void adopt_or_drop_orphan(void *arg, const struct spd_entry *e)
{
    struct btnsd *d = arg;
    bool is_floor = e->ours && e->local.port && !(e->action == SPD_ESP) &&
                    (e->priority >= PRIO_SHUTTER || e->priority == PRIO_DISCARD ||
                     (e->priority >= PRIO_STRICT_SHUTTER && e->priority <= PRIO_STRICT_END));
    if (!is_floor)
        return;
    if (adopted_floor_is_needed(d, e))
        floor_adopt(&d->floors, e);
    else
        spd_del(d->floors.xfrm, e);
}

void floors_adopt(struct btnsd *d)
{
    spd_dump(d->floors.xfrm, adopt_or_drop_orphan, d);
}
