/* As responder: which of our services is a peer let in to? */
#ifndef BTNS_LATCH_ADMISSION_SERVED_H
#define BTNS_LATCH_ADMISSION_SERVED_H

#include "btnsd/latch/admission/applicant.h"

bool serve_admits(const struct guards *gs, const struct applicant *who, struct service service,
                  const char **suite, struct err *err);
const struct demand *serve_demand(const struct guards *gs, const struct applicant *who,
                                  struct service service);
struct inlets serve_inlets(const struct guards *gs, const struct applicant *who);

#endif
