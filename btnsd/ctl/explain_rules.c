/* Prints the rules that btnsd compared for explain, as text or as JSON. */
#include "btnsd/ctl/explain_rules.h"

#include "libapi/tool/text.h"

#include "btnsd/rules/model/rules.h"
#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_COLUMNS 100

int explain_rules_add(void *arg, const union btns_reply *record, struct err *err)
{
    struct candidates *c = arg;
    struct btns_candidate_msg *more = array_grow(c->msg, &c->room, c->n + 1, sizeof *more);
    if (!more) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    c->msg = more;
    c->msg[c->n++] = record->candidate;
    return 0;
}

void explain_rules_free(struct candidates *c)
{
    free(c->msg);
    *c = (struct candidates){0};
}

static void print_candidate_line(const struct btns_candidate_msg *m)
{
    char line[2 * sizeof *m], clean[4 * sizeof line];
    int n =
        snprintf(line, sizeof line, "%s/%s (%s:%u, %s%s): %s", m->program, m->rule, m->file,
                 m->line, m->author, strcmp(m->rank, "mandatory") ? "" : ", mandatory", m->action);
    if (*m->profile)
        n += snprintf(line + n, sizeof line - (size_t)n,
                      ", profile \"%s\": esp %s %s, identity %s, timeout %u s", m->profile, m->mode,
                      m->suite, m->identity, m->timeout_ms / 1000);
    if (m->lifetime)
        snprintf(line + n, sizeof line - (size_t)n, ", lifetime %u s", m->lifetime);
    printf("  %c %s\n", m->wins ? '+' : '-', text_clean(clean, sizeof clean, line));
}

static void print_candidate(const struct btns_candidate_msg *m)
{
    char clean[4 * sizeof *m];
    print_candidate_line(m);
    if (*m->description)
        printf("      for: %s\n", text_clean(clean, sizeof clean, m->description));
    if (*m->vendor)
        printf("      by: %s\n", text_clean(clean, sizeof clean, m->vendor));
    printf("      %s\n", text_clean(clean, sizeof clean, m->why));
}

/*
 * Is the rule for another program, but otherwise matches? There are many such rules, which are
 * printed by name only.
 */
static bool is_for_other_program(const struct btns_candidate_msg *m)
{
    return m->misses == MISS_PROGRAM && !m->wins;
}

/* Prints the names of rules for other programs, as many on a line as fit. */
static void print_other_programs(const struct candidates *c)
{
    char name[2 * BTNS_NAME_MAX + 8], clean[4 * sizeof name];
    int column = LINE_MAX_COLUMNS;
    for (size_t i = 0; i < c->n; i++) {
        if (!is_for_other_program(&c->msg[i]))
            continue;
        snprintf(name, sizeof name, " %s/%s", c->msg[i].program, c->msg[i].rule);
        text_clean(clean, sizeof clean, name);
        if (column + (int)strlen(clean) > LINE_MAX_COLUMNS)
            column = printf("\n     ") - 1;
        column += printf("%s", clean);
    }
    putchar('\n');
}

/*
 * Prints the first rule that wins, and how many more make up a listener's floor or do not decide.
 */
static void print_candidates_brief(const struct candidates *c)
{
    size_t wins = 0, all = c->n ? c->msg[0].total : 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->msg[i].wins && !wins++)
            print_candidate_line(&c->msg[i]);
    all = all > c->n ? all : c->n;
    if (wins > 1)
        printf("  with %zu more that make up the floor, and %zu that do not decide: -v says why\n",
               wins - 1, all - wins);
    else if (all > wins)
        printf("  and %zu rule%s that do%s not decide: -v says why\n", all - wins,
               all - wins == 1 ? "" : "s", all - wins == 1 ? "es" : "");
}

static void print_candidates(const struct candidates *c)
{
    size_t others = 0;
    for (size_t i = 0; i < c->n; i++)
        if (is_for_other_program(&c->msg[i]))
            others++;
        else
            print_candidate(&c->msg[i]);
    if (others) {
        printf("  - %zu rule%s for other programs (the program is none of their match):", others,
               others == 1 ? "" : "s");
        print_other_programs(c);
    }
    if (c->n && c->msg[0].total > c->n)
        printf("    and %zu more rules that do not decide\n", c->msg[0].total - c->n);
}

void explain_rules_print(const struct candidates *c, bool verbose)
{
    (verbose ? print_candidates : print_candidates_brief)(c);
}

static void explained_candidate_json(struct json *j, const struct btns_candidate_msg *m)
{
    json_open(j, NULL, '{');
    json_string(j, "outcome", m->wins ? "wins" : "loses");
    json_string(j, "why", m->why);
    json_string(j, "program", m->program);
    json_string(j, "rule", m->rule);
    json_string(j, "author", m->author);
    json_string(j, "rank", m->rank);
    json_string(j, "file", m->file);
    json_number(j, "line", m->line);
    json_string(j, "action", m->action);
    json_string_or_null(j, "profile", m->profile);
    json_string_or_null(j, "mode", m->mode);
    json_string_or_null(j, "suite", m->suite);
    json_string_or_null(j, "identity", m->identity);
    json_number_or_null(j, "timeout", m->timeout_ms / 1000);
    json_number_or_null(j, "lifetime", m->lifetime);
    json_string_or_null(j, "vendor", m->vendor);
    json_string_or_null(j, "description", m->description);
    json_close(j, '}');
}

void explain_rules_json(const struct candidates *c, struct json *j)
{
    json_number(j, "rules_concerned", c->n ? c->msg[0].total : 0);
    json_open(j, "candidates", '[');
    for (size_t i = 0; i < c->n; i++)
        explained_candidate_json(j, &c->msg[i]);
    json_close(j, ']');
}
