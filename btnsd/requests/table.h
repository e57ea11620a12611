/* What clients may ask: one table of requests, who may make them, and who answers. */
#ifndef BTNS_REQUESTS_H
#define BTNS_REQUESTS_H

#include "btnsd/server/server.h"
#include "btnsd/state/daemon.h"

/* The handler of the server: arg is struct btnsd. */
bool request_dispatch(void *arg, struct request *r);

/* Handlers: the message's length is right. False closes the connection. */
bool on_connect(struct btnsd *d, struct request *r);       /* connect.c */
bool on_connecting(struct btnsd *d, struct request *r);    /* connecting.c */
bool on_why(struct btnsd *d, struct request *r);           /* why.c */
bool on_listen(struct btnsd *d, struct request *r);        /* listen.c */
bool on_accepted(struct btnsd *d, struct request *r);      /* listen.c */
bool on_explain(struct btnsd *d, struct request *r);       /* explain.c */
bool on_policy(struct btnsd *d, struct request *r);        /* policy.c */
bool on_policy_add(struct btnsd *d, struct request *r);    /* submit.c */
bool on_policy_remove(struct btnsd *d, struct request *r); /* submit.c */
bool on_policy_block(struct btnsd *d, struct request *r);  /* blocking.c */
bool on_policy_list(struct btnsd *d, struct request *r);   /* blocking.c */
bool on_status(struct btnsd *d, struct request *r);        /* show.c */
bool on_latches(struct btnsd *d, struct request *r);       /* list_latches.c */
bool on_peers(struct btnsd *d, struct request *r);         /* list_peers.c */
bool on_reload(struct btnsd *d, struct request *r);        /* reload.c */
bool on_forget(struct btnsd *d, struct request *r);        /* show.c */
bool on_pin(struct btnsd *d, struct request *r);           /* pin.c */
bool on_candidates(struct btnsd *d, struct request *r);    /* candidates.c */
bool on_watch(struct btnsd *d, struct request *r);         /* watch.c */
bool on_try(struct btnsd *d, struct request *r);           /* connect.c */
bool on_nolatch(struct btnsd *d, struct request *r);       /* nolatch.c */

/* What an answer says about the request: RFC 3838, section 5.3. */
void about_service(struct client *c, const char *service);
struct btns_about about_request(struct client *c, const struct btns_hdr *q, int error);

/* Answers shared by them. */
void answer_verdict(struct btnsd *d, struct client *c, const struct btns_flow *q,
                    enum btns_verdict verdict, int error, uint32_t flags, const char *text);
void answer_end(struct client *c, const struct btns_hdr *q, int error, const char *text);
/* A list, or why there is none. */
bool answer_list(struct client *c, const struct btns_hdr *q, struct list *l, uid_t uid);
struct btns_end_msg end_message(uint32_t id, int error, const char *text);

#endif
