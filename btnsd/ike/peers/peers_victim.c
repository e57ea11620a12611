/* Chooses the peer to drop when known_peers is full. Pure. */
#include "btnsd/ike/peers/peers_store.h"

#include "libapi/wire/wire.h"

#include <stdlib.h>
#include <string.h>

/*
 * A key costs nothing, and the owner of a network has very many addresses at which to prove keys.
 * So a peer from the place with the most peers is dropped: among the widest networks from the
 * fullest one, within it from the fullest narrower network, and so on. An attacker who fills the
 * list from one network displaces only its own peers.
 */
static const struct level {
    unsigned v4, v6; /* prefix lengths */
} levels[] = {{8, 32}, {16, 48}, {24, 64}};

static const struct btns_addr *peer_place(const struct peer *p)
{
    static const struct btns_addr nowhere;
    return p->addrs ? &p->addr[0] : &nowhere;
}

static int compare_places(const void *a, const void *b)
{
    const struct btns_addr *x = peer_place(*(const struct peer *const *)a);
    const struct btns_addr *y = peer_place(*(const struct peer *const *)b);
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    return memcmp(x->ip, y->ip, sizeof x->ip);
}

static bool peers_in_one_network(const struct peer *a, const struct peer *b, const struct level *l)
{
    const struct btns_addr *x = peer_place(a), *y = peer_place(b);
    return x->family == y->family &&
           (!x->family || btns_addr_in(x, y, x->family == AF_INET6 ? l->v6 : l->v4));
}

static const struct peer *oldest_peer(const struct peer *const *p, size_t n)
{
    const struct peer *old = NULL;
    for (size_t i = 0; i < n; i++)
        if (!old || p[i]->last_seen < old->last_seen)
            old = p[i];
    return old;
}

/*
 * The longest run of peers in one network; of runs of the same length, the one with the oldest
 * peer. *n: its length.
 */
static const struct peer **fullest_network(const struct peer **p, size_t *n, const struct level *l)
{
    const struct peer **best = p;
    const struct peer *old = NULL;
    size_t most = 0;
    for (size_t from = 0, to; from < *n; from = to) {
        for (to = from + 1; to < *n && peers_in_one_network(p[from], p[to], l); to++)
            ;
        if (to - from < most)
            continue;
        const struct peer *here = oldest_peer(p + from, to - from);
        if (to - from > most || here->last_seen < old->last_seen) {
            most = to - from;
            best = p + from;
            old = here;
        }
    }
    *n = most;
    return best;
}

/*
 * Lists the peers that may be dropped: not those with latches, nor those that the administrator has
 * pinned, named or marked.
 */
static size_t collect_peers(const struct peers *p, const struct peer **list)
{
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct peer *peer = &p->list[i];
        if (peer->trust == BTNS_T_LEAP && !peer->no_latch &&
            !(p->needed && p->needed(p->needs, &peer->key)))
            list[n++] = peer;
    }
    return n;
}

size_t peers_victim(const struct peers *p)
{
    const struct peer **list = calloc(p->count + 1, sizeof *list), **at = list, *old = NULL;
    if (list) {
        size_t n = collect_peers(p, list);
        qsort(list, n, sizeof *list, compare_places);
        if (n &&
            !list[0]->addrs) { /* peers whose addresses others have taken: no lookup finds them */
            while (n && list[n - 1]->addrs)
                n--;
        } else {
            for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
                at = fullest_network(at, &n, &levels[l]);
        }
        old = oldest_peer(at, n);
    }
    size_t which = old ? (size_t)(old - p->list) : p->count;
    free(list);
    return which;
}
