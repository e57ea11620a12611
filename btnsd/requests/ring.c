/* A program offers memory for its one-way messages (see server/rings.h). */
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"
#include "btnsd/server/rings.h"

bool on_ring(struct btnsd *d, struct request *r)
{
    return client_offers_ring(r->client, r->fd, &r->from, epoch_btnsd(d->epoch));
}
