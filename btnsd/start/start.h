/* btnsd's parts: started in the order in which they lean on each other, and taken down. */
#ifndef BTNS_PARTS_H
#define BTNS_PARTS_H

#include "btnsd/start/options.h"
#include "btnsd/state/daemon.h"

/* 0, or -errno with the reason in err; parts_stop() is due in either case. */
int parts_start(struct btnsd *d, const struct options *o, struct err *err);
void parts_stop(struct btnsd *d);

#endif
