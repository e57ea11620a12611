/* The list of known peers: one message for each address, sent as fast as the client reads. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"

#include <stdlib.h>
#include <string.h>

struct peers_list {
    struct list list;
    uint32_t id;
    size_t n, at;
    struct btns_peer_msg msg[];
};

static size_t make_peers_page(struct list *l, void *buf)
{
    struct peers_list *s = (struct peers_list *)l;
    if (s->at < s->n) {
        memcpy(buf, &s->msg[s->at++], sizeof *s->msg);
        return sizeof *s->msg;
    }
    if (s->at++ > s->n)
        return 0;
    *(struct btns_end_msg *)buf = answer_end_message(s->id, 0, "");
    return sizeof(struct btns_end_msg);
}

static void peers_list_free(struct list *l)
{
    free(l);
}

static void note_listed_peer(struct peers_list *s, const struct peers *all, const struct peer *p)
{
    char where[REVOKED_WHERE];
    for (size_t a = 0; a < p->addrs || !a; a++) {
        struct btns_peer_msg *m = &s->msg[s->n++];
        *m = (struct btns_peer_msg){
            .hdr = {BTNS_WIRE_VERSION, BTNS_REP_PEER, s->id},
            .trust = p->trust,
            .no_latch = p->no_latch,
            .first_seen = p->first_seen,
            .last_seen = p->last_seen,
        };
        m->revoked = revoked_has(peers_revoked(all), &p->key, where);
        m->shadowed = peers_is_shadowed(all, p);
        m->line = p->line;
        if (p->file)
            snprintf(m->file, sizeof m->file, "%s", p->file);
        if (p->addrs)
            m->addr = p->addr[a];
        memcpy(m->name, p->name, sizeof m->name);
        memcpy(m->key, p->key.raw, sizeof m->key);
    }
}

bool on_peers(struct btnsd *d, struct request *r)
{
    size_t n = 0;
    for (size_t i = 0; i < peers_count(d->peers); i++)
        n += peers_at(d->peers, i)->addrs + 1;
    struct peers_list *s = calloc(1, sizeof *s + n * sizeof *s->msg);
    if (s) {
        s->list = (struct list){.make = make_peers_page, .free = peers_list_free};
        s->id = r->hdr->id;
        for (size_t i = 0; i < peers_count(d->peers); i++)
            note_listed_peer(s, d->peers, peers_at(d->peers, i));
    }
    return answer_list(r->client, r->hdr, s ? &s->list : NULL, r->from.uid);
}
