/*
 * Makes the latches of connections whose messages were lost. accept() never waits for btnsd, so
 * when a program accepts faster than btnsd reads, its ring and then its link are full, and the shim
 * leaves messages out.
 */
#ifndef BTNS_REQUESTS_MISSED_ACCEPTS_H
#define BTNS_REQUESTS_MISSED_ACCEPTS_H

#include "btnsd/requests/table.h"

/*
 * The link that r came by was nearly full. Within a second, btnsd asks the kernel once for all
 * connections, and makes the latches that are missing at the listeners of the sender's program.
 */
void missed_accepts_expect(struct btnsd *d, const struct request *r);

#endif
