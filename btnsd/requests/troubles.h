/* What a person should mend although btnsd goes on. */
#ifndef BTNS_REQUESTS_TROUBLES_H
#define BTNS_REQUESTS_TROUBLES_H

#include "btnsd/state/daemon.h"

/* Writes them to buf, a line each; what finds no room is counted in the last. */
void troubles_list(const struct btnsd *d, char *buf, size_t size);

#endif
