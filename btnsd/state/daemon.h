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
#include "btnsd/state/recent_failures.h"
#include "btnsd/state/user_review.h"
#include "btnsd/users/reading_queue.h"
#include "btnsd/users/run_policies.h"
#include "btnsd/users/users.h"
#include "btnsd/xfrm/xfrm.h"

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
    struct run_policies run_policies;
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
    struct timer sweep;            /* for sockets that nobody reported gone */
    uint64_t lost;                 /* ms, loop_now: reports of sockets' ends were; 0: dealt with */
    struct count_by_user *waiting; /* connect()s that wait for a guard */
    struct server *server;
    struct events events;
    struct watcher *watchers;       /* clients of btnsctl watch */
    struct count_by_user *watching; /* these, by user */
    struct epoch *epoch;
    struct recent_failures recent_failures;
    bool ready; /* the IKE daemon took our credentials */
    int ready_fd;
    uint64_t started;    /* seconds since 1970 */
    uint64_t evaluation; /* how often rules that run already was looked at anew */
    struct user_review user_review;
};

#endif
