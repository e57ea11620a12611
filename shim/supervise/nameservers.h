/* The name servers of this host's resolv.conf, which may be asked without protection. */
#ifndef BTNS_SHIM_SUPERVISE_NAMESERVERS_H
#define BTNS_SHIM_SUPERVISE_NAMESERVERS_H

#include "libapi/wire/addr.h"

#include <stdbool.h>

/* Is this port 53 of a server that /etc/resolv.conf names? For one thread only. */
bool nameserver_is(const struct btns_addr *a);

#endif
