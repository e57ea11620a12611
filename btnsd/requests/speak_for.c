/*
 * A supervisor (btns-run) asks on behalf of a process below it: rules, latches and the audit log
 * are then about that process. The gate has checked that it may.
 */
#include "btnsd/plan/kinship.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"

#include <errno.h>

bool on_speak(struct btnsd *d, struct request *r)
{
    struct ucred who;
    (void)d;
    if (!kinship_read(r->fd, &who)) {
        answer_end(r->client, r->hdr, ESRCH, "the process has ended");
        return true;
    }
    client_peer_speaks(r->client, r->from.pid, &who, r->fd);
    r->fd = -1; /* the connection has it now */
    answer_end(r->client, r->hdr, 0, "");
    return true;
}
