/* Conflicts between rules of one rank: which pairs are looked at, and what is said about one. */
#include "conflict.h"

#include "compile.h"
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

long conflict_number(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t digits = strspn(name, "0123456789");
    return digits && digits < 10 ? strtol(name, NULL, 10) : -1;
}

bool rules_differ(const struct rule *a, const struct rule *b)
{
    if (a->action != b->action)
        return true;
    return a->profile && b->profile &&
           (strcmp(a->profile->suite, b->profile->suite) != 0 || !rule_at_least(a, b) ||
            !rule_at_least(b, a));
}

/* Rules of one program section: they have their place and their programs in common. */
struct section {
    const struct rule *first;
    size_t n;
    unsigned file; /* which of the files; numbered as they come */
    long number;
};

static bool same_section(const struct rule *a, const struct rule *b)
{
    return a->match == b->match && a->rank == b->rank && !strcmp(a->file, b->file);
}

static size_t find_sections(const struct rules *r, struct section *s)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct rule *rule = &r->rule[i];
        if (n && same_section(s[n - 1].first, rule)) {
            s[n - 1].n++;
            continue;
        }
        bool same = n && !strcmp(s[n - 1].first->file, rule->file);
        s[n] = (struct section){.first = rule, .n = 1};
        s[n].file = n ? s[n - 1].file + !same : 0;
        s[n].number = same ? s[n - 1].number : conflict_number(rule->file);
        n++;
    }
    return n;
}

static int name_both(struct policy_builder *b, const struct rule *one, const struct rule *other)
{
    const struct policy_record *where = b->unresolved[other->ordinal].where;
    b->fault->file = where->file;
    return policy_fault(
        b->fault, where->line,
        "rule \"%.40s\" (%s) conflicts with \"%.40s\" (%s) at %s:%u: one connection "
        "can match both; say which comes first by the numbers of the files",
        other->name, action_name(other->action), one->name, action_name(one->action), one->file,
        one->line);
}

static int check_pair(struct policy_builder *b, const struct section *x, const struct section *y)
{
    for (const struct rule *one = x->first; one < x->first + x->n; one++)
        for (const struct rule *other = y->first; other < y->first + y->n; other++)
            if (rules_differ(one, other) && rules_meet(one, other))
                return name_both(b, one, other);
    return 0;
}

static bool programs_meet(const struct section *x, const struct section *y)
{
    const struct rule a = {
        .at_connect = true, .match = x->first->match, .matches = x->first->matches};
    const struct rule b = {
        .at_connect = true, .match = y->first->match, .matches = y->first->matches};
    return rules_meet(&a, &b);
}

int policy_check_conflicts(struct policy_builder *b)
{
    struct section *s = calloc(b->rules->n + 1, sizeof *s);
    int rc = 0;
    if (!s)
        return -ENOMEM;
    size_t n = find_sections(b->rules, s);
    for (size_t i = 0; !rc && i < n; i++)
        for (size_t k = i + 1; !rc && k < n && s[k].first->rank == s[i].first->rank; k++)
            if (s[i].number == s[k].number && s[i].file != s[k].file && programs_meet(&s[i], &s[k]))
                rc = check_pair(b, &s[i], &s[k]);
    free(s);
    return rc;
}
