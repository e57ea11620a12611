/* The answers that several requests use: a verdict, the end of a list. */
#include "btnsd/requests/answer.h"
#include "btnsd/requests/api_answer.h"
#include "btnsd/server/epoch.h"

#include <errno.h>
#include <stdio.h>

static enum btns_outcome answer_outcome(int error)
{
    switch (error) {
    case 0:
        return BTNS_O_DONE;
    case ENOENT:
        return BTNS_O_UNKNOWN;
    case EPERM:
    case EACCES:
        return BTNS_O_DENIED;
    default:
        return BTNS_O_FAILED;
    }
}

struct btns_about answer_about_request(struct client *c, const struct btns_hdr *q, int error)
{
    struct btns_about about = *client_about(c);
    about.request = q->type;
    about.outcome = (uint16_t)answer_outcome(error);
    return about;
}

void answer_about_service(struct client *c, const char *service)
{
    struct btns_about *about = client_about(c);
    snprintf(about->service, sizeof about->service, "%s", service);
}

/* Answers libbtns, in the form that it understands. */
static void answer_library(struct client *c, const struct btns_hdr *q, int error,
                           enum btns_verdict verdict, const char *text)
{
    struct api_answer a;
    api_answer_begin(&a, q, error, error || verdict == BTNS_V_UNPROTECTED ? text : NULL);
    api_answer_send(c, &a);
}

void answer_verdict(struct btnsd *d, struct client *c, const struct btns_flow *q,
                    enum btns_verdict verdict, int error, uint32_t flags, const char *text)
{
    refused_socket_set(&d->refused_sockets, q->cookie, verdict == BTNS_V_DENIED ? text : NULL);
    answer_claimed(d, c, q, verdict, error, flags, text);
}

void answer_claimed(struct btnsd *d, struct client *c, const struct btns_flow *q,
                    enum btns_verdict verdict, int error, uint32_t flags, const char *text)
{
    if (api_is_type(q->hdr.type)) {
        answer_library(c, &q->hdr, error, verdict, text);
        return;
    }
    struct btns_verdict_msg m = {
        .hdr = {BTNS_WIRE_VERSION, BTNS_REP_VERDICT, q->hdr.id},
        .verdict = verdict,
        .error = (uint32_t)error,
        .flags = flags,
        .cookie = q->cookie,
        .epoch = epoch_now(d->epoch),
    };
    m.about = answer_about_request(c, &q->hdr, error);
    snprintf(m.text, sizeof m.text, "%s", text);
    client_send(c, &m, sizeof m, q->flags & BTNS_F_PAGE ? epoch_fd(d->epoch) : -1);
}

struct btns_end_msg answer_end_message(uint32_t id, int error, const char *text)
{
    struct btns_end_msg m = {
        .hdr = {BTNS_WIRE_VERSION, BTNS_REP_END, id},
        .error = (uint32_t)error,
    };
    snprintf(m.text, sizeof m.text, "%s", text);
    return m;
}

void answer_end(struct client *c, const struct btns_hdr *q, int error, const char *text)
{
    struct btns_end_msg m = answer_end_message(q->id, error, text);
    m.about = answer_about_request(c, q, error);
    client_send(c, &m, sizeof m, -1);
}

bool answer_list(struct client *c, const struct btns_hdr *q, struct list *l, uid_t uid)
{
    if (!l)
        answer_end(c, q, ENOMEM, "btnsd is out of memory");
    else if (!client_list(c, l, uid))
        answer_end(c, q, EBUSY, "too many lists of yours are not read yet");
    return true;
}
