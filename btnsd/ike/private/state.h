/* The key manager's own state, shared by its files and nobody else. */
#ifndef BTNS_IKE_STATE_H
#define BTNS_IKE_STATE_H

#include "btnsd/ike/keys/owncert.h"
#include "btnsd/ike/private/claimed_keys.h"
#include "btnsd/ike/private/task.h"

#define CLAIMED_KEYS_MAX 512
#define RESPONDER        "introductions" /* the connection that answers them */

struct control_ops;

struct ike {
    struct loop *loop;
    struct charon_paths paths;
    const struct hostkey *host;
    const struct ike_ops *ops;
    void *arg;
    char socket[108];
    pid_t charon;
    bool loaded; /* key, secret and responder are with charon */
    unsigned attempts;
    struct timer start;
    struct vici_conn *control; /* short commands, and the events */
    const struct control_ops *control_ops;
    struct watch watch;
    unsigned answers; /* of the credential commands, still awaited */
    bool dead;        /* the control connection closed; freed outside of its callback */
    unsigned names;   /* counter for introductions and connections */
    struct ike_conn *conns;
    const struct own_cert *own; /* or NULL */
    struct ike_authority *authorities;
    struct ike_arrival *arrivals;
    bool new_authorities;
    struct ike_task *tasks;
    struct timer tick;      /* supervise.c */
    struct timer lost;      /* likewise: how long there was no charon that takes commands */
    char trouble[256];      /* and why */
    bool heard;             /* it has answered something since the last tick */
    unsigned silent;        /* ticks, since it did */
    struct timer sweep;     /* provisional.c */
    unsigned introductions; /* IKE SAs in which others introduced themselves */
    unsigned refused;       /* introductions, since that was last said */
};

/* control.c: what the control connection tells its owner. */
struct control_ops {
    void (*answered)(struct ike *k); /* charon has answered a command */
    void (*closed)(struct ike *k);   /* charon closed the connection, and so has control.c */
};
int control_open(struct ike *k, const struct control_ops *ops, struct err *err);
void control_close(struct ike *k);
/* command.c: sends a short command; m is freed. 0 or -errno. */
int control_command(struct ike *k, const char *name, struct vici_msg *m);
/* Watches for room to write as long as a command waits for it. */
void control_rewatch(struct ike *k);
/* Sends a key connection as it stands now. 0 or -errno. */
int ike_load_conn(struct ike *k, const struct ike_conn *c);
/* Ends IKE SAs, by "ike" (their connection's name) or "ike-id", without waiting. */
void ike_end_sa(struct ike *k, const char *by, const char *what);
/* credentials.c: gives charon everything that it needs before its first exchange. */
void credentials_load(struct ike *k);
/* authorities.c */
void authorities_load(struct ike *k);
void authorities_free(struct ike *k);
/* The event ike-updown; false: it is of nobody who certifies himself to us. */
bool authorities_updown(struct ike *k, const void *body, size_t len);
/* supervise.c */
void ike_end_charon(struct ike *k);
/* inner.c: asks the peer of a child SA's IKE SA for one that it refuses, so that it sees our
 * address.
 */
void inner_tell(struct ike *k, const void *child_updown, size_t len);
/* charon has logged something. */
void inner_heard(struct ike *k, const void *log, size_t len);
/* The address that a refused request for INNER_CHILD came from, as logged (pure). */
bool inner_parse(const char *line, struct btns_addr *inner);
/* conns.c */
struct ike_conn *conn_find(const struct ike *k, const struct ike_entry *e);
struct ike_conn *conn_get(struct ike *k, const struct ike_entry *e); /* found, or made */
/* Takes over certificate, reqid and inlets. *changed: charon has to be told. 0 or -ENOMEM. */
int conn_take(struct ike_conn *c, const struct ike_entry *e, bool *changed);
int conn_add_service(struct ike_conn *c, const struct ike_service *s);
void conn_drop_service(struct ike_conn *c, const struct ike_service *s);
void conn_free(struct ike *k, struct ike_conn *c);
struct ike_conn *conn_named(struct ike *k, const char *name);
/* provisional.c: makes room for one more claimed connection from `remote`; false: it cannot. */
bool provisional_room(struct ike *k, const struct btns_addr *remote);
/* c is only claimed, from now on. */
void provisional_conn(struct ike *k, struct ike_conn *c);
/* charon has an IKE SA more, or less, in which somebody introduced himself. */
void provisional_introduction(struct ike *k, bool up);
/* Says what was refused, now and then. */
void provisional_report(struct ike *k);

#endif
