/* Builds the answers to libbtns: attributes, to which a later version may add others. */
#ifndef BTNS_REQUESTS_API_ANSWER_H
#define BTNS_REQUESTS_API_ANSWER_H

#include "btnsd/server/server.h"
#include "libapi/wire/attrs.h"

struct api_answer {
    struct attrs_out out; /* further attributes are put here */
    _Alignas(struct btns_hdr) unsigned char buf[BTNS_API_MAX];
};

/* Does this type belong to libbtns? */
bool api_is_type(unsigned type);
/* Begins an answer to q with an errno (0: none), and a text for it (NULL: none). */
void api_answer_begin(struct api_answer *a, const struct btns_hdr *q, int error, const char *text);
void api_answer_send(struct client *c, struct api_answer *a);
/*
 * Does the request have an attribute that this btnsd does not know, or one of a wrong length? If
 * so, answers with an error: an attribute must not be ignored. SET_POLICY's reader checks its
 * attributes itself.
 */
bool api_refuses(struct client *c, const struct btns_hdr *q, size_t len);
/* Sends an answer with only an errno and a text. */
void api_answer(struct client *c, const struct btns_hdr *q, int error, const char *text);

#endif
