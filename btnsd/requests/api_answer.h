/* Answers to libbtns: attributes, of which a later version may send more. */
#ifndef BTNS_REQUESTS_API_ANSWER_H
#define BTNS_REQUESTS_API_ANSWER_H

#include "btnsd/server/server.h"
#include "libapi/wire/attrs.h"

struct api_answer {
    struct attrs_out out; /* further attributes are put here */
    _Alignas(struct btns_hdr) unsigned char buf[BTNS_API_MAX];
};

/* Is it a request of libbtns? */
bool api_is_type(unsigned type);
/* Begins an answer to q with an errno (0: none), and words for it (NULL: none). */
void api_answer_begin(struct api_answer *a, const struct btns_hdr *q, int error, const char *text);
void api_answer_send(struct client *c, struct api_answer *a);
/*
 * Does the request have something that this btnsd does not know, or of a wrong length? Then it is
 * answered: what is not understood must not be left out. SET_POLICY's reader looks by itself.
 */
bool api_refuses(struct client *c, const struct btns_hdr *q, size_t len);
/* An answer that says no more than this. */
void api_answer(struct client *c, const struct btns_hdr *q, int error, const char *text);

#endif
