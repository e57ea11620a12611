/* Tells a program why its connection failed. */
#include "btnsd/latch/registry/registry.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"
#include "libapi/wire/refusal.h"

#include <errno.h>
#include <string.h>

bool on_connect_failure(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    memcpy(&q, r->hdr, sizeof q);
    const struct latch *l = r->from.uid ? registry_find(d->latches, q.cookie, r->from.uid)
                                        : registry_next(d->latches, q.cookie, NULL);
    if (!l) {
        answer_verdict(d, r->client, &q, BTNS_V_CLEAR, 0, 0, "");
        return true;
    }
    static const enum btns_verdict verdicts[] = {
        [BTNS_S_LISTENER] = BTNS_V_PROTECTED,      [BTNS_S_LARVAL] = BTNS_V_PROTECTED,
        [BTNS_S_ESTABLISHED] = BTNS_V_PROTECTED,   [BTNS_S_FAILED] = BTNS_V_DENIED,
        [BTNS_S_UNPROTECTED] = BTNS_V_UNPROTECTED, [BTNS_S_CLOSED] = BTNS_V_DENIED,
    };
    enum btns_verdict v = verdicts[latch_state(l)];
    answer_verdict(d, r->client, &q, v, v == BTNS_V_DENIED ? ERRNO_UNPROTECTED : 0, 0,
                   l->reason ? l->reason : l->rule);
    return true;
}
