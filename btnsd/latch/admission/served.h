/* As responder: which of our services may a peer use? */
#ifndef BTNS_LATCH_ADMISSION_SERVED_H
#define BTNS_LATCH_ADMISSION_SERVED_H

#include "btnsd/latch/admission/applicant.h"

/* May the peer use this service? *suite: the suite it needs, or NULL. False with err. */
bool serve_admits(const struct guards *gs, const struct applicant *who, struct service service,
                  const char **suite, struct err *err);
/* The demand that a floor or a mandatory rule makes for this service, or NULL. */
const struct demand *serve_demand(const struct guards *gs, const struct applicant *who,
                                  struct service service);
/* All services that the peer may use, as ranges of ports. */
struct inlets serve_inlets(const struct guards *gs, const struct applicant *who);

#endif
