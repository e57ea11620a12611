/* Connecting without a question to btnsd. */
#ifndef SHIM_WARM_H
#define SHIM_WARM_H

#include "shim/verdicts.h"

/* True: there was a verdict for this destination, it holds for this socket, and btnsd was told. */
bool warm_connect(int fd, const struct btns_addr *remote);

#endif
