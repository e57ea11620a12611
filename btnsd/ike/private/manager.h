/* The key manager: introductions, proofs and child SAs, through a private charon that it
 * supervises. */
#ifndef BTNS_IKE_MANAGER_H
#define BTNS_IKE_MANAGER_H

#include "btnsd/base/loop.h"
#include "btnsd/ike/charon/charon.h"
#include "btnsd/ike/keys/credential.h"
#include "btnsd/ike/keys/hostkey.h"
#include "btnsd/ike/private/inlet.h"
#include "libapi/wire/addr.h"
#include "libapi/wire/service.h"

/* As responder: what one peer, at one pair of addresses, may bring up with us. */
struct ike_entry {
    struct btns_addr local, remote; /* port 0 */
    struct btns_key key;
    const struct credential *cert; /* NULL: a raw key */
    uint32_t reqid;                /* of its child SAs; 0: none */
    struct inlets inlets;
};

/* What is asked of IKE for one service of one peer: one child SA with exactly this selector. */
struct ike_service {
    struct btns_key key;
    struct btns_addr local, remote; /* port 0 */
    struct service to;              /* the peer's */
    uint32_t reqid;
    const struct credential *cert; /* with which it must prove the key; NULL: the raw key */
    uint32_t in_reqid;             /* of what the peer may bring up with us: without it, and */
    const struct inlets *inlets;   /* these, charon would offer this; NULL: as they are */
    bool replace;      /* charon may still believe in an earlier child SA of it: that goes first */
    const char *suite; /* strongSwan's esp_proposals; static storage */
    unsigned lifetime; /* seconds, of each of its SAs; 0: charon's own */
};

enum ike_result {
    IKE_OK,
    IKE_REFUSED, /* the peer could not authenticate as asked, or would not have us */
    IKE_SILENT,  /* no answer in time */
    IKE_AGAIN,   /* the peer's IKE daemon is just beginning anew: worth another try */
    IKE_BROKEN,  /* our own side: charon away, a malformed answer, no resources */
};

/* key: what an introduction claimed (IKE_OK), else NULL. why: for a person, never NULL. */
typedef void ike_done(void *arg, enum ike_result result, const struct btns_key *key,
                      const char *why);

/* What NAT detection found (RFC 7296, section 2.23). */
struct ike_nat {
    bool local, remote; /* this end's, that end's address is translated */
};

struct ike_ops {
    /* charon runs, with our key: again after each restart of it. */
    void (*ready)(void *arg);
    /* As responder: somebody at `remote` claims `key`. Nothing is proved. */
    void (*introduced)(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                       const struct btns_key *key);
    /* As responder: somebody at `remote` has this certificate, of an authority that is wanted. */
    void (*certified)(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                      const struct credential *cert);
    /* A child SA came up by a new exchange, no rekey: its outgoing SPI is the one to use. */
    void (*child_up)(void *arg, uint32_t reqid, uint32_t spi_out, const struct ike_nat *nat);
    /* The peer with this key says that its own address, behind its NAT, is `inner`. */
    void (*inner)(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                  const struct btns_key *key, const struct btns_addr *inner);
    /* charon died; it is started again by itself. Kernel state is as it left it. */
    void (*died)(void *arg, const char *why);
    /* Nor can it be started, which is tried again. */
    void (*away)(void *arg, const char *why);
};

struct ike;
struct ike_task;

struct ike *ike_new(struct loop *l, const struct charon_paths *paths, const struct hostkey *host,
                    const struct ike_ops *ops, void *arg);
/* Starts charon; ops->ready follows. 0 or -errno. */
int ike_start(struct ike *k, struct err *err);
/* Ends charon (its SAs with it) and waits for it. */
void ike_free(struct ike *k);
bool ike_is_ready(const struct ike *k);
bool ike_is_off(const struct ike *k);      /* paths.binary is "none" */
pid_t ike_charon_pid(const struct ike *k); /* 0: not running */
/* To be called on SIGCHLD: true if pid was charon. */
bool ike_reaped(struct ike *k, pid_t pid, int status);

/* Asks who is at `remote`. done is called exactly once, later, unless the task is cancelled. */
struct ike_task *ike_introduce(struct ike *k, const struct btns_addr *local,
                               const struct btns_addr *remote, unsigned ms, ike_done *done,
                               void *arg);
/* Asks for a certificate of this authority at e->remote: an IKE SA that carries nothing. */
struct ike_task *ike_certify(struct ike *k, const struct ike_entry *e, const char *ca_file,
                             const char *ca_pem, unsigned ms, ike_done *done, void *arg);
/* What such a task has found, while its done is called; for the caller to free. */
struct credentials ike_task_credentials(const struct ike_task *t);
/* Our own certificate (borrowed; NULL or empty: none): charon is told. */
struct own_cert;
void ike_set_certificate(struct ike *k, const struct own_cert *own);
bool ike_has_certificate(const struct ike *k);
/* As responder: who may certify himself is told anew, between begin and end. */
void ike_authorities_begin(struct ike *k);
void ike_authority_want(struct ike *k, const char *file, const char *pem);
void ike_authorities_end(struct ike *k);
/* Brings up the child SA of `s` with a peer that proves s->key. */
struct ike_task *ike_prove(struct ike *k, const struct ike_service *s, unsigned ms, ike_done *done,
                           void *arg);
/* Deletes the child SA of `s`, with the peer; also the IKE SA when nothing else uses it. */
struct ike_task *ike_close(struct ike *k, const struct ike_service *s, ike_done *done, void *arg);
void ike_cancel(struct ike_task *t);
/* As responder: lets this peer bring up child SAs through these inlets. 0 or -errno. */
int ike_allow(struct ike *k, const struct ike_entry *e);
/* The same for a key that is only claimed: until it is proved, it gives way to later ones. */
int ike_allow_claimed(struct ike *k, const struct ike_entry *e);
/* It has proved that key: its connection stays. */
void ike_proved(struct ike *k, const struct ike_entry *e);
/* Nothing needs this service of it any more; nor the key, unless it `stays`. */
void ike_release(struct ike *k, const struct ike_service *s, bool stays);
/* known_peers has forgotten this key: it is as good as one that was only claimed. */
void ike_forgotten(struct ike *k, const struct btns_key *key);
/* Has charon a connection with this key? Else no SA can come up with it. */
bool ike_knows(const struct ike *k, const struct btns_key *key);
/* Has charon a connection with this key between these addresses, from us or let in by us? */
bool ike_expects(const struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                 const struct btns_key *key);
/* Takes that back; established SAs with it are deleted. */
void ike_disallow(struct ike *k, const struct ike_entry *e);
/* The same if it may bring up anything: what only we bring up is not touched. */
void ike_shut(struct ike *k, const struct ike_entry *e);
/* Ends the IKE SAs with this peer, so that it notices that what it has is of no use. */
void ike_hang_up(struct ike *k, const struct ike_entry *e);
/* The same wherever it is: it is no longer where it was let in. */
void ike_hang_up_key(struct ike *k, const struct btns_key *key);
/* What is allowed now; cb may change that of the entry it is given. */
void ike_each_entry(struct ike *k, void (*cb)(void *arg, const struct ike_entry *e), void *arg);
/* The certificate with which this key came in, or NULL; with a reference for the caller. */
struct credential *ike_credential(struct ike *k, const struct btns_addr *local,
                                  const struct btns_addr *remote, const struct btns_key *key);

#endif
