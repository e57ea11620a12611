/* Peers that reach our listeners through SAs of another key manager: do the floors accept them? */
#ifndef BTNS_LATCH_ADMISSION_CALLERS_H
#define BTNS_LATCH_ADMISSION_CALLERS_H

#include "btnsd/latch/guard/guard.h"

/* A peer without a guard for a service of ours that accepts SAs of another key manager. */
struct caller {
    struct btns_addr local, remote; /* port 0 */
    struct service service;
    const struct key_source *source;
    const struct suite *asked;
};

/* How our listeners' floors treat a guard for such a peer, strictest last. */
enum reception {
    RECEPTION_NONE,      /* no program listens there, or the floor accepts any peer */
    RECEPTION_SERVED,    /* the floors ask for the guard's peer and suite */
    RECEPTION_DISCARDED, /* a floor blocks every peer, above guards */
    RECEPTION_OTHERWISE, /* a floor asks for something else; `why` says what */
};

/* *asked: the suite that the listeners ask for, or NULL. */
enum reception callers_reception(const struct guards *gs, const struct guard *g,
                                 const struct suite **asked, char why[BTNS_TEXT_MAX]);
/* Does a listener need this guard, whether a connection uses it or not? */
bool callers_want(const struct guard *g);
/* Does any listener accept SAs of this key manager? */
bool callers_need(const struct guards *gs, enum keys keys);
/* Calls cb for each listener that accepts SAs of this key manager between the two addresses. */
void callers_each(struct guards *gs, enum keys keys, const struct btns_addr *local,
                  const struct btns_addr *remote,
                  void (*cb)(struct guards *gs, const struct caller *c, void *arg), void *arg);
/* Logs that the caller was refused and sends an event, once for each reason. */
void callers_kept_out(struct guards *gs, const struct caller *c, enum btns_reason code,
                      const char *why);

#endif
