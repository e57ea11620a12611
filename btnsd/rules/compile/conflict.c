/* Finds conflicts between rules of one rank, and reports the first. */
#include "btnsd/rules/compile/conflict.h"

#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/model/strength.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The number at the beginning of a file's name, by which its author has ordered it; -1: none. */
static long conflict_file_number(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t digits = strspn(name, "0123456789");
    return digits && digits < 10 ? strtol(name, NULL, 10) : -1;
}

bool rules_differ(const struct rule *a, const struct rule *b)
{
    if (a->action != b->action || a->random_port != b->random_port ||
        a->no_downgrade != b->no_downgrade || !sign_key_same(a->sign, b->sign))
        return true;
    return a->profile && b->profile &&
           (strcmp(a->profile->suite, b->profile->suite) != 0 || !rule_at_least(a, b) ||
            !rule_at_least(b, a));
}

/* The rules of one program section, which have their file and their programs in common. */
struct section {
    const struct rule *first;
    size_t n;
    unsigned file; /* number of the file, in the order of the rules */
    long number;
};

static bool conflict_same_section(const struct rule *a, const struct rule *b)
{
    return a->match == b->match && a->rank == b->rank && !strcmp(a->file, b->file);
}

static size_t find_conflict_sections(const struct rules *r, struct section *s)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct rule *rule = &r->rule[i];
        if (n && conflict_same_section(s[n - 1].first, rule)) {
            s[n - 1].n++;
            continue;
        }
        bool same = n && !strcmp(s[n - 1].first->file, rule->file);
        s[n] = (struct section){.first = rule, .n = 1};
        s[n].file = n ? s[n - 1].file + !same : 0;
        s[n].number = same ? s[n - 1].number : conflict_file_number(rule->file);
        n++;
    }
    return n;
}

static int name_both_in_conflict(struct policy_builder *b, const struct rule *one,
                                 const struct rule *other)
{
    const struct policy_record *where = b->unresolved[other->ordinal].where;
    char does[2][RULE_ACTIONS];
    b->fault->file = where->file;
    return policy_fault(
        b->fault, where->line,
        "rule \"%.40s\" (%s) conflicts with \"%.40s\" (%s) at %s:%u: one connection "
        "can match both; say which comes first by the numbers of the files",
        other->name, rule_actions(other, does[0]), one->name, rule_actions(one, does[1]), one->file,
        one->line);
}

/* The most steps of the search for conflicts: about two seconds; for a user a tenth of a second. */
#define STEPS_MAX      ((uint64_t)1 << 30)
#define STEPS_USER_MAX ((uint64_t)1 << 26)

/* Subtracts a comparison's steps from the steps left; returns a fault if too few are left. */
static int spend_conflict_steps(struct policy_builder *b, uint64_t *left, uint64_t steps,
                                const struct section *y)
{
    if (steps <= *left) {
        *left -= steps;
        return 0;
    }
    const struct policy_record *where = b->unresolved[y->first->ordinal].where;
    b->fault->file = where->file;
    return policy_fault(b->fault, where->line,
                        "so many rules and patterns that looking for conflicts with other files "
                        "would take too long; say by the numbers of the files which comes first");
}

static int check_conflicting_pair(struct policy_builder *b, uint64_t *left, const struct section *x,
                                  const struct section *y)
{
    for (const struct rule *one = x->first; one < x->first + x->n; one++)
        for (const struct rule *other = y->first; other < y->first + y->n; other++) {
            int rc = spend_conflict_steps(b, left, rules_others_steps(one, other, *left), y);
            if (rc)
                return rc;
            if (rules_differ(one, other) && rules_others_meet(one, other))
                return name_both_in_conflict(b, one, other);
        }
    return 0;
}

/* The first section after section i that is in another file. */
static size_t next_files_section(const struct section *s, size_t n, size_t i)
{
    size_t k = i + 1;
    while (k < n && s[k].file == s[i].file)
        k++;
    return k;
}

static int check_section_conflicts(struct policy_builder *b, uint64_t *left,
                                   const struct section *x, const struct section *y)
{
    int rc = spend_conflict_steps(b, left, rules_programs_steps(x->first, y->first, *left), y);
    return rc || !rules_programs_meet(x->first, y->first) ? rc
                                                          : check_conflicting_pair(b, left, x, y);
}

int policy_check_conflicts(struct policy_builder *b)
{
    struct section *s = calloc(b->rules->n + 1, sizeof *s);
    uint64_t left = b->rules->n && b->rules->rule[0].rank == RANK_USER ? STEPS_USER_MAX : STEPS_MAX;
    int rc = 0;
    if (!s)
        return -ENOMEM;
    size_t n = find_conflict_sections(b->rules, s);
    for (size_t i = 0, next = 0; !rc && i < n; i++) {
        next = i < next ? next : next_files_section(s, n, i);
        for (size_t k = next; !rc && k < n && s[k].first->rank == s[i].first->rank; k++)
            if (s[i].number == s[k].number)
                rc = check_section_conflicts(b, &left, &s[i], &s[k]);
    }
    free(s);
    return rc;
}
