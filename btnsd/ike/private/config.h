/* The connections charon is given, as VICI messages (pure). */
#ifndef BTNS_IKE_CONFIG_H
#define BTNS_IKE_CONFIG_H

#include "btnsd/ike/keys/owncert.h"
#include "btnsd/ike/private/ike_sas.h"
#include "btnsd/ike/private/manager.h"
#include "btnsd/ike/vici/vici.h"

#define IKE_NAME 128

/* A key connection: one peer key at one pair of addresses, and what each side may ask for. */
struct ike_conn {
    struct ike_conn *next;
    struct btns_key key;
    struct btns_addr local, remote;
    struct credential *cert; /* the peer's, and ours is used, too; NULL: raw keys */
    char name[IKE_NAME];
    uint64_t claimed;   /* ms, loop_now: by whom has not proved it yet (provisional.c); else 0 */
    bool up;            /* an IKE SA of it was established, some time */
    struct ike_sas sas; /* IKE SAs of it that are */
    uint32_t in_reqid;  /* of the child SAs the peer may bring up; 0: none */
    struct inlets inlets;
    struct ike_service *service;
    size_t services, service_room;
};

#define CONN_PREFIX      "peer-"
#define CERTIFIED_PREFIX "certified-"
/*
 * "peer-<16 hex of the key>-<local address>-<remote address>-<number>", or "certified-..." by
 * certificate: the number tells apart what a stranger can choose, since a name that comes again
 * replaces the connection that had it.
 */
void config_conn_name(char name[IKE_NAME], const struct btns_key *key, bool certified,
                      const struct btns_addr *local, const struct btns_addr *remote,
                      unsigned number);
/*
 * Every key connection has this child, which no peer accepts: udp from the one port to the
 * other. By asking for it an end behind a NAT tells its own address (inner.c).
 */
#define INNER_CHILD "address"
#define INNER_FROM  61001
#define INNER_TO    61002
/* "<protocol>-<port>-<reqid>" */
void config_child_name(char name[IKE_NAME], const struct ike_service *s);

/* What every btnsd answers introductions with. */
void config_responder(struct vici_msg *m, const char *name, const struct btns_key *own);
/* What one of ours introduces itself with. */
void config_introduction(struct vici_msg *m, const char *name, const struct btns_key *own,
                         const struct btns_addr *local, const struct btns_addr *remote);
/* What one of ours asks for a certificate with, and what answers; of the authority `ca`. */
void config_certify(struct vici_msg *m, const char *name, const struct own_cert *own,
                    const struct btns_addr *local, const struct btns_addr *remote, const char *ca);
void config_certify_responder(struct vici_msg *m, const char *name, const struct own_cert *own,
                              const char *ca);
/* cert: our own one, for a peer that has one. */
void config_key_conn(struct vici_msg *m, const struct ike_conn *c, const struct btns_key *own,
                     const struct own_cert *cert);

/* config_child.c: the section of a key connection's child SAs. */
void config_children(struct vici_msg *m, const struct ike_conn *c);

/* The published secret of introductions: it proves nothing, and says which protocol this is. */
extern const char config_published_secret[];

#endif
