/* Reads the facts about the process that made a request. */
#include "btnsd/requests/request_sender.h"

#include "btnsd/plan/sender.h"

#include <unistd.h>

int request_read_sender(const struct request *r, const struct view *view, struct asker *a,
                        struct err *err)
{
    const struct sender s = {r->from, r->opener, client_peer_process(r->client, r->from.pid)};
    int rc = sender_look(view, &s, a, err);
    if (s.process >= 0)
        close(s.process);
    return rc;
}
