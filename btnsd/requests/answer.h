/* The answers that several requests use: a verdict, the end of a list. */
#ifndef BTNS_REQUESTS_ANSWER_H
#define BTNS_REQUESTS_ANSWER_H

#include "btnsd/server/server.h"
#include "btnsd/state/daemon.h"

/* Each answer names its request and the outcome (RFC 3838, section 5.3). */
void answer_about_service(struct client *c, const char *service);
struct btns_about answer_about_request(struct client *c, const struct btns_hdr *q, int error);

void answer_verdict(struct btnsd *d, struct client *c, const struct btns_flow *q,
                    enum btns_verdict verdict, int error, uint32_t flags, const char *text);
/* The same for a socket that the request names but has not passed. */
void answer_claimed(struct btnsd *d, struct client *c, const struct btns_flow *q,
                    enum btns_verdict verdict, int error, uint32_t flags, const char *text);
void answer_end(struct client *c, const struct btns_hdr *q, int error, const char *text);
/* Ends a list; with an error, text says why. */
bool answer_list(struct client *c, const struct btns_hdr *q, struct list *l, uid_t uid);
struct btns_end_msg answer_end_message(uint32_t id, int error, const char *text);

#endif
