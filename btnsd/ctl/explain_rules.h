/* Prints the rules that btnsd compared for explain, as text or as JSON. */
#ifndef BTNS_CTL_EXPLAIN_RULES_H
#define BTNS_CTL_EXPLAIN_RULES_H

#include "libapi/client/ask.h"
#include "libapi/tool/json.h"

/* Filled by explain_rules_add(), one record at a time. */
struct candidates {
    struct btns_candidate_msg *msg;
    size_t n, room;
};

ask_each explain_rules_add; /* arg: struct candidates */
/* verbose: prints every rule; otherwise those that win, and how many others there are. */
void explain_rules_print(const struct candidates *c, bool verbose);
void explain_rules_json(const struct candidates *c, struct json *j); /* as a member */
void explain_rules_free(struct candidates *c);

#endif
