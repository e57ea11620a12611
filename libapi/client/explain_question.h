/* Asks btnsd what it would decide (BTNS_REQ_EXPLAIN); changes nothing. */
#ifndef BTNS_LIBAPI_CLIENT_EXPLAIN_QUESTION_H
#define BTNS_LIBAPI_CLIENT_EXPLAIN_QUESTION_H

#include "libapi/client/ask.h"

struct explain_question {
    uint32_t protocol; /* IPPROTO_*; 0: the default, PROTOCOL_UNSAID */
    uint32_t uid;      /* explain_candidates: whose processes; BTNS_UID_OWN: the caller's */
    uint32_t gid[BTNS_EXPLAIN_GROUPS]; /* that user's groups, if uid names a user */
    uint32_t gids;
    const char *cgroup;       /* explain_candidates: the cgroup; NULL: the caller's */
    const char *program;      /* the executable's path, without symbolic links */
    uint32_t flags;           /* BTNS_F_* */
    uint64_t policy;          /* a policy's handle, or 0 */
    struct btns_addr address; /* the remote address; with BTNS_F_ACCEPT the local address */
};

int explain_ask(const char *socket, const struct explain_question *q,
                struct btns_verdict_msg *answer, struct err *err);
/*
 * Like explain_ask(), and calls `each` for every rule that could have decided (BTNS_REP_CANDIDATE).
 */
int explain_candidates(const char *socket, const struct explain_question *q, ask_each *each,
                       void *arg, struct btns_verdict_msg *answer, struct err *err);
/* "protected", "denied", ...; "?" for an unknown number. */
const char *explain_question_verdict(uint32_t verdict);

#endif
