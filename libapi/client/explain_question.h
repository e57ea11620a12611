/* Asking btnsd what it would decide, which changes nothing (BTNS_REQ_EXPLAIN). */
#ifndef BTNS_CTL_EXPLAIN_H
#define BTNS_CTL_EXPLAIN_H

#include "libapi/client/conversation.h"

struct explain_question {
    uint32_t protocol; /* IPPROTO_*; 0: TCP */
    uint32_t uid;      /* explain_candidates: whose processes; BTNS_UID_OWN: the asker's */
    uint32_t gid[BTNS_EXPLAIN_GROUPS]; /* that user's, when it is given */
    uint32_t gids;
    const char *cgroup;       /* explain_candidates: NULL: the asker's */
    const char *program;      /* the executable's path, without symbolic links */
    uint32_t flags;           /* BTNS_F_* */
    uint64_t policy;          /* or 0 */
    struct btns_addr address; /* with BTNS_F_ACCEPT the program's own */
};

int explain_ask(const char *socket, const struct explain_question *q,
                struct btns_verdict_msg *answer, struct err *err);
/* The same with the rules that could have decided, each given to `each` as BTNS_REP_CANDIDATE. */
int explain_candidates(const char *socket, const struct explain_question *q, ask_each *each,
                       void *arg, struct btns_verdict_msg *answer, struct err *err);
/* "protected", "denied" ...; "?" for what is not in enum btns_verdict. */
const char *explain_verdict(uint32_t verdict);

#endif
