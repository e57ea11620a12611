/* btnsctl reload: reads the policy files again, and puts them into force. */
#include "btnsd/running/reload.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"

bool on_reload(struct btnsd *d, struct request *r)
{
    int rc = btnsd_reload(d);
    answer_end(r->client, r->hdr, -rc, rc ? d->refused : "");
    return true;
}
