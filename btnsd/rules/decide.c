/* Deciding: the first rule, in order, that matches a question. No I/O, no state, no allocation. */
#include "index.h"

#include <netinet/in.h>

const struct rule *rules_decide(const struct rules *r, const struct question *q,
                                const struct rule *from)
{
    struct index_effort effort = {0};
    if (q->protocol != IPPROTO_TCP)
        return NULL;
    size_t n = index_first(r, q, from ? (size_t)(from - r->rule) + 1 : 0, &effort);
    return n < r->n ? &r->rule[n] : NULL;
}
