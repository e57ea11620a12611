/* Builds the answers to libbtns. */
#include "btnsd/requests/api_answer.h"

#include "libapi/btns/ipsec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool api_is_type(unsigned type)
{
    return type >= BTNS_API_SET_POLICY && type <= BTNS_API_LAST;
}

void api_answer_begin(struct api_answer *a, const struct btns_hdr *q, int error, const char *text)
{
    /* Answers in the version of the question: the program may be older than btnsd. */
    const struct btns_hdr h = {q->version, BTNS_API_ANSWER, q->id};
    memcpy(a->buf, &h, sizeof h);
    a->out = (struct attrs_out){.buf = a->buf, .room = sizeof a->buf, .len = sizeof h};
    attrs_put_u32(&a->out, BTNS_API_ERROR, (uint32_t)error);
    attrs_put_text(&a->out, BTNS_API_TEXT, text);
}

void api_answer_send(struct client *c, struct api_answer *a)
{
    client_send(c, a->buf, a->out.len, -1);
}

void api_answer(struct client *c, const struct btns_hdr *q, int error, const char *text)
{
    struct api_answer a;
    api_answer_begin(&a, q, error, text);
    api_answer_send(c, &a);
}

/* The attributes that requests may carry, and the length of each; 0: any length. */
static const struct {
    unsigned request;
    uint32_t type;
    size_t len;
} carried[] = {
    {BTNS_API_CONNECT, BTNS_API_FLAGS, sizeof(uint32_t)},
    {BTNS_API_CONNECT, BTNS_API_FD, sizeof(uint32_t)},
    {BTNS_API_CONNECT, BTNS_API_REMOTE, 0},
    {BTNS_API_CONNECT, BTNS_API_POLICY, 0},
    {BTNS_API_CONNECT, IPSEC_CHANNEL_PEER_KEY_TYPE, sizeof(uint32_t)},
    {BTNS_API_CONNECT, IPSEC_CHANNEL_PEER_KEY, 0},
    {BTNS_API_INQUIRE, BTNS_API_REMOTE, 0},
    {BTNS_API_INQUIRE, BTNS_API_LOCAL, 0},
    {BTNS_API_INQUIRE, BTNS_API_CAME, sizeof(uint64_t)},
    {BTNS_API_SET_PEER, IPSEC_CHANNEL_PEER_KEY_TYPE, sizeof(uint32_t)},
    {BTNS_API_SET_PEER, IPSEC_CHANNEL_PEER_KEY, 0},
};

static int check_api_attribute(unsigned request, const struct attr *a)
{
    uint32_t flags = 0;
    for (size_t i = 0; i < sizeof carried / sizeof *carried; i++) {
        if (carried[i].request != request || carried[i].type != a->type)
            continue;
        if (carried[i].len && carried[i].len != a->len)
            return EINVAL;
        bool unknown = a->type == BTNS_API_FLAGS && attr_u32(a, &flags) &&
                       flags & ~(BTNS_F_NONBLOCK | BTNS_F_SENDS);
        return unknown ? EOPNOTSUPP : 0;
    }
    return EOPNOTSUPP;
}

bool api_refuses(struct client *c, const struct btns_hdr *q, size_t len)
{
    char text[200];
    struct attr a;
    int error = 0;
    if (q->type == BTNS_API_SET_POLICY)
        return false;
    for (size_t at = 0; !error && attrs_next(q + 1, len - sizeof *q, &at, &a) > 0;)
        error = check_api_attribute(q->type, &a);
    if (!error)
        return false;
    snprintf(text, sizeof text, "the request's attribute %#x %s: restart btnsd after an upgrade",
             a.type, error == EINVAL ? "has a wrong length" : "says what this btnsd does not know");
    api_answer(c, q, error, text);
    return true;
}
