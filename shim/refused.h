/* A connect() that was allowed and has failed: was it btnsd's doing? */
#ifndef BTNS_SHIM_REFUSED_H
#define BTNS_SHIM_REFUSED_H

#include "libapi/wire/addr.h"

/* Says why, and returns btnsd's errno for it; `error` as it is when this is nobody's doing here. */
int refused_because(int fd, const struct btns_addr *remote, int error);

#endif
