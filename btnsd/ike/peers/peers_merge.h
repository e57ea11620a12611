/* Takes the peers of a text, all of them or none. */
#ifndef BTNS_IKE_PEERS_PEERS_MERGE_H
#define BTNS_IKE_PEERS_PEERS_MERGE_H

#include "btnsd/ike/peers/peers.h"

#define PEERS_DIR "/etc/btns/peers.d" /* the administrator's files */

struct peers_import {
    const struct btns_key *own; /* this host's: a line about it is passed over */
    /* May the line's peer have what the line gives it? False with *why. NULL: yes. */
    bool (*check)(void *arg, const struct peer *line, struct err *why);
    void *arg;
    const struct revoked *revoked; /* no peer may have one of these keys; NULL: none */
    uint64_t now;                  /* seconds since 1970 */
};

struct peers_imported {
    unsigned added, changed, same; /* lines */
    bool own;                      /* one was about this host */
};

/*
 * Adds the peers in a text of known_peers' lines (`name`: what messages call it). The text is
 * changed, and text[len] must exist. A line about a known key adds its addresses, and what it says
 * about name, pin and latch. Any line that is bad, or gives an address or a name of one peer to
 * another: nothing is added, -EINVAL, and err says NAME:LINE, what and what to do. -errno also when
 * known_peers cannot be written.
 */
int peers_import(struct peers *p, const struct peers_import *how, const char *name, char *text,
                 size_t len, struct peers_imported *done, struct err *err);
/*
 * Adds the peers in a file of the administrator's to a fleet (peers_new()); they count as pinned.
 * -errno with err: the fleet is good for peers_free() alone.
 */
int peers_add_file(struct peers *fleet, const struct peers_import *how, const char *name,
                   char *text, size_t len, struct err *err);

#endif
