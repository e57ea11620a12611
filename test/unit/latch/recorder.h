/*
 * For tests that no packet passes in the clear while SPD entries take the place of others. The
 * linker puts recorders in the place of spd_set() and spd_del() (test/programs.mk): each passes the
 * request on to the kernel, and then reads its whole SPD for the packets that are watched.
 */
#ifndef BTNS_TEST_UNIT_LATCH_RECORDER_H
#define BTNS_TEST_UNIT_LATCH_RECORDER_H

#include "btnsd/xfrm/xfrm.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>

struct packet {
    enum spd_dir dir;
    uint8_t protocol;
    struct btns_addr local, remote; /* with ports; of ICMP: type and code */
};

#define HOST(last, number)                                                                         \
    {                                                                                              \
        .family = AF_INET, .ip = {10, 0, 0, last}, .port = number                                  \
    }
#define PEER(number)                                                                               \
    {                                                                                              \
        .family = AF_INET, .ip = {10, 1, 0, 1}, .port = number                                     \
    }

static struct xfrm *recorded; /* the SPD that is read */
static const struct packet *watched;
static size_t watched_n;
static unsigned requests, gaps;
static bool (*refuses)(const struct spd_entry *e); /* the kernel refuses this entry; may be NULL */

struct lookup {
    const struct packet *packet;
    uint32_t priority;
    bool found, clear;
};

static inline bool port_matches(uint16_t port, uint16_t exact, struct spd_port_mask several)
{
    return exact ? port == exact : (port & several.mask) == several.port;
}

/* Of several entries with the same priority, one that allows is taken to decide. */
static inline void match_packet(void *arg, const struct spd_entry *e)
{
    struct lookup *l = arg;
    const struct packet *p = l->packet;
    if (e->dir != p->dir || (e->protocol && e->protocol != p->protocol) ||
        !btns_addr_in(&p->local, &e->local, e->local_bits) ||
        !btns_addr_in(&p->remote, &e->remote, e->remote_bits) ||
        !port_matches(p->local.port, e->local.port, e->local_ports) ||
        !port_matches(p->remote.port, e->remote.port, e->remote_ports) ||
        (l->found && e->priority > l->priority))
        return;
    l->clear = e->action == SPD_ALLOW || (l->found && l->clear && e->priority == l->priority);
    l->priority = e->priority;
    l->found = true;
}

static inline bool is_clear(const struct packet *p)
{
    struct lookup l = {.packet = p};
    spd_dump(recorded, match_packet, &l);
    return !l.found || l.clear;
}

static inline void look_for_gap(const char *what, const struct spd_entry *e)
{
    requests++;
    for (size_t i = 0; i < watched_n; i++)
        if (is_clear(&watched[i])) {
            printf("# packet %zu may pass in the clear after request %u: %s, %s, priority %u\n", i,
                   requests, what, e->dir == SPD_OUT ? "out" : "in", e->priority);
            gaps++;
        }
}

int __real_spd_set(struct xfrm *x, const struct spd_entry *e, struct err *err);
int __wrap_spd_set(struct xfrm *x, const struct spd_entry *e, struct err *err);
int __wrap_spd_set(struct xfrm *x, const struct spd_entry *e, struct err *err)
{
    if (refuses && refuses(e))
        return -ENOMEM;
    int rc = __real_spd_set(x, e, err);
    look_for_gap("set", e);
    return rc;
}

int __real_spd_del(struct xfrm *x, const struct spd_entry *e);
int __wrap_spd_del(struct xfrm *x, const struct spd_entry *e);
int __wrap_spd_del(struct xfrm *x, const struct spd_entry *e)
{
    int rc = __real_spd_del(x, e);
    look_for_gap("delete", e);
    return rc;
}

static inline void watch(const struct packet *p, size_t n)
{
    watched = p;
    watched_n = n;
    requests = gaps = 0;
    for (size_t i = 0; i < n; i++)
        if (is_clear(&p[i]))
            check(false, "packet %zu is guarded before", i);
}

/* There were requests, and after none of them a packet could pass. */
static inline void no_gap(const char *when)
{
    check(requests && !gaps, "%s: guarded after each of %u requests to the kernel", when, requests);
    watched_n = 0;
}

#define WATCH(packets) watch(packets, sizeof packets / sizeof *(packets))

#endif
