/* Builds the connections that btnsd loads into charon, as VICI messages. Pure. */
#ifndef BTNS_IKE_PRIVATE_CONFIG_H
#define BTNS_IKE_PRIVATE_CONFIG_H

#include "btnsd/base/hash_table.h"
#include "btnsd/ike/keys/own_cert.h"
#include "btnsd/ike/private/ike_sas.h"
#include "btnsd/ike/private/manager.h"
#include "btnsd/ike/vici/vici.h"

#define IKE_NAME 128

/*
 * A key connection of charon's: one peer key between two addresses, and what each side may ask for.
 */
struct ike_conn {
    struct ike_conn *next, **link;            /* in the list of all */
    struct ike_conn *next_claim, **claim;     /* while its key is only claimed; else NULL */
    struct hash_link at_end, at_key, at_name; /* conns.c */
    struct btns_key key;
    /* Our key that this peer sees: after a rotation the old one, as long as the peer needs it. */
    struct btns_key own;
    struct btns_addr local, remote;
    struct btns_addr outer;  /* see struct ike_entry */
    struct credential *cert; /* the peer's certificate (we use ours, too); NULL: raw keys */
    char name[IKE_NAME];
    unsigned generation; /* raised for a new IKE SA beside the present one */
    bool renewing;       /* a task brings a new IKE SA up */
    uint64_t renewed;    /* ms, loop_now: when a new IKE SA last came up; 0: never */
    uint64_t claimed;    /* ms of loop_now: when its unproved key was claimed; else 0 */
    bool closes;         /* a service of it is being closed */
    unsigned tasks;      /* number of tasks that use it */
    bool up;             /* an IKE SA of this connection was established once */
    struct ike_sas sas;  /* its IKE SAs that exist now */
    uint32_t in_reqid;   /* of the child SAs the peer may bring up; 0: none */
    struct inlets inlets;
    struct ike_service *service;
    size_t services, service_room;
};

static inline bool conn_is_beet(const struct ike_conn *c)
{
    return btns_addr_is_inner(&c->remote);
}

#define CONN_PREFIX      "peer-"
#define CERTIFIED_PREFIX "certified-"
/*
 * Makes a name: "peer-<16 hex of the key>-<local address>-<remote address>-<number>", or
 * "certified-..." with a certificate. A stranger chooses most of that name, and a connection
 * replaces another with the same name; the number makes names unique.
 */
void config_conn_name(char name[IKE_NAME], const struct btns_key *key, bool certified,
                      const struct btns_addr *local, const struct btns_addr *remote,
                      unsigned number);
/*
 * Every key connection has this child, which no peer accepts: UDP from one port to the other. An
 * end behind a NAT asks for it so that the peer learns its own address (nat_inner.c).
 */
#define INNER_CHILD "address"
#define INNER_FROM  61001
#define INNER_TO    61002
/*
 * And this one, as soon as the peer may reach anything: ICMP between the two addresses, for errors
 * about packets that the SAs of services carry. A peer of an older btnsd refuses it.
 */
#define ICMP_CHILD "icmp"
/* "<protocol>-<port>-<reqid>" */
void config_child_name(char name[IKE_NAME], const struct ike_service *s);

/* The connection by which a btnsd answers introductions. */
void config_responder(struct vici_msg *m, const char *name, const struct hostkey *own);
/* The connection by which we introduce ourselves; `number` makes it a different one for charon. */
void config_introduction(struct vici_msg *m, unsigned number, const char *name,
                         const struct hostkey *own, const struct btns_addr *local,
                         const struct btns_addr *remote);
/*
 * The connection by which we ask a peer for a certificate of the authority `ca`, and the connection
 * that answers such a question.
 */
void config_certify(struct vici_msg *m, unsigned number, const char *name,
                    const struct own_cert *own, const struct btns_addr *local,
                    const struct btns_addr *remote, const char *ca);
void config_certify_responder(struct vici_msg *m, const char *name, const struct own_cert *own,
                              const char *ca);
/* cert: our own certificate, for a peer that has one. */
void config_key_conn(struct vici_msg *m, const struct ike_conn *c, const struct own_cert *cert);

/* config_child.c: the child SAs of a key connection. */
void config_children(struct vici_msg *m, const struct ike_conn *c);

/*
 * The pre-shared key of introductions, which is published. It proves nothing, but shows which
 * protocol is spoken.
 */
extern const char config_published_secret[];

#endif
