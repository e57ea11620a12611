/* Asking btnsd what it would decide, which changes nothing (BTNS_REQ_EXPLAIN). */
#include "explain.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

int explain_ask(const char *socket, const struct explain_question *q,
                struct btns_verdict_msg *answer, struct err *err)
{
    struct btns_explain msg = {.flags = q->flags, .protocol = IPPROTO_TCP, .policy = q->policy};
    union btns_reply r;

    if (strlen(q->program) >= sizeof msg.program) {
        err_set(err, "%.400s: the path is longer than %zu bytes", q->program,
                sizeof msg.program - 1);
        return -ENAMETOOLONG;
    }
    strcpy(msg.program, q->program);
    msg.remote = q->address;
    int ret = ask_one(socket, &msg.hdr, sizeof msg, BTNS_REQ_EXPLAIN, BTNS_REP_VERDICT, &r, err);
    if (!ret)
        *answer = r.verdict;
    return ret;
}

const char *explain_verdict(uint32_t verdict)
{
    static const char *const names[] = {
        [BTNS_V_CLEAR] = "clear",
        [BTNS_V_PROTECTED] = "protected",
        [BTNS_V_UNPROTECTED] = "unprotected",
        [BTNS_V_DENIED] = "denied",
    };
    return verdict >= 1 && verdict < sizeof names / sizeof *names ? names[verdict] : "?";
}
