/* Answers to libbtns. */
#include "btnsd/requests/api_answer.h"

#include <string.h>

bool api_is_type(unsigned type)
{
    return type >= BTNS_API_SET_POLICY && type <= BTNS_API_LAST;
}

void api_answer_begin(struct api_answer *a, const struct btns_hdr *q, int error, const char *text)
{
    const struct btns_hdr h = {BTNS_API_VERSION, BTNS_API_ANSWER, q->id};
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
