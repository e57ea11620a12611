/* Lists what a person should mend although btnsd goes on, one line each, for btnsctl status. */
#ifndef BTNS_REQUESTS_TROUBLES_H
#define BTNS_REQUESTS_TROUBLES_H

#include "btnsd/state/daemon.h"

/* Writes one line for each to buf; the last line counts those that do not fit. */
void troubles_list(const struct btnsd *d, char *buf, size_t size);

#endif
