/* Compiles the fields of a policy file that are outside all sections. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"

#include <errno.h>
#include <string.h>

/* The prefixes of all files are joined. */
int file_field_set_no_latch(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct rules *r = b->rules;
    struct prefix *all = policy_arena_get(b->arena, r->no_latches + n, sizeof *all);
    if (!all) {
        policy_fault(b->fault, 0, "out of memory");
        return -ENOMEM;
    }
    if (r->no_latches)
        memcpy(all, r->no_latch, r->no_latches * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        int rc = policy_prefix(v[i].text, &all[r->no_latches + i], v[i].line, b->fault);
        if (rc)
            return rc;
    }
    r->no_latch = all;
    r->no_latches += n;
    return 0;
}
