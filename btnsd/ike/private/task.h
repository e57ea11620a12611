/* One job for charon that takes several VICI commands, on a connection of its own. */
#ifndef BTNS_IKE_TASK_H
#define BTNS_IKE_TASK_H

#include "btnsd/ike/private/config.h"

/*
 * A connection of its own, because `initiate` and `terminate` answer only when the peer has, and a
 * VICI connection carries one command at a time.
 */
struct ike_task {
    struct ike_task *next;
    struct ike *ike;
    const struct task_step *step; /* the one whose answer is awaited */
    struct vici_conn *vici;
    struct watch watch;
    struct timer limit;
    unsigned ms;
    struct ike_conn *conn; /* prove, close */
    struct ike_service service;
    struct btns_addr local, remote; /* introduce */
    char name[IKE_NAME];            /* of the IKE connection */
    char child[IKE_NAME];
    ike_done *done; /* NULL once called, or cancelled */
    void *arg;
    struct btns_key claimed;
    bool has_claim;
    char *ca_file, *ca_pem; /* certify, learn; owned */
    char subject[512];      /* whom the certificate must name, as charon says it */
    struct credentials found;
    bool named;       /* and these do */
    bool registering; /* the next answer is to the event registration */
    bool over;
    bool children; /* close: the IKE SA still carries child SAs */
    bool began,
        answered; /* what `initiate` was seen to do: a new IKE SA; a message from the peer */
    enum ike_result result;
    char why[256];
};

/* How one step begins, and what its answer and events mean. */
struct task_step {
    const char *command;
    void (*build)(struct ike_task *t, struct vici_msg *m);
    /* Returns the next step, or NULL: finished. body NULL: the command is not known to charon. */
    const struct task_step *(*answer)(struct ike_task *t, const void *body, size_t len);
    void (*event)(struct ike_task *t, const char *name, const void *body, size_t len);
    const char *stream; /* event to register for first, or NULL */
};

extern const struct task_step task_introduce, task_prove, task_prove_again, task_close;
extern const struct task_step task_initiate;            /* what is configured already */
extern const struct task_step task_certify, task_learn; /* certify.c */

/* steps.c: what steps of several jobs consist of. */
bool step_succeeded(struct ike_task *t, const void *body, size_t len);
void step_log(struct ike_task *t, const char *name, const void *body, size_t len);
void step_build_initiate(struct ike_task *t, struct vici_msg *m);
void step_build_ike(struct ike_task *t, struct vici_msg *m);
void step_build_end(struct ike_task *t, struct vici_msg *m);
void step_build_unload(struct ike_task *t, struct vici_msg *m);
const struct task_step *step_finished(struct ike_task *t, const void *body, size_t len);

/* A job that is not started yet; NULL without memory. */
struct ike_task *task_new(unsigned ms, ike_done *done, void *arg);
/* The same for a peer that comes with a certificate of this authority; NULL, too, when charon has
 * not got our credentials yet.
 */
struct ike_task *task_of_authority(struct ike *k, const char *file, const char *pem, unsigned ms,
                                   ike_done *done, void *arg);
/* Opens the connection and sends the first step's command; NULL when charon is away. */
struct ike_task *task_start(struct ike *k, struct ike_task *t, const struct task_step *first);
/* Calls done, once. */
void task_report(struct ike_task *t, enum ike_result r, const char *why);
void task_free(struct ike_task *t);

/* The key that "remote-id" at this path names; false when it names none. */
bool ike_claimed_key(const void *body, size_t len, const char *path, struct btns_key *key);

/* What this log line of charon says of the exchange: perhaps why it failed. */
void task_log_line(struct ike_task *t, const char *line);

#endif
