/*
 * Reqids: the kernel's names for (peer key, suite). One number never means two keys: an unused pair
 * may be dropped, but its number is given out again only after all others, which at 1,000 pairs a
 * second takes four hours.
 */
#ifndef BTNS_LATCH_GUARD_REQID_H
#define BTNS_LATCH_GUARD_REQID_H

#include "btnsd/base/hash_table.h"
#include "btnsd/xfrm/reqid_range.h"
#include "libapi/wire/key.h"

#include <stdbool.h>
#include <stdint.h>

struct pair {
    struct pair *next;
    struct hash_link at_reqid, at_key;
    struct btns_key key;
    const char *suite; /* NULL: the peer initiates and chooses; or pair_label() */
    uint32_t reqid;
    bool kept; /* stored in the file, as an SPD entry may name its reqid */
};

/* If there are no more pairs than this, unused ones are kept. */
#define PAIRS_FEW 1024

/*
 * The reqid must show how a key was proved, as the same key may be used without a certificate:
 * returns the label that replaces the suite (NULL: the peer chooses) if certified. Static storage.
 */
const char *pair_label(const char *suite, bool certified);

struct pairs {
    struct pair *list;                  /* newest first */
    struct hash_table by_reqid, by_key; /* by_key: the hash includes the suite */
    unsigned count, trim_at;
    uint32_t last;
    const char *path; /* file that keeps pairs across restarts, or NULL */
    bool written;     /* this btnsd has written the file: a further pair is one more line */
};

/* Numbers up to `used` are never given out (the kernel may know them from an earlier life). */
void pairs_init(struct pairs *p, uint32_t used);
void pairs_free(struct pairs *p);
/*
 * The pair of this key and suite (static storage, or NULL), made if there is none. NULL when out of
 * memory or numbers. Pairs with a suite are stored at once, others by pair_keep(): any peer can
 * claim keys, and must not fill the file.
 */
const struct pair *pair_get(struct pairs *p, const struct btns_key *key, const char *suite);
void pair_keep(struct pairs *p, const struct pair *pair);
/* If there are many pairs, drops the unused ones, except the newest. */
void pairs_trim(struct pairs *p, bool (*used)(void *arg, const struct pair *pair), void *arg);
/* Was the pair's key certified? *suite: the suite's name, or NULL. */
bool pair_is_certified(const struct pair *p, const char **suite);
const struct pair *pair_by_reqid(const struct pairs *p, uint32_t reqid);
/* The pair of this key and suite; NULL: there is none. */
const struct pair *pair_find(const struct pairs *p, const struct btns_key *key, const char *suite);
/* Adds a pair with this reqid. */
struct pair *pair_add(struct pairs *p, const struct btns_key *key, const char *suite,
                      uint32_t reqid);
/* Takes a pair out of the table; the caller frees it. */
void pair_leave(struct pairs *p, struct pair *pair);
/* A reqid that no SA will ever have, for a template that only holds packets. 0: none left. */
uint32_t pair_placeholder(struct pairs *p);

/*
 * reqid_file.c. The file is of this boot, as reqids mean nothing after the next. Reading stops at
 * the first line with a fault; a missing file is empty.
 */
void pairs_read(struct pairs *p, const char *path);
void pairs_write(struct pairs *p);
/*
 * Adds one line with this pair to the file, so that the cost does not depend on the number of
 * pairs.
 */
void pairs_write_one(struct pairs *p, const struct pair *pair);

#endif
