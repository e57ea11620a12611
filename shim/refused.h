/* A connect() that was allowed and has failed: was it btnsd's doing? */
#ifndef BTNS_SHIM_REFUSED_H
#define BTNS_SHIM_REFUSED_H

#include "libapi/wire/addr.h"

/* Says why the call failed, and returns btnsd's errno; `error` itself when btnsd has not refused
 * it. */
int refused_because(int fd, const struct btns_addr *remote, int error);

#endif
