/* Makes the latch of a connection that a program has accepted. */
#ifndef BTNS_REQUESTS_ACCEPTED_H
#define BTNS_REQUESTS_ACCEPTED_H

#include "btnsd/requests/table.h"

/* Makes none if nothing protects the connection and no rule says that something should. */
void accepted_record(struct btnsd *d, const struct request *r, const struct btns_flow *q,
                     bool sure);

#endif
