/* The table of requests: who may make each, and the function that answers it. */
#ifndef BTNS_REQUESTS_TABLE_H
#define BTNS_REQUESTS_TABLE_H

#include "btnsd/server/server.h"
#include "btnsd/state/daemon.h"

/* The handler of the server: arg is struct btnsd. */
bool request_dispatch(void *arg, struct request *r);

/* Handlers, called with messages of the right length. False closes the connection. */
bool on_connect(struct btnsd *d, struct request *r);
bool on_connecting(struct btnsd *d, struct request *r);
/* Requests about memory and connections that a program shares with btnsd. */
bool on_ring(struct btnsd *d, struct request *r);
bool on_handed_over(struct btnsd *d, struct request *r);
bool on_connect_failure(struct btnsd *d, struct request *r);
bool on_listen(struct btnsd *d, struct request *r);
bool on_accepted(struct btnsd *d, struct request *r);
bool on_may_accept(struct btnsd *d, struct request *r);
bool on_explain(struct btnsd *d, struct request *r);
bool on_policy_run(struct btnsd *d, struct request *r);
bool on_policy_add(struct btnsd *d, struct request *r);
bool on_policy_remove(struct btnsd *d, struct request *r);
bool on_policy_block(struct btnsd *d, struct request *r);
bool on_policy_list(struct btnsd *d, struct request *r);
bool on_status(struct btnsd *d, struct request *r);
bool on_latches(struct btnsd *d, struct request *r);
bool on_peers(struct btnsd *d, struct request *r);
bool on_reload(struct btnsd *d, struct request *r);
bool on_forget(struct btnsd *d, struct request *r);
bool on_pin(struct btnsd *d, struct request *r);
bool on_import(struct btnsd *d, struct request *r);
bool on_keyscan(struct btnsd *d, struct request *r);
bool on_rotate(struct btnsd *d, struct request *r);
bool on_explain_rules(struct btnsd *d, struct request *r);
bool on_watch(struct btnsd *d, struct request *r);
bool on_connect_try(struct btnsd *d, struct request *r);
bool on_nolatch(struct btnsd *d, struct request *r);
bool on_speak(struct btnsd *d, struct request *r);
bool on_api_set_policy(struct btnsd *d, struct request *r);
bool on_api_set_peer(struct btnsd *d, struct request *r);
bool on_api_get_policy(struct btnsd *d, struct request *r);
bool on_api_connect(struct btnsd *d, struct request *r);
bool on_api_listen(struct btnsd *d, struct request *r);
bool on_api_inquire(struct btnsd *d, struct request *r);
bool on_api_watch(struct btnsd *d, struct request *r);

#endif
