/* Handles exchanges of the private key manager that have failed or have to wait. */
#ifndef BTNS_LATCH_KEYING_EXCHANGE_H
#define BTNS_LATCH_KEYING_EXCHANGE_H

#include "btnsd/ike/private/manager.h"
#include "btnsd/latch/guard/guard.h"

bool certificate_wanted(const struct guard *g); /* does the rule ask for the peer's certificate? */
/* charon died, or has no room: requests wait, within their own time limits. */
void exchange_later(struct guard *g);
/* The same exchange once more, after a pause that grows with the number of tries. */
void exchange_soon(struct guard *g);
/* The exchange of g, which is introducing or proving, has failed: acts as exchange_decide.h says.
 */
void exchange_failed(struct guard *g, enum ike_result result, const char *why);

#endif
