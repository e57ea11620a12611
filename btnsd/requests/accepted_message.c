/* A program says that it has accepted a connection, or some. */
#include "btnsd/requests/accept_scan.h"
#include "btnsd/requests/accepted.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/socket_owner.h"

#include <string.h>

/*
 * Without addresses the message says that connections were accepted, and not which: then the kernel
 * is asked.
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
