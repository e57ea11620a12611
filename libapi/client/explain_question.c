/* Asks btnsd what it would decide (BTNS_REQ_EXPLAIN); changes nothing. */
#include "libapi/client/explain_question.h"

#include "libapi/wire/protocol.h"

#include <errno.h>
#include <string.h>

static int fill_explain_message(struct btns_explain *msg, const struct explain_question *q,
                                struct err *err)
{
    msg->flags = q->flags;
    msg->protocol = q->protocol ? q->protocol : PROTOCOL_UNSAID;
    msg->policy = q->policy;
    msg->remote = q->address;
    if (strlen(q->program) >= sizeof msg->program) {
        err_set(err, "%.400s: the path is longer than %zu bytes", q->program,
                sizeof msg->program - 1);
        return -ENAMETOOLONG;
    }
    strcpy(msg->program, q->program);
    return 0;
}

int explain_ask(const char *socket, const struct explain_question *q,
                struct btns_verdict_msg *answer, struct err *err)
{
    struct btns_explain msg = {.flags = 0};
    union btns_reply r;
    int ret = fill_explain_message(&msg, q, err);
    if (!ret)
        ret = ask_one(socket, &msg.hdr, sizeof msg, BTNS_REQ_EXPLAIN, BTNS_REP_VERDICT, &r, err);
    if (!ret)
        *answer = r.verdict;
    return ret;
}

int explain_candidates(const char *socket, const struct explain_question *q, ask_each *each,
                       void *arg, struct btns_verdict_msg *answer, struct err *err)
{
    struct btns_candidates msg = {.uid = q->uid, .gids = q->gids};
    union btns_reply r;
    int ret = fill_explain_message(&msg.question, q, err);
    memcpy(msg.gid, q->gid, sizeof msg.gid);
    snprintf(msg.cgroup, sizeof msg.cgroup, "%s", q->cgroup ? q->cgroup : "");
    if (!ret)
        ret = ask_records(socket, &msg.question.hdr, sizeof msg, BTNS_REQ_CANDIDATES,
                          BTNS_REP_CANDIDATE, BTNS_REP_VERDICT, &r, each, arg, err);
    if (!ret)
        *answer = r.verdict;
    return ret;
}

const char *explain_question_verdict(uint32_t verdict)
{
    static const char *const names[] = {
        [BTNS_V_CLEAR] = "clear",
        [BTNS_V_PROTECTED] = "protected",
        [BTNS_V_UNPROTECTED] = "unprotected",
        [BTNS_V_DENIED] = "denied",
    };
    return verdict >= 1 && verdict < sizeof names / sizeof *names ? names[verdict] : "?";
}
