/*
 * Finds named groups of hosts, users, groups and programs, and replaces their names in rules by
 * their values.
 */
#include "btnsd/rules/compile/expand.h"

#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum lookup_kind expand_lookup_kind(const struct policy_record *v)
{
    return policy_schema[v->section].field[v->field].names;
}

static int compare_group_names(const void *a, const void *b)
{
    const struct policy_group *x = a, *y = b;
    if (x->where->section != y->where->section)
        return x->where->section < y->where->section ? -1 : 1;
    if (x->scope != y->scope)
        return x->scope < y->scope ? -1 : 1;
    return strcmp(x->where->text, y->where->text);
}

static int compare_groups(const void *a, const void *b)
{
    const struct policy_record *x = ((const struct policy_group *)a)->where;
    const struct policy_record *y = ((const struct policy_group *)b)->where;
    int differ = compare_group_names(a, b);
    return differ ? differ : (x > y) - (x < y);
}

static int check_group_twice(struct policy_builder *b)
{
    char quoted[POLICY_QUOTED];
    for (size_t i = 1; i < b->groups; i++) {
        const struct policy_record *first = b->group[i - 1].where, *r = b->group[i].where;
        if (compare_group_names(&b->group[i - 1], &b->group[i]))
            continue;
        b->fault->file = r->file;
        return policy_fault(b->fault, r->line, "%s %s is already defined at %s:%u",
                            policy_schema[r->section].name, fault_quote(quoted, r->text),
                            b->text[first->file].file, first->line);
    }
    return 0;
}

static int note_group_value(struct policy_builder *b, struct policy_group *g,
                            const struct policy_record *v)
{
    b->fault->file = v->file;
    if (v->text[0] == '@')
        return policy_fault(b->fault, v->line, "a %s cannot hold a group",
                            policy_schema[v->section].name);
    if (v->field >= GROUP_FIELDS)
        return policy_fault(b->fault, v->line, "the policy reader's answer makes no sense");
    if (!g->n[v->field])
        g->value[v->field] = v;
    g->n[v->field]++;
    return 0;
}

static bool record_has_name(const struct policy_record *r)
{
    return r->section == SECTION_GROUP || r->section == SECTION_POINT;
}

int expand_find_groups(struct policy_builder *b, const struct policy_record *record, size_t n)
{
    struct policy_group *g = NULL;
    size_t most = 0;
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        most += record[i].kind == RECORD_SECTION && record_has_name(&record[i]);
    b->group = policy_arena_get(b->arena, most, sizeof *b->group);
    if (!b->group)
        return policy_no_memory(b);
    for (size_t i = 0; !rc && i < n; i++) {
        if (record[i].kind == RECORD_SECTION)
            g = record_has_name(&record[i]) ? &b->group[b->groups++] : NULL;
        if (g && record[i].kind == RECORD_SECTION)
            *g = (struct policy_group){.where = &record[i],
                                       .scope = package_scope(b, record[i].file)};
        else if (g && record[i].section == g->where->section)
            rc = note_group_value(b, g, &record[i]);
    }
    if (b->groups)
        qsort(b->group, b->groups, sizeof *b->group, compare_groups);
    return rc ? rc : check_group_twice(b);
}

const struct policy_group *expand_find_named(const struct policy_builder *b,
                                             const struct policy_record *v,
                                             enum policy_section section, const char *name)
{
    const struct policy_record where = {.section = section, .text = name};
    const struct policy_group key = {.where = &where, .scope = package_scope(b, v->file)};
    return b->groups ? bsearch(&key, b->group, b->groups, sizeof key, compare_group_names) : NULL;
}

/* The group that a value names, which must have values for the field. */
static const struct policy_group *group_named(struct policy_builder *b,
                                              const struct policy_record *v, enum group_field field)
{
    char quoted[POLICY_QUOTED];
    const struct policy_group *g = expand_find_named(b, v, SECTION_GROUP, v->text + 1);
    b->fault->file = v->file;
    if (!g)
        policy_fault(b->fault, v->line, "there is no group %s: define it, in any file",
                     fault_quote(quoted, v->text + 1));
    else if (!g->n[field])
        policy_fault(b->fault, v->line, "group %s has no %s", fault_quote(quoted, v->text + 1),
                     policy_schema[SECTION_GROUP].field[field].name);
    return g && g->n[field] ? g : NULL;
}

int policy_expand(struct policy_builder *b, const struct policy_record *v, size_t n,
                  enum group_field field, struct expanded *e)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        bool named = v[i].text[0] == '@';
        const struct policy_group *g = named ? group_named(b, &v[i], field) : NULL;
        if (named && !g)
            return -EINVAL;
        most += g ? g->n[field] : 1;
        b->expanded += g ? g->n[field] : 0;
    }
    b->fault->file = v->file;
    if (b->expanded > b->limits->expanded)
        return policy_fault(b->fault, v->line, "all groups in use come to more than %zu values",
                            b->limits->expanded);
    *e = (struct expanded){.value = policy_arena_get(b->arena, most, sizeof *e->value)};
    if (!e->value)
        return policy_no_memory(b);
    for (size_t i = 0; i < n; i++) {
        const struct policy_group *g = v[i].text[0] == '@' ? group_named(b, &v[i], field) : NULL;
        if (!g)
            e->value[e->n++] = &v[i];
        for (size_t k = 0; g && k < g->n[field]; k++)
            e->value[e->n++] = &g->value[field][k];
    }
    return 0;
}
