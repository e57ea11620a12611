/* The UDP ports of IKE: charon goes on without one that another program has, so btnsd looks first,
 * and keeps them while no charon runs. */
#ifndef BTNS_IKE_CHARON_IKE_PORTS_H
#define BTNS_IKE_CHARON_IKE_PORTS_H

#include "libapi/wire/err.h"

#include <sys/types.h>

#define IKE_PORTS 4 /* 500 and 4500, IPv4 and IPv6 */

/* Zeroed and then ports_init(): holds none. */
struct ike_ports {
    int fd[IKE_PORTS];
};

void ports_init(struct ike_ports *p);
/* Binds them, as far as they are not taken. 0, or -EADDRINUSE with err that says by which user. */
int ports_hold(struct ike_ports *p, struct err *err);
void ports_release(struct ike_ports *p);
/*
 * Is it `pid` that has the ports? Another program may have bound one between ports_release() and
 * charon's start. 0, or -EADDRINUSE with err as above. A port that nobody has (a host without
 * IPv6) is no fault.
 */
int ports_belong(pid_t pid, struct err *err);

#endif
