/* What would happen: the same decision as for a real connect() or listen(), and nothing done. */
#ifndef BTNS_EXPLAIN_H
#define BTNS_EXPLAIN_H

#include "btnsd/plan/asker.h"
#include "btnsd/requests/table.h"

struct asked {
    struct question question; /* its texts lie in the asker */
    bool self;                /* connect: the packets never leave this host */
};

/* What a real connect() or listen() of that process would have asked. */
void explain_question(const struct btnsd *d, const struct view *view, const struct btns_explain *m,
                      struct asker *a, struct asked *asked);
/* Answers with the verdict about m, asked by that process. */
bool explain_with(struct btnsd *d, struct request *r, const struct btns_explain *m,
                  const struct view *view, struct asker *a);

#endif
