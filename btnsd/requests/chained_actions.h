/*
 * Carries out a rule's `sign` and `random-port` on the passed socket, before the verdict is sent.
 */
#ifndef BTNS_REQUESTS_CHAINED_ACTIONS_H
#define BTNS_REQUESTS_CHAINED_ACTIONS_H

#include "btnsd/plan/connect_plan.h"
#include "btnsd/plan/facts.h"

/* 0, or -errno for the program, with the reason in err. rule NULL: does nothing. */
int chained_connect(int fd, const struct socket_facts *f, const struct rule *rule,
                    const struct btns_addr *remote, struct err *err);

#endif
