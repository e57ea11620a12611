/* Asks btnsd a question in the name of another process. */
#include "libapi/client/for_another.h"

#include "libapi/client/conversation.h"

#include <errno.h>
#include <poll.h>

#define SLICE 50 /* milliseconds between two checks whether the process still waits */

/* Waits for an answer for as long as the process wants it. */
static int wait_for_anothers_answer(const struct conversation *c, const struct ask_name *name,
                                    struct err *err)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    for (int64_t left = name->limit; left > 0; left -= SLICE) {
        if (poll(&p, 1, left < SLICE ? (int)left : SLICE) == 1)
            return 0;
        if (!name->wanted(name->arg)) {
            if (poll(&p, 1, 0) == 1) /* the answer came at the last moment */
                return 0;
            err_set(err, "the program does not wait any more");
            return -EINTR;
        }
    }
    err_set(err, "btnsd did not answer in time (%s)", c->path);
    return -ETIMEDOUT;
}

static int speak_for_another(struct conversation *c, int process, union btns_reply *reply,
                             struct err *err)
{
    struct btns_hdr msg;
    int ret = conversation_send(c, &msg, sizeof msg, BTNS_REQ_SPEAK, process, err);
    if (!ret)
        ret = conversation_receive(c, reply, err);
    if (!ret && reply->hdr.type != BTNS_REP_END)
        ret = refuse_answer(c, "of the wrong type", err);
    return ret ? ret : end_of_answer(&reply->end, err);
}

static int receive_anothers_verdict(const struct conversation *c, const struct ask_name *name,
                                    union btns_reply *reply, struct err *err)
{
    int ret = wait_for_anothers_answer(c, name, err);
    if (!ret)
        ret = conversation_receive(c, reply, err);
    if (!ret && reply->hdr.type == BTNS_REP_END)
        ret = end_of_answer(&reply->end, err);
    if (!ret && reply->hdr.type != BTNS_REP_VERDICT)
        ret = refuse_answer(c, "of the wrong type", err);
    return ret;
}

int ask_for_another(const char *path, struct btns_flow *msg, enum btns_type type,
                    const struct ask_name *name, union btns_reply *reply,
                    struct ask_outcome *outcome, struct err *err)
{
    struct conversation c;
    int ret = open_conversation(&c, path, err);
    outcome->fd = -1;
    if (!ret)
        ret = speak_for_another(&c, name->process, reply, err);
    if (!ret)
        ret = conversation_send(&c, &msg->hdr, sizeof *msg, type, name->socket, err);
    if (!ret)
        ret = receive_anothers_verdict(&c, name, reply, err);
    if (!ret && (reply->verdict.flags & BTNS_VF_LARVAL))
        *outcome = (struct ask_outcome){c.fd, c.id, type};
    else
        close_conversation(&c);
    return ret;
}

int ask_for_anothers_outcome(const char *path, struct ask_outcome *outcome,
                             const struct ask_name *name, union btns_reply *reply, struct err *err)
{
    struct conversation c = {outcome->fd, outcome->id, outcome->type, path};
    int ret = receive_anothers_verdict(&c, name, reply, err);
    close_conversation(&c);
    outcome->fd = -1;
    return ret;
}
