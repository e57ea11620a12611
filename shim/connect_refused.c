/*
 * btnsd may end a connection, or the kernel may refuse its packets, when the guard fails while a
 * blocking connect() waits for the peer. Then btnsd is asked for the reason.
 */
#include "shim/connect_refused.h"

#include "shim/ask.h"
#include "shim/flow.h"
#include "shim/outcome.h"
#include "shim/sock.h"

#include <errno.h>

int connect_refused_because(int fd, const struct btns_addr *remote, int error)
{
    struct ask a = {.fd = -1, .limit = ASK_SOON};
    uint64_t cookie = sock_cookie(fd);
    bool ours = error == ECONNRESET || error == ECONNABORTED || error == EPIPE || error == EPERM;
    if (!ours || !cookie)
        return error;
    flow_init(&a.flow, BTNS_REQ_CONNECT_FAILURE, sock_protocol_number(fd), cookie);
    a.flow.remote = *remote;
    if (ask(&a) != ASK_ANSWERED ||
        (a.reply.verdict != BTNS_V_DENIED && a.reply.verdict != BTNS_V_UNPROTECTED))
        return error;
    int why = outcome_of_verdict(remote, &a.reply);
    return why ? why : error;
}
