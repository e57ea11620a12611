/* Finds out whether btnsd made a connect() fail that it had allowed before. */
#ifndef BTNS_SHIM_CONNECT_REFUSED_H
#define BTNS_SHIM_CONNECT_REFUSED_H

#include "libapi/wire/addr.h"

/*
 * If btnsd has refused the connection, prints why and returns btnsd's errno; otherwise returns
 * `error`.
 */
int connect_refused_because(int fd, const struct btns_addr *remote, int error);

#endif
