/*
 * Reqids: the kernel's names for (peer key, suite). One number never means two keys: a pair that
 * nothing uses any more may be forgotten, but its number comes again only when all others have been
 * given out, which at 1,000 pairs a second is four hours later.
 */
#ifndef BTNS_PAIR_H
#define BTNS_PAIR_H

#include "btnsd/xfrm/reqid_range.h"
#include "libapi/wire/key.h"

#include <stdbool.h>
#include <stdint.h>

struct pair {
    struct pair *next;
    struct btns_key key;
    const char *suite; /* NULL: what the peer may choose when it initiates; or pair_label() */
    uint32_t reqid;
    bool kept; /* in the file: an SPD entry may name it */
};

/* So many pairs are not worth asking which of them are used. */
#define PAIRS_FEW 1024

/*
 * How a key was proved must show in the reqid, as the same key may come without a certificate: what
 * stands in place of the suite (NULL: what the peer chooses) when it came with one. Static storage.
 */
const char *pair_label(const char *suite, bool certified);

struct pairs {
    struct pair *list; /* newest first */
    unsigned count, trim_at;
    uint32_t last;
    const char *path; /* where they outlive btnsd, or NULL */
};

/* Numbers up to `used` are never given out (the kernel may know them from an earlier life). */
void pairs_init(struct pairs *p, uint32_t used);
void pairs_free(struct pairs *p);
/*
 * NULL when out of memory or numbers. suite: static storage, or NULL. Pairs with a suite are kept
 * at once, others by pair_keep(): anybody can claim a key, which must not fill the file.
 */
const struct pair *pair_get(struct pairs *p, const struct btns_key *key, const char *suite);
void pair_keep(struct pairs *p, const struct pair *pair);
/* When they have become many: forgets those that nothing uses, but for the newest ones. */
void pairs_trim(struct pairs *p, bool (*used)(void *arg, const struct pair *pair), void *arg);
/* Of a certified key? *suite: its suite's name, or NULL. */
bool pair_is_certified(const struct pair *p, const char **suite);
const struct pair *pair_by_reqid(const struct pairs *p, uint32_t reqid);
/* A reqid that no SA will ever have: its template only holds packets. 0: none left. */
uint32_t pair_placeholder(struct pairs *p);

/*
 * pair_file.c. The file is of this boot: reqids mean nothing after the next. Reading takes what is
 * whole and well formed up to the first fault; a missing file is empty. suite_of turns a name into
 * the static text of it, or NULL.
 */
void pairs_read(struct pairs *p, const char *path, const char *(*suite_of)(const char *name));
void pairs_write(const struct pairs *p);

#endif
