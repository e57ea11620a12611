/*
 * Adds the peers of a text, all of them or none: an export of another host to known_peers, or a
 * file of the administrator's to a fleet.
 */
#ifndef BTNS_IKE_PEERS_PEERS_MERGE_H
#define BTNS_IKE_PEERS_PEERS_MERGE_H

#include "btnsd/ike/peers/peers.h"

#define PEERS_DIR "/etc/btns/peers.d" /* the administrator's files */

struct peers_import {
    const struct btns_key *own; /* this host's key: a line about it is skipped */
    /* May the line's peer have these addresses and this name? False with *why. NULL: yes. */
    bool (*check)(void *arg, const struct peer *line, struct err *why);
    void *arg;
    const struct revoked *revoked; /* no peer may have one of these keys; NULL: none */
    uint64_t now;                  /* seconds since 1970 */
};

struct peers_imported {
    unsigned added, changed, same; /* numbers of lines */
    bool own;                      /* a line was about this host */
};

/*
 * Adds the peers in a text of lines as in known_peers (`name`: the text's name in messages). The
 * text is changed, and text[len] must exist. A line about a known key adds addresses, and what it
 * says about name, pin and latch. If any line is bad, or gives an address or a name of one peer to
 * another, nothing is added: -EINVAL, and err says NAME:LINE, what is wrong and what to do. -errno
 * also when known_peers cannot be written.
 */
int peers_import(struct peers *p, const struct peers_import *how, const char *name, char *text,
                 size_t len, struct peers_imported *done, struct err *err);
/*
 * Adds the peers in a file of the administrator's to a fleet (peers_new()); they count as pinned.
 * -errno with err: then the fleet may only be freed, by peers_free().
 */
int peers_add_file(struct peers *fleet, const struct peers_import *how, const char *name,
                   char *text, size_t len, struct err *err);

#endif
