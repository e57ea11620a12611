/* known_peers: the Peer Authorization Database, RFC 4301's PAD. */
#ifndef BTNS_PEERS_H
#define BTNS_PEERS_H

#include "libapi/wire/addr.h"
#include "libapi/wire/err.h"
#include "libapi/wire/key.h"
#include "libapi/wire/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_ADDRS 8
struct peer {
    struct btns_key key;
    struct btns_addr addr[PEER_ADDRS]; /* port 0; newest first */
    size_t addrs;
    uint64_t first_seen, last_seen; /* seconds since 1970 */
    uint32_t trust;                 /* enum btns_trust of wire.h */
    char name[BTNS_PEER_NAME];      /* given by the administrator; "": none */
    bool no_latch;                  /* no latch may be made to it (latching -02, section 2.1) */
};
struct peers;
#define PEERS_MAX 65536

/* Reads path (absent: empty). A malformed file is refused whole: NULL, err says file:line and why.
 */
struct peers *peers_load(const char *path, struct err *err);
void peers_free(struct peers *p);
/*
 * Who is needed is not forgotten to make room for another. When there are PEERS_MAX, room is made
 * by the leap of faith not seen for longest of the networks that have most: a flood of keys from
 * one place displaces its own.
 */
void peers_set_needed(struct peers *p, bool (*needed)(void *arg, const struct btns_key *k),
                      void *arg);
/* What these point to is valid until the next change. */
size_t peers_count(const struct peers *p);
const struct peer *peers_at(const struct peers *p, size_t i);
const struct peer *peers_by_key(const struct peers *p, const struct btns_key *k);
/* Who is known at this address (port ignored); NULL when nobody is. */
const struct peer *peers_by_addr(const struct peers *p, const struct btns_addr *a);
/* Whom the administrator has given this name; NULL when nobody has it. */
const struct peer *peers_by_name(const struct peers *p, const char *name);
/*
 * Notes that k was proved at a (now, in seconds since 1970) and writes the file (atomically:
 * temporary name, fsync, rename). The address is taken from any other key that had it on a leap of
 * faith; -EEXIST when it is a pinned one's. 0 or -errno; on error memory and file are as before.
 */
int peers_seen(struct peers *p, const struct btns_key *k, const struct btns_addr *a, uint64_t now,
               struct err *err);
/*
 * The administrator's word, in the same manner: k is pinned, at a (NULL: where it is known), and
 * called name (NULL or "": as before). A name that another key had is taken from it.
 */
int peers_pin(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
              const char *name, uint64_t now, struct err *err);
/* Forgets by address (the address of whoever has it) or by key; -ENOENT when there is none. */
int peers_forget(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
                 struct err *err);
/* Sets the flag of a known key; -ENOENT when it is not known. */
int peers_set_no_latch(struct peers *p, const struct btns_key *k, bool on, struct err *err);

#endif
