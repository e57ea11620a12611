/* Records the findings of checks, each with its place in a policy's text. */
#include "btnsd/ctl/lint/lint.h"
#include "libapi/wire/array.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct lint_finding *finding_add(struct lint *l, const struct lint_check *check, unsigned file,
                                 unsigned line)
{
    static struct lint_finding nowhere;
    struct lint_finding *more = array_grow(l->finding, &l->room, l->findings + 1, sizeof *more);
    if (!more) {
        l->out_of_memory = true;
        return &nowhere;
    }
    l->finding = more;
    struct lint_finding *f = &l->finding[l->findings++];
    *f = (struct lint_finding){.check = check, .file = file, .line = line};
    return f;
}

void finding_say(struct lint *l, const struct lint_check *check, size_t rule,
                 const struct policy_node *node, const char *instead, const char *why, ...)
{
    va_list ap;
    struct lint_finding *f = finding_add(l, check, l->place[rule].file, node->line);
    f->column = node->column;
    f->width = node->width;
    va_start(ap, why);
    vsnprintf(f->why, sizeof f->why, why, ap);
    va_end(ap);
    snprintf(f->instead, sizeof f->instead, "%s", instead);
}

const struct policy_node *finding_rule_node(const struct lint *l, size_t rule)
{
    return &l->tree[l->place[rule].file].node[l->place[rule].node];
}

static const struct policy_node *finding_value(const struct policy_tree *t, size_t section,
                                               const char *field, size_t k)
{
    int wanted = grammar_field_find(t->node[section].section, field);
    for (size_t i = section + 1; i < t->node[section].end; i++) {
        if (t->node[i].field == NODE_SECTION)
            i = t->node[i].end - 1;
        else if (t->node[i].field == wanted && t->node[i].ordinal == k)
            return &t->node[i];
    }
    return &t->node[section];
}

const struct policy_node *finding_value_node(const struct lint *l, size_t rule, const char *field,
                                             size_t k)
{
    return finding_value(&l->tree[l->place[rule].file], l->place[rule].node, field, k);
}

const struct policy_node *finding_profile_node(const struct lint *l, size_t rule)
{
    const struct policy_node *profile = finding_value_node(l, rule, "profile", 0);
    return profile->field == NODE_SECTION ? finding_value_node(l, rule, "action", 0) : profile;
}

const struct policy_node *finding_match_node(const struct lint *l, size_t rule, size_t k)
{
    return finding_value(&l->tree[l->place[rule].file], finding_rule_node(l, rule)->parent, "match",
                         k);
}

const struct lint_check *finding_check_named(const struct lint *l, const char *name)
{
    const struct lint_check *check = l->checks;
    while (check->code && strcmp(check->name, name))
        check++;
    return check;
}
