/*
 * Sends a client's message, alone or in a ring, with or without a socket, and checks what must be
 * true once it was read.
 */
#include "btnsd/base/count_by_user.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/server/handed_over.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/server/rings.h"
#include "btnsd/server/shared_ring.h"
#include "test/fuzz/request/played.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void make_right(struct btns_hdr *h, size_t len, int with, bool raw)
{
    struct btns_flow *q = (struct btns_flow *)h;
    h->version = BTNS_WIRE_VERSION;
    if (raw || len != sizeof *q)
        return;
    q->protocol = IPPROTO_TCP;
    q->policy = q->policy % 4 ? d.run_policies.item[q->policy % 4 - 1].handle : 0;
    q->cookie = with >= 0 ? cookie_of(with) : q->cookie % 16;
    struct btns_addr *a[] = {&q->local, &q->remote};
    for (int i = 0; i < 2; i++) {
        a[i]->family =
            (uint16_t)(a[i]->family % 3 ? a[i]->family % 3 == 1 ? AF_INET : AF_INET6 : 0);
        a[i]->scope = 0;
        memset(a[i]->ip + (a[i]->family == AF_INET ? 4 : 16), 0, a[i]->family == AF_INET ? 12 : 0);
    }
}

/* A ring whose first slots hold the messages of the input. -1: none. */
static int ring_of(const uint8_t *body, size_t len)
{
    struct btns_ring *ring = calloc(1, BTNS_RING_SIZE);
    int fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    demand(ring && fd >= 0);
    for (size_t i = 0; i < BTNS_RING_SLOTS && len >= sizeof ring->slot[i].flow; i++) {
        memcpy(&ring->slot[i].flow, body, sizeof ring->slot[i].flow);
        make_right(&ring->slot[i].flow.hdr, sizeof ring->slot[i].flow, -1, false);
        ring->slot[i].state = BTNS_SLOT_FULL;
        body += sizeof ring->slot[i].flow;
        len -= sizeof ring->slot[i].flow;
    }
    demand(write(fd, ring, BTNS_RING_SIZE) == BTNS_RING_SIZE);
    demand(!fcntl(fd, F_ADD_SEALS, BTNS_RING_SEALS));
    free(ring);
    return fd;
}

/* Reads the ring at once; btnsd's own reading is tested with a real client. */
bool client_hands_over(struct client *c, int fd, const struct ucred *from)
{
    (void)c, (void)fd, (void)from;
    return false;
}

bool client_offers_ring(struct client *c, int fd, const struct ucred *from, uint64_t btnsd)
{
    struct btns_ring *ring = shared_ring_map(fd);
    struct btns_flow f;
    bool ok = ring;
    demand(btnsd && from->uid == c->uid);
    for (unsigned i = 0; ok && i < BTNS_RING_SLOTS; i++) {
        struct request r = {.client = c,
                            .from = *from,
                            .opener = {.pid = getpid(), .uid = c->opener},
                            .client_netns = c->netns,
                            .shared = true,
                            .fd = -1,
                            .hdr = &f.hdr,
                            .len = sizeof f};
        if (!shared_ring_take(ring, i, &f))
            continue;
        demand(!shared_ring_take(ring, i, &f)); /* never twice */
        unsigned answers = c->answers;
        ok = request_dispatch(&d, &r);
        demand(!ok || f.hdr.type == BTNS_MSG_CONNECTING || f.hdr.type == BTNS_MSG_ACCEPTED);
        demand(c->answers == answers || c->gone); /* but events */
    }
    shared_ring_unmap(ring);
    return ok;
}

/* The socket or memory that comes with a message. */
static int attached(unsigned how, const uint8_t *body, size_t *len)
{
    if (how & 32 && *len >= sizeof(struct btns_hdr)) {
        int fd = ring_of(body + sizeof(struct btns_hdr), *len - sizeof(struct btns_hdr));
        *len = sizeof(struct btns_hdr);
        return fd;
    }
    int with = sockets[how & 16 ? 4 : how & 64 ? 5 : how & 3];
    return how & 4 ? dup(with) : -1;
}

void message_step(struct client *c, unsigned how, const uint8_t *body, size_t len)
{
    /* In a block of exactly this size, so that a sanitizer sees a read beyond it. */
    int with = attached(how, body, &len);
    struct btns_hdr *h = malloc(len ? len : 1);
    demand(h != NULL);
    memcpy(h, body, len);
    if (len < sizeof *h) { /* the server refuses it before */
        free(h);
        if (with >= 0)
            close(with);
        return;
    }
    make_right(h, len, with, how & 8);
    struct request r = {.client = c,
                        .from = {.pid = getpid(), .uid = c->uid},
                        .opener = {.pid = getpid(), .uid = c->opener},
                        .client_netns = c->netns,
                        .fd = with,
                        .hdr = h,
                        .len = len};
    bool one_way = h->type == BTNS_MSG_CONNECTING || h->type == BTNS_MSG_ACCEPTED ||
                   h->type == BTNS_MSG_RING || h->type == BTNS_MSG_CHANNEL;
    bool waited = c->gone;
    c->answers = 0;
    /* A message from another namespace, or one that only seems to be root's, has no effect. */
    bool elsewhere = (how & 52) == 20 || (with < 0 && c->netns != NETNS_OURS);
    size_t latches = registry_count(d.latches), guards = d.guards.count, entries = spd_size();
    size_t known = peers_count(NULL);
    bool ok = request_dispatch(&d, &r);
    demand(!elsewhere || (registry_count(d.latches) == latches && d.guards.count == guards &&
                          spd_size() == entries));
    demand(!c->opener || peers_count(NULL) == known);
    finish_reading();
    send_lists();
    demand(!ok || one_way || c->answers > 0 || (!waited && c->gone));
    if (r.fd >= 0)
        passed_close(r.fd, c->uid);
    if (!ok)
        hang_up(c);
    free(h);
}
