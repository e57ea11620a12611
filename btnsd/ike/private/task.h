/* A task: one job for charon that takes several VICI commands, on a connection of its own. */
#ifndef BTNS_IKE_PRIVATE_TASK_H
#define BTNS_IKE_PRIVATE_TASK_H

#include "btnsd/ike/private/config.h"

/*
 * A task needs its own connection: `initiate` and `terminate` are answered only when the peer has
 * answered, and a VICI connection carries one command at a time.
 */
struct ike_task {
    struct ike_task *next;
    struct ike *ike;
    const struct task_step *step; /* the step whose answer is awaited */
    struct vici_conn *vici;
    struct watch watch;
    struct timer limit;
    unsigned ms;
    bool rests; /* waits before the next step: task_rest() */
    struct timer rest;
    bool charged, stranger; /* counted as `user`'s, and among those with unknown hosts */
    bool closing;           /* counted among `user`'s closes that are under way */
    bool waits;             /* of close: it has not begun */
    uint64_t asked;         /* of close: when it began (ms, loop_now) */
    bool needless; /* of close: the SA is gone, or is replaced: there is nothing to begin */
    uid_t user;
    struct ike_conn *conn; /* set for prove and close */
    struct ike_service service;
    struct btns_addr local, remote; /* set for introduce */
    char name[IKE_NAME];            /* the name of the connection in charon */
    unsigned number;                /* number of the introduction or certification */
    char child[IKE_NAME];
    ike_done *done; /* NULL after the call or a cancellation */
    void *arg;
    struct btns_key claimed;
    bool has_claim;
    char *ca_file, *ca_pem; /* set for certify and learn; owned */
    char subject[512];      /* the subject that the certificate must have, as charon writes it */
    struct credentials found;
    bool named;       /* `found` has certificates with that subject */
    bool registering; /* the next answer is to the event registration */
    bool over;
    bool renews;    /* `name` is to become the name of `conn` */
    bool children;  /* close: the IKE SA still carries child SAs */
    bool duplicate; /* the log says: charon has a child SA of that name, and makes no other */
    bool began,
        answered; /* according to the log: `initiate` began a new IKE SA; the peer answered */
    enum ike_result result;
    char why[256];
};

/* A step of a task: its command, and the functions for its answer and events. */
struct task_step {
    const char *command;
    void (*build)(struct ike_task *t, struct vici_msg *m);
    /*
     * Returns the next step, or NULL when the job is done. body NULL: charon does not know the
     * command.
     */
    const struct task_step *(*answer)(struct ike_task *t, const void *body, size_t len);
    void (*event)(struct ike_task *t, const char *name, const void *body, size_t len);
    const char *stream; /* the event to register for first, or NULL */
};

extern const struct task_step task_introduce, task_prove, task_prove_again, task_close, task_renew;
extern const struct task_step task_initiate; /* initiates a connection that is loaded already */
extern const struct task_step task_certify, task_learn; /* certify.c */

/* steps.c: functions that the steps of several jobs share. */
bool step_succeeded(struct ike_task *t, const void *body, size_t len);
void step_log(struct ike_task *t, const char *name, const void *body, size_t len);
void step_build_initiate(struct ike_task *t, struct vici_msg *m);
void step_build_ike(struct ike_task *t, struct vici_msg *m);
void step_build_end(struct ike_task *t, struct vici_msg *m);
void step_build_unload(struct ike_task *t, struct vici_msg *m);
const struct task_step *step_finished(struct ike_task *t, const void *body, size_t len);

/* A new job, not started; NULL without memory. */
struct ike_task *task_new(unsigned ms, ike_done *done, void *arg);
/*
 * Like task_new() for a peer with a certificate of this authority. Returns NULL also while charon
 * does not have btnsd's credentials.
 */
struct ike_task *task_of_authority(struct ike *k, const char *file, const char *pem, unsigned ms,
                                   ike_done *done, void *arg);
/* A job about a service of the peer's; NULL also while charon does not have btnsd's credentials. */
struct ike_task *task_of_service(struct ike *k, const struct ike_service *s, unsigned ms,
                                 ike_done *done, void *arg);
/* Frees a job that was not started. */
void task_drop(struct ike_task *t);
/* Opens the connection and sends the first step's command. NULL without a charon. */
struct ike_task *task_start(struct ike *k, struct ike_task *t, const struct task_step *first);
/*
 * The next step is not urgent, and would delay the proof that now follows: it waits until a task on
 * a connection with the same peer has ended, but a second at most.
 */
void task_rest(struct ike_task *t);
/* Calls done, unless it was called or cancelled. */
void task_report(struct ike_task *t, enum ike_result r, const char *why);
void task_free(struct ike_task *t);

/*
 * Gets the key that the identity at this path claims, and reports a statement in it
 * (ike_ops.vouched). False: the identity is no claim.
 */
bool ike_claimed_key(const struct ike *k, const void *body, size_t len, const char *path,
                     struct btns_key *key);

/* Reads a line of charon's log about the exchange: it may say why the exchange failed. */
void task_log_line(struct ike_task *t, const char *line);

#endif
