/* btnsd's whole state, and the order in which its parts lean on each other. */
#ifndef BTNS_DAEMON_H
#define BTNS_DAEMON_H

#include "btnsd/base/loop.h"
#include "btnsd/events/audit.h"
#include "btnsd/events/events.h"
#include "btnsd/ike/keys/owncert.h"
#include "btnsd/ike/private/manager.h"
#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/floor/mandatory.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/registry/registry.h"
#include "btnsd/rules/ask/view.h"
#include "btnsd/running/review_user.h"
#include "btnsd/users/reading_queue.h"
#include "btnsd/users/users.h"
#include "btnsd/xfrm/xfrm.h"

#define USER_POLICIES      256
#define USER_POLICIES_EACH 32

/* Rules a user submitted for own processes (btns-run --policy). */
struct user_policy {
    uint64_t handle; /* 0: free */
    uid_t uid;
    uint64_t used; /* ms, loop_now */
    struct rules *rules;
};

/* Addresses where protection was not to be had a moment ago: `prefer` does not wait again. */
#define MISSES  64
#define MISS_MS 30000
struct miss {
    struct btns_addr addr;
    uint64_t until;
    char why[256];
};

struct server;
struct watcher;
struct epoch;
struct count_by_user;

struct btnsd {
    struct loop *loop;
    struct rules_sources sources;
    const char *sequences; /* file of packages' numbers */
    struct rules *rules;
    char refused[BTNS_TEXT_MAX]; /* why the newest policy was refused, or "" */
    struct user_policy user_policy[USER_POLICIES];
    struct users users;
    struct audit audit;
    struct readings readings;
    struct hostkey host;
    struct peers *peers;
    struct xfrm *xfrm;
    struct sockdiag *sockets;
    struct addresses *addresses;
    struct ike *ike;
    struct system_ike *system;
    bool system_lost;  /* and that was told */
    bool manager_lost; /* likewise of our own charon */
    struct own_cert own_cert;
    struct guards guards;
    struct floors floors;
    struct mandatory mandatory; /* in the kernel */
    struct registry *latches;
    struct timer sweep;            /* sockets.c */
    uint64_t lost;                 /* ms, loop_now: reports of sockets' ends were; 0: dealt with */
    struct count_by_user *waiting; /* connect()s that wait for a guard */
    struct server *server;
    struct events events;
    struct watcher *watchers;       /* watch.c */
    struct count_by_user *watching; /* these, by user */
    struct epoch *epoch;
    struct miss miss[MISSES];
    bool ready; /* the IKE daemon took our credentials */
    int ready_fd;
    uint64_t started;    /* seconds since 1970 */
    uint64_t evaluation; /* how often rules that run already was looked at anew */
    struct stale stale;
};

/* reload.c: 0, or -errno with the old generation in force and d->refused set. */
int btnsd_reload(struct btnsd *d);
/* reevaluate.c: what runs already, under the rules in force now: everything, or one latch. */
void latches_reevaluate(struct btnsd *d);
/* At start: the floors that an earlier btnsd left are made anew, by the rules in force. */
void listeners_know_again(struct btnsd *d);
void latch_reevaluate(struct btnsd *d, struct latch *l);
/* At start: the mandatory rules' entries, and away with what an earlier btnsd left of others. */
int rules_into_kernel(struct btnsd *d, struct err *err);
/* certificate.c: this host's own, read again; what is wrong with it leaves the host without. */
void btnsd_load_certificate(struct btnsd *d);

/* policy.c: user policies */

/*
 * What a user's process is subject to; with a handle (of btns-run --policy) his rules of that name
 * and mandatory ones alone. NULL, or why nothing can be decided.
 */
const char *view_for(struct btnsd *d, uid_t uid, uint64_t handle, struct view *v);
/* A user's stored policies or blocks are others now; `by` did it. */
void rules_user_changed(struct btnsd *d, uid_t by, const struct user *u, const char *what,
                        const char *name);

/* miss.c */
void miss_note(struct btnsd *d, const struct btns_addr *a, const char *why);
const char *miss_find(const struct btnsd *d, const struct btns_addr *a);

#endif
