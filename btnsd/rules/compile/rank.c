/*
 * Ranks: gives each rule its author's rank, checks what each author may write, and sorts rules by
 * rank.
 */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"

#include <errno.h>
#include <string.h>

#define REASON_MAX 200

static const struct {
    enum rank rank;
    const char *author; /* NULL: the text names its author */
    const char *may;
} sources[] = {
    [SOURCE_ADMIN] = {RANK_DEFAULT, "administrator", "administrator's policies"},
    [SOURCE_PACKAGE] = {RANK_PACKAGE, "package", "packages"},
    [SOURCE_USER] = {RANK_USER, "user", "users' policies"},
    [SOURCE_AUTHORS] = {RANK_DEFAULT, "administrator", "descriptions of authors"},
};

int rank_not_yours(struct policy_builder *b, const struct policy_record *r)
{
    const struct policy_schema *section = &policy_schema[r->section];
    return policy_fault(b->fault, r->line, "%s is not for %s",
                        r->kind == RECORD_SECTION ? section->name : section->field[r->field].name,
                        sources[b->text[r->file].source].may);
}

const char *rank_whose(enum policy_source source)
{
    return sources[source].may;
}

void rank_open(struct policy_builder *b, struct rule *rule, const struct policy_record *r)
{
    enum policy_source source = b->text[r->file].source;
    rule->rank = sources[source].rank;
    rule->author = b->text[r->file].vendor ? "vendor" : sources[source].author;
    b->reason = NULL;
}

int rank_set_mandatory(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    char quoted[POLICY_QUOTED];
    bool yes = !strcmp(v->text, "true");
    (void)n;
    if (!yes && strcmp(v->text, "false"))
        return policy_fault(b->fault, v->line, "mandatory %s: write true or false",
                            fault_quote(quoted, v->text));
    b->open_rule->rank = yes ? RANK_MANDATORY : RANK_DEFAULT;
    return 0;
}

int rank_set_reason(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    char shown[REASON_MAX + 2];
    (void)n;
    snprintf(shown, sizeof shown, "%s", v->text);
    fault_printable(shown);
    if (!*v->text || strlen(v->text) > REASON_MAX || strcmp(shown, v->text))
        return policy_fault(b->fault, v->line,
                            "a reason is 1 to %d printable ASCII characters, for those it binds",
                            REASON_MAX);
    b->reason = v;
    b->open_rule->reason = policy_arena_text(b->arena, v->text);
    return b->open_rule->reason ? 0 : -ENOMEM;
}

int rank_close(struct policy_builder *b, const struct policy_record *where)
{
    char quoted[POLICY_QUOTED];
    const struct rule *rule = &b->rules->rule[b->rules->n - 1];
    bool mandatory = rule->rank == RANK_MANDATORY;
    if (mandatory == (b->reason != NULL))
        return 0;
    b->fault->file = where->file;
    if (mandatory)
        return policy_fault(b->fault, where->line,
                            "rule %s is mandatory and has no reason: say why it binds everybody",
                            fault_quote(quoted, where->text));
    return policy_fault(b->fault, b->reason->line,
                        "rule %s has a reason but is not mandatory: leave it out",
                        fault_quote(quoted, where->text));
}

/* A stable sort: rules of one rank keep the order of the texts. */
int rank_sort(struct policy_builder *b)
{
    struct rules *r = b->rules;
    struct rule *sorted = policy_arena_get(b->arena, r->n + 1, sizeof *sorted);
    size_t n = 0;
    if (!sorted)
        return -ENOMEM;
    for (enum rank rank = RANK_MANDATORY; rank <= RANK_DEFAULT; rank++) {
        for (size_t i = 0; i < r->n; i++)
            if (r->rule[i].rank == rank)
                sorted[n++] = r->rule[i];
        if (rank == RANK_MANDATORY)
            r->mandatory = n;
    }
    r->rule = sorted;
    return 0;
}
