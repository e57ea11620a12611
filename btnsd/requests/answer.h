/* The answers that requests share. */
#ifndef BTNS_REQUESTS_ANSWER_H
#define BTNS_REQUESTS_ANSWER_H

#include "btnsd/server/server.h"
#include "btnsd/state/daemon.h"

/* What an answer says about the request: RFC 3838, section 5.3. */
void about_service(struct client *c, const char *service);
struct btns_about about_request(struct client *c, const struct btns_hdr *q, int error);

void answer_verdict(struct btnsd *d, struct client *c, const struct btns_flow *q,
                    enum btns_verdict verdict, int error, uint32_t flags, const char *text);
void answer_end(struct client *c, const struct btns_hdr *q, int error, const char *text);
/* A list, or why there is none. */
bool answer_list(struct client *c, const struct btns_hdr *q, struct list *l, uid_t uid);
struct btns_end_msg end_message(uint32_t id, int error, const char *text);

#endif
