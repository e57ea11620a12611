/* Peers that call our listeners by SAs which another key manager made: what listeners' floors say.
 */
#ifndef BTNS_LATCH_ADMISSION_CALLERS_H
#define BTNS_LATCH_ADMISSION_CALLERS_H

#include "btnsd/latch/guard/guard.h"

/* One who may come to have a guard there, and has none. */
struct caller {
    struct btns_addr local, remote; /* port 0 */
    struct service service;
    const struct key_source *source;
    const struct suite *asked;
};

/* What our listeners make of a guard for callers, strictest last. */
enum reception {
    RECEPTION_NONE,      /* nothing: nobody listens there, or takes whoever comes */
    RECEPTION_SERVED,    /* they ask for just what it has */
    RECEPTION_DISCARDED, /* they keep everybody out, above guards */
    RECEPTION_OTHERWISE, /* they ask for something else: why says what */
};

/* *asked: the suite that the listeners ask for, or NULL. */
enum reception callers_reception(const struct guards *gs, const struct guard *g,
                                 const struct suite **asked, char why[BTNS_TEXT_MAX]);
/* Does a listener want this guard, whether somebody uses it or not? */
bool callers_want(const struct guard *g);
/* Does any listener take the SAs of such a manager? */
bool callers_need(const struct guards *gs, enum keys keys);
/* Those between these two addresses that take the SAs of such a manager. */
void callers_each(struct guards *gs, enum keys keys, const struct btns_addr *local,
                  const struct btns_addr *remote,
                  void (*cb)(struct guards *gs, const struct caller *c, void *arg), void *arg);
/* It is told once. */
void callers_kept_out(struct guards *gs, const struct caller *c, enum btns_reason code,
                      const char *why);

#endif
