/* Reads the policies to be checked, and runs the checks. */
#include "btnsd/ctl/lint/lint.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/rules/read/short.h"

#include <stdlib.h>
#include <string.h>

/* Points the finding at the first text that its reason quotes, if the line has that text. */
static void lint_point_at_quoted_word(const struct lint *l, struct lint_finding *f)
{
    const char *from = strchr(f->why, '"'), *to = from ? strchr(from + 1, '"') : NULL;
    const char *at = f->file < l->files ? l->text[f->file].text : NULL;
    for (unsigned n = 1; at && n < f->line; n++)
        at = (at = strchr(at, '\n')) ? at + 1 : NULL;
    if (!at || !f->line || !to || to == from + 1)
        return;
    size_t len = (size_t)(to - from) - 1, line = strcspn(at, "\n");
    const char *found = memmem(at, line, from + 1, len);
    if (!found)
        return;
    f->column = (unsigned)(found - at);
    f->width = (unsigned)len;
}

/* Turns an error of the policy reader into a finding. */
static void lint_say_text_refused(struct lint *l, unsigned file, unsigned line, const char *reason)
{
    struct lint_finding *f = finding_add(l, finding_check_named(l, "refused"), file, line);
    snprintf(f->why, sizeof f->why, "%s", reason);
    lint_point_at_quoted_word(l, f);
}

/* Turns an error of the compiler, "file:line: reason", into a finding. */
static void lint_say_not_compiled(struct lint *l, const char *text)
{
    for (unsigned i = 0; i < l->files; i++) {
        size_t n = strlen(l->text[i].file);
        unsigned line = 0;
        int used = 0;
        if (strncmp(text, l->text[i].file, n) || text[n] != ':')
            continue;
        if (sscanf(text + n, ":%u: %n", &line, &used) != 1 || !used)
            used = 2, line = 0;
        lint_say_text_refused(l, i, line, text + n + used);
        return;
    }
    lint_say_text_refused(l, l->files, 0, text);
}

/* Removes the columns: a short rule's words are not where the long form's are. */
static void lint_hide_rewritten_columns(struct policy_tree *t, const struct policy_long *as_long)
{
    for (size_t i = 0; i < t->n; i++)
        if (short_line_is(as_long, t->node[i].line))
            t->node[i].column = t->node[i].width = 0;
}

/*
 * Reads each file by itself, so that a fault in one does not hide faults in another. False: there
 * are some.
 */
static bool lint_scan_files(struct lint *l)
{
    bool whole = true;
    for (unsigned i = 0; i < l->files; i++) {
        struct policy_fault fault = {0};
        struct policy_long as_long;
        if (short_to_long(l->text[i].text, l->text[i].len, &as_long, &fault) ||
            policy_scan(as_long.text, as_long.len, &l->tree[i], &fault)) {
            whole = false;
            lint_say_text_refused(l, i, fault.line, fault.reason);
        }
        lint_hide_rewritten_columns(&l->tree[i], &as_long);
        short_long_free(&as_long);
    }
    return whole;
}

/* Finds each rule's place: compiled rules are sorted by rank, but ordinals follow the files. */
static bool find_lint_places(struct lint *l)
{
    size_t n = 0;
    size_t *at = calloc(l->rules->n + 1, sizeof *at);
    l->place = calloc(l->rules->n + 1, sizeof *l->place);
    for (size_t i = 0; at && i < l->rules->n; i++)
        at[l->rules->rule[i].ordinal] = i;
    for (unsigned i = 0; at && l->place && i < l->files; i++)
        for (size_t k = 0; k < l->tree[i].n && n < l->rules->n; k++) {
            const struct policy_node *node = &l->tree[i].node[k];
            if (node->field != NODE_SECTION || node->section != SECTION_RULE)
                continue;
            l->place[at[n]].file = i;
            l->place[at[n++]].node = k;
        }
    l->out_of_memory |= !l->place || !at;
    free(at);
    return l->place && n == l->rules->n;
}

/* Finds the source of each file: one with a package or author section is checked as such. */
static void find_lint_sources(struct lint *l)
{
    for (unsigned i = 0; i < l->files; i++)
        for (size_t k = 0; k < l->tree[i].n; k++) {
            const struct policy_node *node = &l->tree[i].node[k];
            if (node->field == NODE_SECTION && node->section == SECTION_PACKAGE)
                l->text[i].source = SOURCE_PACKAGE;
            else if (node->field == NODE_SECTION && node->section == SECTION_AUTHOR)
                l->text[i].source = SOURCE_AUTHORS;
        }
}

void lint_files(struct lint *l)
{
    struct err err = {""};
    l->tree = calloc(l->files + 1, sizeof *l->tree);
    if (!l->tree) {
        l->out_of_memory = true;
        return;
    }
    if (!lint_scan_files(l))
        return;
    find_lint_sources(l);
    l->rules = policy_load_texts("policy", l->text, l->files, &err);
    if (!l->rules)
        lint_say_not_compiled(l, err.text);
    if (!l->rules || !find_lint_places(l))
        return;
    for (const struct lint_check *check = lint_checks; check->code; check++)
        for (size_t i = 0; check->rule && i < l->rules->n; i++)
            if (!l->rules->rule[i].unresolved || check->rule == lint_selector_unresolved)
                check->rule(l, check, i);
    lint_certificates(l);
    lint_sign_keys(l);
}

static int lint_compare_findings(const void *a, const void *b)
{
    const struct lint_finding *x = a, *y = b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return (x->check > y->check) - (x->check < y->check);
}

void lint_sort(struct lint *l)
{
    if (l->findings)
        qsort(l->finding, l->findings, sizeof *l->finding, lint_compare_findings);
}

void lint_free(struct lint *l)
{
    for (unsigned i = 0; l->tree && i < l->files; i++)
        policy_tree_free(&l->tree[i]);
    free(l->tree);
    free(l->place);
    free(l->finding);
    peers_free(l->fleet);
    revoked_free(l->revoked);
    rules_free((struct rules *)(uintptr_t)l->rules);
}
