/* The users' stored policies, and the host's rules that users have blocked. */
#ifndef BTNS_USERS_USERS_H
#define BTNS_USERS_USERS_H

#include "btnsd/rules/ask/view.h"
#include "btnsd/rules/compile/compile.h"

#include <sys/types.h>

#define USER_POLICIES_MAX 16
#define USER_OCTETS_MAX   262144 /* octets of all stored policies of one user */
/* A limit that keeps a decision about any of the user's programs under a millisecond. */
#define USER_PARTS_MAX  32768
#define USER_BLOCKS_MAX 64
#define USER_NAME_MAX   64
#define USER_BLOCK_MAX  132 /* PROGRAM/RULE */

struct user {
    struct user *next;
    struct user *in_bucket; /* the next with the same hash */
    uid_t uid;
    struct policy_text *text; /* USER_POLICIES_MAX places; file is the policy's name */
    uint8_t (*hash)[32];
    unsigned texts;
    struct rules *own; /* compiled from all texts; NULL: there are none */
    char (*block)[USER_BLOCK_MAX];
    unsigned blocks;
    bool block_all;
    uint64_t *blocked;    /* which of the host's rules in force are blocked (view.h); NULL: none */
    bool unread;          /* its files were not needed yet */
    bool reading;         /* its files are being read */
    unsigned counted;     /* stored policies that count for the limit */
    bool changing;        /* a changed policy is being read */
    bool stale;           /* running programs have not been reviewed since the last change */
    uint64_t changes_due; /* ms, loop_now: the user has used up the time for changes until then */
    char broken[256];     /* the stored files cannot be used, so nothing is decided for this user */
};

#define USER_BUCKETS 1024

struct readings;

struct users {
    const char *dir;
    struct user *list, *bucket[USER_BUCKETS];
    char unlisted[256]; /* why the list of users with stored policies is not known; else "" */
    struct readings *readings;
    struct count_by_user *stored; /* number of stored policies, by user; made with the first */
    void (*read)(void *arg, struct user *u); /* u's files were read; NULL: nothing waits for that */
    void *arg;
};

struct user *users_find(const struct users *us, uid_t uid);
/* NULL: out of memory. */
struct user *users_get(struct users *us, uid_t uid);
void users_free(struct users *us);
/*
 * Finds the rules that the user's blocks name in a new generation. Call it for each generation.
 * False: no memory.
 */
bool users_bind(struct users *us, const struct rules *host);
bool user_bind(struct user *u, const struct rules *host);
/*
 * Each change is written to disk while others wait: may u make one more now? If so, it is counted.
 */
bool user_may_change(struct user *u, uint64_t now);
/* Adds u's own rules and blocks to the view of this user's processes. */
void user_view(const struct user *u, struct view *v);

/*
 * Copies u's texts, of which there are *n, with `name` replaced by `text` (NULL: without `name`).
 * 0, or with err -E2BIG, -ENOENT (no such policy), -ENOMEM.
 */
int user_texts_with(const struct user *u, const char *name, const char *text, size_t len,
                    struct policy_text **out, unsigned *n, struct err *err);
/*
 * May this user's rules be stored? Only root may use SAs of other key managers and names of peers.
 * 0, or -EPERM with err.
 */
int user_check_rules(const struct rules *own, uid_t uid, struct err *err);
/* Takes over the texts and the rules that were compiled from them. */
void user_set_texts(struct users *us, struct user *u, const struct policy_text *text, unsigned n,
                    struct rules *own);

/*
 * Finds out which users have stored policies. False: the directory cannot be read, us->unlisted
 * says why, and any user may have some.
 */
bool users_list(struct users *us);
/* Starts reading u's files, unless they were read before. See u->unread afterwards. */
void user_need(struct users *us, struct user *u);
/* A copy of n texts in *copy (malloc()ed). 0 or -ENOMEM. */
int user_texts_copy(const struct policy_text *text, unsigned n, struct policy_text **copy);
bool user_has_text(const struct user *u, const char *name);
/* May u store one more policy? False with err: the user, or all users together, have too many. */
bool user_may_store(struct users *us, const struct user *u, struct err *err);
/* Reads u's files again, after they could not be used and have changed on disk. */
void user_read_again(struct users *us, struct user *u);
int user_write_text(const struct users *us, const struct user *u, const char *name,
                    const char *text, size_t len, struct err *err);
int user_remove_text(const struct users *us, const struct user *u, const char *name,
                     struct err *err);
int user_write_blocks(const struct users *us, const struct user *u, struct err *err);

#endif
