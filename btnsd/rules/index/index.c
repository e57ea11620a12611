/*
 * A generation's index: the rules that match a program are found once, and kept by the program's
 * path; their other conditions are compared in the rules' order, for each question.
 */
#include "btnsd/rules/index/index.h"

#include "btnsd/rules/index/patterns.h"
#include "btnsd/rules/index/program_cache.h"
#include "btnsd/rules/index/steps.h"
#include "btnsd/rules/model/match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Rules of one program section, which stand next to each other and share its patterns. */
struct section {
    uint32_t first, end;
    uint32_t pattern; /* the number of its first pattern */
    bool any_program;
};

struct rules_index {
    struct section *section;
    size_t sections;
    struct patterns programs;
    struct patterns cgroups;
    uint32_t *cgroup; /* number of each rule's first pattern; one more entry at the end */
    struct step *step;
    struct rule_range *found; /* room for find_rules() to work in */
    struct program_cache cache;
    size_t octets;
};

/* ---- building */

static size_t indexed_section_end(const struct rules *r, size_t first)
{
    size_t end = first + 1;
    while (end < r->n && r->rule[end].match == r->rule[first].match)
        end++;
    return end;
}

static int build_program_index(struct rules_index *ix, const struct rules *r,
                               struct policy_arena *arena)
{
    size_t n = 0, all = 0;
    for (size_t i = 0; i < r->n; i = indexed_section_end(r, i), ix->sections++)
        all += r->rule[i].matches;
    ix->section = policy_arena_get(arena, ix->sections + 1, sizeof *ix->section);
    char **pattern = calloc(all + 1, sizeof *pattern);
    int rc = ix->section && pattern ? 0 : -ENOMEM;
    for (size_t i = 0, s = 0, end; !rc && i < r->n; i = end, s++) {
        const struct rule *rule = &r->rule[i];
        end = indexed_section_end(r, i);
        ix->section[s] =
            (struct section){(uint32_t)i, (uint32_t)end, (uint32_t)n, match_any_program(rule)};
        for (size_t k = 0; !ix->section[s].any_program && k < rule->matches; k++)
            pattern[n++] = rule->match[k];
    }
    if (!rc) {
        ix->section[ix->sections].pattern = (uint32_t)n;
        ix->octets += ix->sections * sizeof *ix->section;
        rc = patterns_build(&ix->programs, pattern, n, arena, &ix->octets, INDEX_OCTETS_MAX);
    }
    free(pattern);
    return rc;
}

static int build_cgroup_index(struct rules_index *ix, const struct rules *r,
                              struct policy_arena *arena)
{
    size_t n = 0, all = 0;
    for (size_t i = 0; i < r->n; i++)
        all += r->rule[i].cgroups;
    if (!all)
        return 0;
    ix->cgroup = policy_arena_get(arena, r->n + 1, sizeof *ix->cgroup);
    char **pattern = calloc(all, sizeof *pattern);
    int rc = ix->cgroup && pattern ? 0 : -ENOMEM;
    for (size_t i = 0; !rc && i < r->n; i++) {
        for (size_t k = 0; k < r->rule[i].cgroups; k++)
            pattern[n++] = r->rule[i].cgroup[k];
        ix->cgroup[i + 1] = (uint32_t)n;
    }
    if (!rc)
        rc = patterns_build(&ix->cgroups, pattern, n, arena, &ix->octets, INDEX_OCTETS_MAX);
    free(pattern);
    return rc;
}

static int build_index_steps(struct rules_index *ix, const struct rules *r,
                             struct policy_arena *arena)
{
    ix->step = policy_arena_get(arena, r->n + 1, sizeof *ix->step);
    ix->found = policy_arena_get(arena, r->n + 1, sizeof *ix->found);
    if (!ix->step || !ix->found)
        return -ENOMEM;
    for (size_t i = 0; i < r->n; i++)
        step_of_rule(&ix->step[i], &r->rule[i]);
    ix->octets += r->n * (sizeof *ix->step + sizeof *ix->found);
    return 0;
}

int index_build(const struct rules *r, struct policy_arena *arena, struct rules_index **index)
{
    if (r->n > INDEX_RULES_MAX)
        return -EFBIG;
    struct rules_index *ix = policy_arena_get(arena, 1, sizeof *ix);
    if (!ix)
        return -ENOMEM;
    ix->octets = sizeof *ix;
    *index = ix;
    int rc = build_program_index(ix, r, arena);
    if (!rc)
        rc = build_cgroup_index(ix, r, arena);
    return rc ? rc : build_index_steps(ix, r, arena);
}

void index_forget(struct rules_index *index)
{
    if (index)
        program_cache_free(&index->cache);
}

size_t index_octets(const struct rules_index *index)
{
    return index->octets;
}

size_t index_parts(const struct rules_index *index)
{
    return index ? (index->programs.words + index->cgroups.words) * 64 : 0;
}

size_t index_octets_kept(const struct rules_index *index)
{
    return program_cache_octets(&index->cache);
}

/* ---- finding */

static void add_index_range(struct rule_range *range, size_t *n, uint32_t first, uint32_t end)
{
    if (*n && range[*n - 1].end == first)
        range[*n - 1].end = end;
    else
        range[(*n)++] = (struct rule_range){first, end};
}

static bool any_pattern_matched(const struct patterns *p, uint32_t from, uint32_t to)
{
    bool matched = false;
    for (; from < to && !matched; from++)
        matched = patterns_matched(p, from);
    return matched;
}

/* Adds the section's rules that have no control group, or one that matches. */
static void add_indexed_rules(const struct rules_index *ix, const struct section *s, size_t *n)
{
    for (uint32_t i = s->first; i < s->end; i++)
        if (ix->cgroup[i] == ix->cgroup[i + 1] ||
            any_pattern_matched(&ix->cgroups, ix->cgroup[i], ix->cgroup[i + 1]))
            add_index_range(ix->found, n, i, i + 1);
}

static size_t find_rules(struct rules_index *ix, const char *program, const char *cgroup)
{
    size_t n = 0;
    patterns_compare(&ix->programs, program, false);
    if (cgroup)
        patterns_compare(&ix->cgroups, cgroup, true);
    for (const struct section *s = ix->section; s < ix->section + ix->sections; s++) {
        if (!s->any_program && !any_pattern_matched(&ix->programs, s->pattern, s[1].pattern))
            continue;
        if (cgroup)
            add_indexed_rules(ix, s, &n);
        else
            add_index_range(ix->found, &n, s->first, s->end);
    }
    return n;
}

size_t index_first(const struct rules *r, const struct question *q, size_t from, unsigned skip,
                   struct index_effort *effort)
{
    struct rules_index *ix = r->index;
    struct step_question step;
    const char *program = q->program ? q->program : "", *cgroup = NULL;
    if (from >= r->n)
        return r->n;
    if (ix->cgroup && !(skip & MISS_CGROUP))
        cgroup = q->cgroup ? q->cgroup : ""; /* no pattern matches "" */
    const struct cached_program *kept = program_cache_find(&ix->cache, q->uid, program, cgroup);
    const struct rule_range *range = kept ? kept->range : ix->found;
    size_t n = kept ? kept->n : find_rules(ix, program, cgroup);
    if (!kept) {
        effort->found++;
        program_cache_add(&ix->cache, q->uid, program, cgroup, ix->found, n);
    }
    step_of_question(&step, q, skip, r->needs);
    for (const struct rule_range *end = range + n; range < end; range++) {
        size_t first = range->first > from ? range->first : from;
        if (first >= range->end)
            continue;
        size_t i = steps_first(ix->step, r->rule, first, range->end, &step);
        effort->rules += (unsigned)(i - first) + (i < range->end);
        if (i < range->end)
            return i;
    }
    return r->n;
}
