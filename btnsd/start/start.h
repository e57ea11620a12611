/* Starts the parts of btnsd, each after the parts that it needs, and stops them. */
#ifndef BTNS_START_START_H
#define BTNS_START_START_H

#include "btnsd/start/options.h"
#include "btnsd/state/daemon.h"

/* 0, or -errno with the reason in err. Call parts_stop() in both cases. */
int parts_start(struct btnsd *d, const struct options *o, struct err *err);
void parts_stop(struct btnsd *d);

#endif
