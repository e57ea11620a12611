/* A generation's index: which rules have which program, control group, interface, user and group.
 */
#include "btnsd/rules/index/index_build.h"

#include "btnsd/rules/model/glob.h"

#include <errno.h>
#include <stdlib.h>

/* Rules of one program section stand next to each other, and share the list of its patterns. */
static size_t section_end(const struct rules *r, size_t first)
{
    size_t end = first + 1;
    while (end < r->n && r->rule[end].match == r->rule[first].match)
        end++;
    return end;
}

static int build_programs(struct building *b)
{
    const struct rules *r = b->rules;
    struct uses words = {0}, globs = {0};
    struct named_sets sets;
    int rc = 0;
    for (size_t i = 0, end; !rc && i < r->n; i = end) {
        end = section_end(r, i);
        for (size_t k = 0; !rc && k < r->rule[i].matches && !index_any_program(&r->rule[i]); k++) {
            char *match = r->rule[i].match[k];
            rc = uses_add(glob_is_literal(match) ? &words : &globs, match, i, end);
        }
    }
    if (!rc)
        rc = uses_pack(&words, &b->p, &sets);
    if (!rc)
        rc = words_build(&b->ix->program, false, &sets, &b->p);
    if (!rc)
        rc = uses_pack(&globs, &b->p, &sets);
    if (!rc)
        rc = grams_build(&b->ix->program_glob, false, &sets, &b->p);
    free(words.use);
    free(globs.use);
    return rc;
}

/* Adds what one rule, number i, has. */
typedef int add_uses(struct building *b, struct uses *u, const struct rule *rule, size_t i);

static int build_texts(struct building *b, add_uses *add, struct named_sets *sets)
{
    struct uses uses = {0};
    int rc = 0;
    for (size_t i = 0; !rc && i < b->rules->n; i++)
        rc = add(b, &uses, &b->rules->rule[i], i);
    if (!rc)
        rc = uses_pack(&uses, &b->p, sets);
    free(uses.use);
    return rc;
}

static int build_words(struct building *b, add_uses *add, bool numbers, struct words *w)
{
    struct named_sets sets;
    int rc = build_texts(b, add, &sets);
    return rc ? rc : words_build(w, numbers, &sets, &b->p);
}

static int add_texts(struct uses *u, char **text, size_t n, size_t i)
{
    int rc = 0;
    for (size_t k = 0; !rc && k < n; k++)
        rc = uses_add(u, text[k], i, i + 1);
    return rc;
}

static int add_cgroups(struct building *b, struct uses *u, const struct rule *rule, size_t i)
{
    (void)b;
    return add_texts(u, rule->cgroup, rule->cgroups, i);
}

static int add_interfaces(struct building *b, struct uses *u, const struct rule *rule, size_t i)
{
    (void)b;
    return add_texts(u, rule->interface, rule->interfaces, i);
}

static int add_numbers(struct building *b, struct uses *u, const uint32_t *number, size_t n,
                       size_t i)
{
    int rc = 0;
    char digits[WORDS_DIGITS];
    for (size_t k = 0; !rc && k < n; k++) {
        char *text = policy_arena_text(b->p.arena, words_digits(number[k], digits));
        rc = text ? uses_add(u, text, i, i + 1) : -ENOMEM;
    }
    return rc;
}

static int add_users(struct building *b, struct uses *u, const struct rule *rule, size_t i)
{
    return add_numbers(b, u, rule->user, rule->users, i);
}

static int add_groups(struct building *b, struct uses *u, const struct rule *rule, size_t i)
{
    return add_numbers(b, u, rule->group, rule->groups, i);
}

int index_build_texts(struct building *b)
{
    struct named_sets sets;
    int rc = build_programs(b);
    if (!rc)
        rc = build_texts(b, add_cgroups, &sets);
    if (!rc)
        rc = grams_build(&b->ix->cgroup_glob, true, &sets, &b->p);
    if (!rc)
        rc = build_words(b, add_interfaces, false, &b->ix->interface);
    if (!rc)
        rc = build_words(b, add_users, true, &b->ix->user);
    return rc ? rc : build_words(b, add_groups, true, &b->ix->group);
}
