/* The key manager's own state, for the files of this room only. */
#ifndef BTNS_IKE_PRIVATE_STATE_H
#define BTNS_IKE_PRIVATE_STATE_H

#include "btnsd/base/count_by_user.h"
#include "btnsd/ike/charon/ike_ports.h"
#include "btnsd/ike/keys/own_cert.h"
#include "btnsd/ike/private/claimed_keys.h"
#include "btnsd/ike/private/task.h"

#define CLAIMED_KEYS_MAX 512
#define RESPONDER        "introductions" /* charon's connection that answers introductions */

struct control_ops;

/* A peer that sees our old key, because it may have latches to it. */
struct old_peer {
    struct btns_addr local, remote;
    struct btns_key key;
    unsigned unneeded; /* ticks in a row without such a latch */
};

struct ike {
    struct loop *loop;
    struct charon_paths paths;
    const struct hostkey *host;
    struct hostkey
        old; /* the key before it, as long as a connection needs it; .pkcs8_len 0: none */
    struct timer retire;  /* rotate.c */
    const char *old_path; /* file that names these peers, for a restart; NULL: none */
    struct old_peer *old_peer;
    size_t old_peers, old_peer_room;
    const struct ike_ops *ops;
    void *arg;
    char socket[108];
    pid_t charon;
    uint64_t started;       /* ms, loop_now: when it was started last */
    struct ike_ports ports; /* held while no charon runs */
    bool ports_taken;       /* logged: another program has an IKE port */
    bool has_ports;         /* charon has the IKE ports; false: not checked yet */
    bool loaded;            /* charon has our key, the secret and the responder's connection */
    unsigned attempts;
    struct timer start;
    struct vici_conn *control; /* short commands, and the events */
    const struct control_ops *control_ops;
    struct watch watch;
    unsigned answers; /* commands that charon has not answered yet */
    bool dead;        /* the control connection closed; it is freed outside of its callback */
    unsigned names;   /* numbers the names of introductions and connections */
    struct ike_conn *conns, *claims; /* all connections; those whose key is only claimed */
    struct hash_table by_end, by_key, by_name; /* conns.c */
    const struct own_cert *own;                /* or NULL */
    struct ike_authority *authorities;
    struct ike_arrival *arrivals;
    bool new_authorities;
    struct ike_task *tasks;
    struct count_by_user *asked;     /* number of tasks, by user, that charon works at */
    struct count_by_user *strangers; /* of these, the tasks with hosts whose key is not known */
    struct count_by_user *closing;   /* the tasks that delete SAs, and charon works at */
    struct ike_task *closes;         /* those that wait: close.c */
    struct timer close_turn;
    void (*on_close_turn)(struct timer *timer);
    struct timer tick;      /* supervise.c */
    struct timer lost;      /* supervise.c: runs while no charon takes commands */
    char trouble[256];      /* why no charon takes commands */
    bool heard;             /* charon has answered since the last tick */
    unsigned silent;        /* ticks since charon last answered */
    struct timer sweep;     /* provisional.c */
    unsigned introductions; /* IKE SAs by which peers introduced themselves */
    unsigned refused;       /* introductions refused since that was last logged */
};

/* control.c: calls from the control connection to the key manager. */
struct control_ops {
    /*
     * charon has answered a command; loaded: charon now has all credentials and connections. False:
     * charon is being ended.
     */
    bool (*answered)(struct ike *k, bool loaded);
    void (*closed)(struct ike *k); /* charon closed the connection, so control.c did, too */
};
int control_open(struct ike *k, const struct control_ops *ops, struct err *err);
void control_close(struct ike *k);
/* command.c: sends a short command; m is freed. 0 or -errno. */
int control_command(struct ike *k, const char *name, struct vici_msg *m);
/* Watches for room to write while a command waits for it. */
void command_rewatch(struct ike *k);
/* Sends a key connection as it stands now. 0 or -errno. */
int ike_load_conn(struct ike *k, const struct ike_conn *c);
/* Ends IKE SAs, by "ike" (their connection's name) or "ike-id", without waiting. */
void ike_end_sa(struct ike *k, const char *by, const char *what);
/* credentials.c: gives charon everything that it needs before its first exchange. */
void credentials_load(struct ike *k);
void credentials_load_host(struct ike *k); /* our key, and the connection that claims it */
/* authorities.c */
void authorities_load(struct ike *k);
void authorities_free(struct ike *k);
/* Handles the event ike-updown. False: it is not about a peer that shows us its certificate. */
bool authorities_updown(struct ike *k, const void *body, size_t len);
/* close_queue.c */
/* Lets t wait; on_turn() is called for a waiting task when it may begin. Returns t. */
struct ike_task *close_wait(struct ike *k, struct ike_task *t,
                            void (*on_turn)(struct timer *timer));
void close_turn_soon(struct ike *k);
/* A task is about to be freed, and if it was a close, the next one may begin. */
void close_ended(struct ike_task *t);
/*
 * The SA of this child, or (NULL) of all of this connection's, is gone or is being made anew:
 * closes of it that wait are not begun.
 */
void closes_needless(struct ike *k, const struct ike_conn *c, const char *child);
/* close.c */
void closes_drop(struct ike *k);
/* supervise.c */
void ike_end_charon(struct ike *k);
/* nat_inner.c: asks the peer for a child SA that it refuses, so that it sees our own address. */
void inner_tell(struct ike *k, const void *child_updown, size_t len);
/* Reads a line of charon's log, which may have a peer's inner address. */
void inner_heard(struct ike *k, const void *log, size_t len);
/*
 * Parses a log line about a refused request for INNER_CHILD: gets the address it came from. Pure.
 */
bool inner_parse(const char *line, struct btns_addr *inner);
/* child_sas.c: has the IKE SA, from list-sas, child SAs besides those for ICMP errors? (no I/O) */
bool ike_carries_services(const void *list_sa, size_t len);
/* old_peers.c */
bool old_peers_add(struct ike *k, const struct old_peer *p); /* false: out of memory */
void old_peers_drop(struct ike *k, size_t i);
bool old_peers_have(const struct ike *k, const struct ike_entry *e);
void old_peers_read(struct ike *k);
void old_peers_write(struct ike *k);
/* conns.c */
struct ike_conn *conn_find(const struct ike *k, const struct ike_entry *e);
struct ike_conn *conn_get(struct ike *k, const struct ike_entry *e); /* finds it, or makes it */
/* Takes over e's certificate, reqid and inlets. *changed: charon must be told. 0 or -ENOMEM. */
int conn_take(struct ike_conn *c, const struct ike_entry *e, bool *changed);
int conn_add_service(struct ike_conn *c, const struct ike_service *s);
void conn_drop_service(struct ike_conn *c, const struct ike_service *s);
void conn_free(struct ike *k, struct ike_conn *c);
void conn_rename(struct ike *k, struct ike_conn *c, const char *name);
/* Finds the connection also by the name that it gets when its renewal succeeds. */
struct ike_conn *conn_named(const struct ike *k, const char *name);
/*
 * The next connection with these values after `after` (NULL: the first), with or without a
 * certificate.
 */
struct ike_conn *conn_at(const struct ike *k, const struct btns_addr *local,
                         const struct btns_addr *remote, const struct btns_key *key,
                         const struct ike_conn *after);
/* The next connection with this key after `after`, or NULL. */
struct ike_conn *conn_with_key(const struct ike *k, const struct btns_key *key,
                               const struct ike_conn *after);
/* Records that c's key is claimed since `when`; 0: it is proved. */
void conn_claim(struct ike *k, struct ike_conn *c, uint64_t when);
/*
 * provisional.c: makes room for one more claimed connection from `remote`. False: there is no room.
 */
bool provisional_room(struct ike *k, const struct btns_addr *remote);
/* From now on the key of c is only claimed. */
void provisional_conn(struct ike *k, struct ike_conn *c);
/* charon has one more (up), or one less, of the IKE SAs by which peers introduce themselves. */
void provisional_introduction(struct ike *k, bool up);
/* Logs how many introductions were refused. */
void provisional_report(struct ike *k);

#endif
