/*
 * The key manager: introductions, proofs and child SAs, carried out by a private charon that it
 * supervises.
 */
#ifndef BTNS_IKE_PRIVATE_MANAGER_H
#define BTNS_IKE_PRIVATE_MANAGER_H

#include "btnsd/base/loop.h"
#include "btnsd/ike/charon/charon.h"
#include "btnsd/ike/keys/credential.h"
#include "btnsd/ike/keys/hostkey.h"
#include "btnsd/ike/private/inlet.h"
#include "libapi/wire/addr.h"
#include "libapi/wire/service.h"

/* As responder: which child SAs one peer may bring up with us between one pair of addresses. */
struct ike_entry {
    struct btns_addr local, remote; /* port 0 */
    /* With inner addresses (BEET mode): where the peer is known to be; family 0: anywhere. */
    struct btns_addr outer;
    struct btns_key key;
    const struct credential *cert; /* NULL: a raw key */
    uint32_t reqid;                /* for its child SAs; 0: none */
    struct inlets inlets;
};

/* One child SA that IKE is asked for: the selector of exactly one service of one peer. */
struct ike_service {
    struct btns_key key;
    struct btns_addr local, remote; /* port 0 */
    struct btns_addr outer;         /* as in struct ike_entry */
    struct service to;              /* the peer's */
    uint32_t reqid;
    const struct credential *cert; /* the peer must prove the key by it; NULL: by the raw key */
    uint32_t in_reqid; /* for child SAs that the peer may bring up with us; without in_reqid and */
    const struct inlets *inlets; /* inlets charon would offer `reqid` for them; NULL: unchanged */
    bool replace; /* ends first an older child SA for this service that charon may still have */
    const char *suite; /* strongSwan's esp_proposals; static storage */
    unsigned lifetime; /* of each SA, in seconds; 0: charon's own */
};

enum ike_result {
    IKE_OK,
    IKE_REFUSED,    /* the peer refused us, perhaps because it does not know us yet */
    IKE_DECLINED,   /* both are authenticated, but the child SA was not made */
    IKE_WRONG_PEER, /* the peer could not authenticate as it must: a retry would not help */
    IKE_SILENT,     /* no answer in time */
    IKE_NO_WAY,     /* there is no route to the address, or no host at it */
    IKE_AGAIN,      /* the peer's IKE daemon is restarting, or too slow: worth another try */
    IKE_BROKEN,     /* a fault at our end: no charon, a malformed answer, no resources */
};

/* key: the key that an introduction claimed (IKE_OK), else NULL. why: for a person, never NULL. */
typedef void ike_done(void *arg, enum ike_result result, const struct btns_key *key,
                      const char *why);

/* What NAT detection found (RFC 7296, section 2.23). */
struct ike_nat {
    bool local, remote; /* this end's address is translated; the other end's address is */
};

struct ike_ops {
    /*
     * charon is about to get a connection by which SAs may come up between these addresses, and
     * later: has it no more. Called once for each key. May be NULL. -errno: charon does not get the
     * connection.
     */
    int (*connection)(void *arg, const struct btns_addr *local, const struct btns_addr *remote);
    void (*connection_gone)(void *arg, const struct btns_addr *local,
                            const struct btns_addr *remote);
    /* charon runs and has btnsd's key. Called again after each restart of charon. */
    void (*ready)(void *arg);
    /* As responder: a peer at `remote` claims `key`. Nothing is proved. */
    void (*introduced)(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                       const struct btns_key *key);
    /* As responder: a peer at `remote` has this certificate, of an authority that is wanted. */
    void (*certified)(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                      const struct credential *cert);
    /* A child SA came up by a new exchange, not by a rekey: send by its SPI. */
    void (*child_up)(void *arg, uint32_t reqid, uint32_t spi_out, const struct ike_nat *nat);
    /* The peer with this key says that its own address, behind its NAT, is `inner`. */
    void (*inner)(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                  const struct btns_key *key, const struct btns_addr *inner);
    /* charon died; it will be started again. The kernel's state is as charon left it. */
    void (*died)(void *arg, const char *why);
    /* A peer claims a key for which others vouch. Nothing is verified. May be NULL. */
    void (*vouched)(void *arg, const struct rotation *r);
    /* Is anything latched to the peer with this key? */
    bool (*latched)(void *arg, const struct btns_key *peer);
    /* Nothing needs our old key any more. */
    void (*retired)(void *arg);
    /* charon cannot be started, or takes no commands; btnsd goes on trying. */
    void (*away)(void *arg, const char *why);
};

struct ike;
struct ike_task;

struct ike *ike_new(struct loop *l, const struct charon_paths *paths, const struct hostkey *host,
                    const struct ike_ops *ops, void *arg);
/*
 * The host key (ike_new()) has been replaced. A peer with latches keeps the old key, for its new
 * latches too, until it has none any more; all other peers get the new key. Not to be called again
 * while ike_old_key_needed() is true.
 */
void ike_rotated(struct ike *k, const struct hostkey *old);
/*
 * At start: `path` (borrowed) is the file that names the peers which see the old key; `old` is that
 * key, or NULL. These peers go on seeing it, as after ike_rotated().
 */
void ike_old_key(struct ike *k, const struct hostkey *old, const char *path);
bool ike_old_key_needed(const struct ike *k);
/* The key of ours that this peer sees. */
const struct btns_key *ike_own_key(const struct ike *k, const struct btns_addr *local,
                                   const struct btns_addr *remote, const struct btns_key *key);
/* Starts charon; ops->ready follows. 0 or -errno. */
int ike_start(struct ike *k, struct err *err);
/*
 * charon will make SAs in BEET mode, from now on or, before ike_start(), from its start. If it runs
 * with a configuration without that, it is started again.
 */
void ike_use_beet(struct ike *k);
/* Ends charon (its SAs with it) and waits for it. */
void ike_free(struct ike *k);
bool ike_is_ready(const struct ike *k);
bool ike_is_off(const struct ike *k);      /* paths.binary is "none" */
pid_t ike_charon_pid(const struct ike *k); /* 0: not running */
/* Call it on SIGCHLD. True: pid was charon. */
bool ike_reaped(struct ike *k, pid_t pid, int status);

/*
 * May charon work at one more task of this user? Each may take charon 9 s. Tasks with hosts whose
 * key is not known (stranger) must leave some room for others. False with err.
 */
bool ike_room(const struct ike *k, uid_t user, bool stranger, struct err *err);
/*
 * t was started for this user, and counts against the user's limit as long as charon works at it,
 * even after it was cancelled.
 */
void ike_charge(struct ike_task *t, uid_t user);
/*
 * Asks which key is at `remote`. done is called exactly once, later, unless the task is cancelled.
 */
struct ike_task *ike_introduce(struct ike *k, const struct btns_addr *local,
                               const struct btns_addr *remote, unsigned ms, ike_done *done,
                               void *arg);
/*
 * Asks the peer at e->remote for a certificate of this authority, by an IKE SA without child SAs.
 */
struct ike_task *ike_certify(struct ike *k, const struct ike_entry *e, const char *ca_file,
                             const char *ca_pem, unsigned ms, ike_done *done, void *arg);
/*
 * The certificates that a certify task has found, valid while its done is called; the caller frees
 * them.
 */
struct credentials ike_task_credentials(const struct ike_task *t);
/* Tells charon our own certificate (borrowed; NULL or empty: none). */
struct own_cert;
void ike_set_certificate(struct ike *k, const struct own_cert *own);
bool ike_has_certificate(const struct ike *k);
/*
 * As responder: replaces the list of authorities whose certificates we accept, between begin and
 * end.
 */
void ike_authorities_begin(struct ike *k);
void ike_authority_want(struct ike *k, const char *file, const char *pem);
void ike_authorities_end(struct ike *k);
/* Brings up the child SA of `s` with a peer that proves s->key. */
struct ike_task *ike_prove(struct ike *k, const struct ike_service *s, unsigned ms, ike_done *done,
                           void *arg);
/*
 * The peer may have lost its SAs: has it prove s->key by a new IKE SA with a new child SA of `s`,
 * beside the present SAs. These are ended when the proof has succeeded, and stay otherwise. NULL
 * also while another service of the peer has such a proof under way, and for `pause` ms after one
 * has succeeded.
 */
struct ike_task *ike_renew(struct ike *k, const struct ike_service *s, unsigned pause, unsigned ms,
                           ike_done *done, void *arg);
/*
 * Brings up the child SA for ICMP errors beside that of `s`, with the same peer. Its SAs have the
 * reqid for child SAs that the peer may bring up. NULL also if there is no connection with it.
 */
struct ike_task *ike_icmp(struct ike *k, const struct ike_service *s, unsigned ms, ike_done *done,
                          void *arg);
/* Has it deleted, without waiting for that. */
void ike_icmp_end(struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                  const struct btns_key *key);
/*
 * Deletes the child SA of `s`, with the peer; also the IKE SA when nothing else uses it but the
 * child SA for ICMP errors. Of each user a few such tasks are under way; the others wait.
 */
struct ike_task *ike_close(struct ike *k, const struct ike_service *s, uid_t user, ike_done *done,
                           void *arg);
/*
 * The SA is needed again: a task that waits for others like it ends soon, as if it had deleted the
 * SA. False: the peer was asked already.
 */
bool ike_close_keep(struct ike_task *t);
/* Was the peer asked to delete the SA at least `ms` ago? */
bool ike_close_unanswered(const struct ike_task *t, unsigned ms);
void ike_cancel(struct ike_task *t);
/* Cancels an introduction and ends it in charon, too, where it would block the next one. */
void ike_abort_introduction(struct ike_task *t);
/* Has charon sent the first message of this task's exchange? */
bool ike_task_asked(const struct ike_task *t);
/* From now on, the end of this task is reported to `done`. */
void ike_hand_over(struct ike_task *t, ike_done *done, void *arg);
/* Has the peer answered anything of this task's exchange? */
bool ike_task_answered(const struct ike_task *t);
/* As responder: lets this peer bring up child SAs through these inlets. 0 or -errno. */
int ike_allow(struct ike *k, const struct ike_entry *e);
/*
 * Like ike_allow() for a key that is only claimed: until the key is proved, newer claims may
 * displace it.
 */
int ike_allow_claimed(struct ike *k, const struct ike_entry *e);
/* The peer has proved its key, so that its connection stays. */
void ike_proved(struct ike *k, const struct ike_entry *e);
/*
 * No guard needs this service of the peer any more. Unless `stays`, no guard needs the peer's key
 * any more, either.
 */
void ike_release(struct ike *k, const struct ike_service *s, bool stays);
/* known_peers has forgotten this key: its connections are treated as only claimed. */
void ike_forgotten(struct ike *k, const struct btns_key *key);
/* Does charon have a connection with this key? Without one, no SA can come up with it. */
bool ike_knows(const struct ike *k, const struct btns_key *key);
/*
 * Does charon have a connection with this key between these addresses, begun by us or allowed by
 * us?
 */
bool ike_expects(const struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                 const struct btns_key *key);
/* Takes back what ike_allow() has allowed, and deletes the SAs that came up. */
void ike_disallow(struct ike *k, const struct ike_entry *e);
/*
 * Like ike_disallow(), but only if the peer may bring up SAs: an entry only for SAs that this host
 * brings up stays.
 */
void ike_shut(struct ike *k, const struct ike_entry *e);
/* Like ike_shut() for every address with this key; also ends SAs that this host brought up. */
void ike_shut_key(struct ike *k, const struct btns_key *key);
/* Ends the IKE SAs with this peer, so that the peer notices that its SAs are useless. */
void ike_hang_up(struct ike *k, const struct ike_entry *e);
/* Like ike_hang_up(), without waiting for the peer to confirm. */
void ike_end(struct ike *k, const struct ike_entry *e);
/* Like ike_hang_up() for every address with this key. */
void ike_hang_up_key(struct ike *k, const struct btns_key *key);
/* Calls cb for each entry that is allowed now; cb may change that entry. */
void ike_each_entry(struct ike *k, void (*cb)(void *arg, const struct ike_entry *e), void *arg);
/* The certificate by which this key was accepted, or NULL. The caller gets a reference. */
struct credential *ike_credential(struct ike *k, const struct btns_addr *local,
                                  const struct btns_addr *remote, const struct btns_key *key);

#endif
