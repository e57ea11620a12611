/* btnsctl explain: makes the decision for a connect() or listen() without carrying it out. */
#ifndef BTNS_REQUESTS_EXPLAIN_H
#define BTNS_REQUESTS_EXPLAIN_H

#include "btnsd/requests/connect_facts.h"
#include "btnsd/requests/table.h"

struct asked {
    struct connect_question connect; /* listen(): only .rules */
    struct plan plan;                /* connect() only */
};

/* Fills in the question (and plan) for that process. 0, or -errno: there is no route. */
int explain_plan(struct btnsd *d, const struct request *r, const struct view *view,
                 const struct btns_explain *m, struct asker *a, struct asked *asked,
                 struct err *err);
/* Answers m with the verdict for that process. */
bool explain_with(struct btnsd *d, struct request *r, const struct btns_explain *m,
                  const struct view *view, struct asker *a);

#endif
