/* struct btnsd: the whole state of the daemon. */
#ifndef BTNS_STATE_DAEMON_H
#define BTNS_STATE_DAEMON_H

#include "btnsd/base/loop.h"
#include "btnsd/events/audit.h"
#include "btnsd/events/events.h"
#include "btnsd/ike/keys/own_cert.h"
#include "btnsd/ike/private/manager.h"
#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/floor/mandatory.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/registry/registry.h"
#include "btnsd/rules/ask/view.h"
#include "btnsd/rules/compile/policy_set.h"
#include "btnsd/state/acceptors.h"
#include "btnsd/state/name_lookup.h"
#include "btnsd/state/plain_hosts.h"
#include "btnsd/state/recent_failures.h"
#include "btnsd/state/refused_sockets.h"
#include "btnsd/state/signature_watch.h"
#include "btnsd/state/translation_state.h"
#include "btnsd/state/user_review.h"
#include "btnsd/users/reading_queue.h"
#include "btnsd/users/run_policies.h"
#include "btnsd/users/users.h"
#include "btnsd/xfrm/xfrm.h"

struct server;
struct watcher;
struct epoch;
struct count_by_user;
struct early_floor;
struct socket_wishes;
struct living_keys;

struct btnsd {
    struct loop *loop;
    struct rules_sources sources;
    const char *run_dir, *state_dir; /* directories that keep the policy in force; NULL: none */
    const char *sequences;           /* file with the sequence numbers of policy packages */
    struct rules *rules;
    struct policy_set texts;      /* the texts from which `rules` were compiled */
    char refused[BTNS_TEXT_MAX];  /* why the newest policy was refused, or "" */
    char in_force[BTNS_TEXT_MAX]; /* which rules are in force, if not those of the files; or "" */
    char no_rules[BTNS_TEXT_MAX]; /* why programs are refused while there is no policy; or "" */
    char not_kept[BTNS_TEXT_MAX]; /* why the policy in force could not be stored, or "" */
    struct names_retry names_retry;
    struct run_policies run_policies;
    struct users users;
    struct socket_wishes *wishes; /* policies that programs set on single sockets */
    bool shut_entries;            /* the SPD entries that block shut sockets are written */
    struct audit audit;
    struct readings readings;
    struct hostkey host;
    struct peers *peers;
    struct timer revocation;  /* ends the latches to revoked keys */
    uint64_t revocation_mark; /* the mark of guards_ops.settle() for that */
    struct xfrm *xfrm;
    struct sockdiag *sockets;   /* of TCP */
    struct sockdiag *datagrams; /* of UDP */
    struct addresses *addresses;
    struct ike *ike;
    struct system_ike *system;
    bool system_lost;  /* the system's IKE daemon is gone, and that was reported */
    bool manager_lost; /* our own charon is gone, and that was reported */
    struct own_cert own_cert;
    struct guards guards;
    struct floors floors;
    struct mandatory mandatory; /* SPD entries of the mandatory rules in force */
    struct registry *latches;
    bool latches_lost;       /* the file with an earlier btnsd's latches cannot be read */
    struct timer sweep;      /* the next lost_sockets_sweep() */
    struct timer follow;     /* runs while messages from before addresses_mark are unread */
    uint64_t addresses_mark; /* a mark (server_mark()) of when addresses changed */
    uint64_t lost;           /* ms, loop_now: reports that sockets ended were lost; 0: none */
    struct early_floor *early_floors;         /* sockets with a floor that do not listen yet */
    struct timer early_floors_timer;          /* for the next look at them */
    struct count_by_user *early_floor_counts; /* number of them, by user */
    struct timer floor_checks;                /* for the next look whether listeners still listen */
    struct count_by_user *waiting;            /* connect()s that wait for a guard, by user */
    struct server *server;
    struct acceptors acceptors;
    struct events events;
    struct watcher *watchers;       /* clients of btnsctl watch */
    struct count_by_user *watching; /* number of watchers, by user */
    struct epoch *epoch;
    struct recent_failures recent_failures;
    struct refused_sockets refused_sockets;
    struct plain_hosts plain_hosts;
    const char *plain_file; /* file that keeps plain_hosts; NULL: none */
    struct timer plain_timer;
    struct signatures signatures;
    bool inner_names;                /* the names of inner addresses are kept in a file */
    struct timer inner_names_timer;  /* the file is to be written */
    struct living_keys *living_keys; /* connections signed by TCP-AO */
    size_t living_key_count;
    struct translation translation;
    bool ready; /* charon has loaded our credentials */
    int ready_fd;
    uint64_t started;    /* seconds since 1970 */
    uint64_t evaluation; /* how often running connections and listeners were reviewed */
    struct user_review user_review;
};

#endif
