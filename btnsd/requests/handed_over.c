/*
 * A program that cannot reach the path of btnsd's socket any more hands over one end of a socket
 * pair.
 */
#include "btnsd/server/handed_over.h"
#include "btnsd/requests/table.h"

bool on_handed_over(struct btnsd *d, struct request *r)
{
    (void)d;
    if (!client_hands_over(r->client, r->fd, &r->from))
        return false;
    r->fd = -1; /* a client has it now */
    return true;
}
