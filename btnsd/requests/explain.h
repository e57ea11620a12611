/* What would happen: the same decision as for a real connect() or listen(), and nothing done. */
#ifndef BTNS_EXPLAIN_H
#define BTNS_EXPLAIN_H

#include "btnsd/requests/connect_facts.h"
#include "btnsd/requests/table.h"

struct asked {
    struct connect_question connect; /* listen(): its .rules alone */
    struct plan plan;                /* connect() alone */
};

/* What a real connect() or listen() of that process would ask. 0, or -errno: there is no route. */
int explain_plan(struct btnsd *d, const struct request *r, const struct view *view,
                 const struct btns_explain *m, struct asker *a, struct asked *asked,
                 struct err *err);
/* Answers with the verdict about m, asked by that process. */
bool explain_with(struct btnsd *d, struct request *r, const struct btns_explain *m,
                  const struct view *view, struct asker *a);

#endif
