/* Handles a program's message that it has accepted one connection, or several. */
#include "btnsd/requests/accept_scan.h"
#include "btnsd/requests/accepted.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/socket_owner.h"

#include <string.h>

/*
 * A message without addresses does not say which connections were accepted: btnsd asks the kernel.
 */
bool on_accepted(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    memcpy(&q, r->hdr, sizeof q);
    if (!q.local.family || !q.remote.family)
        accept_scan_expect(d, r, 0);
    else if (sender_owns_socket(d, &r->from, &q))
        accepted_record(d, r, &q, r->from.uid);
    return true;
}
