/* Prints the audit for a person: settings, then the self-test with equal passes on one line. */
#include "btnsd/ctl/audit/audit_report.h"

#include "libapi/tool/table.h"
#include "libapi/tool/text.h"

#include <string.h>

static enum paint audit_verdict_paint(enum verdict v)
{
    static const enum paint paints[] = {PAINT_GOOD, PAINT_WARN, PAINT_WARN, PAINT_BAD};
    return paints[v];
}

static void print_audit_settings(const struct settings *s, struct audit_count *count)
{
    static const char *const headings[] = {"SETTING", "VALUE", "VERDICT", NULL};
    struct table *t = table_new(headings);
    for (unsigned i = 0; t && i < setting_rows_n; i++) {
        char why[SETTING_TEXT], advice[SETTING_TEXT];
        char note[2 * SETTING_TEXT + 4];
        const struct setting_row *row = &setting_rows[i];
        enum verdict v = setting_judge(row, s->value[i], why, advice);
        snprintf(note, sizeof note, "%s%s%s", why, *advice ? ": " : "", advice);
        table_add(t, (const char *const[]){row->name, s->value[i], verdict_name(v)}, note);
        table_paint(t, 2, audit_verdict_paint(v));
        count->of[v]++;
    }
    if (t)
        table_print(t, stdout);
    table_free(t);
}

/* Rows with equal results in several passes become one line. */
struct merged {
    struct table *table;
    struct audit_row last;
    char over[64];
};

static void name_audit_pass(char over[64], const struct audit_row *r)
{
    size_t n = strlen(over);
    snprintf(over + n, 64 - n, "%s%s%s", n ? ", " : "", r->family == AF_INET ? "v4" : "v6",
             r->pass && r->pass->stamps ? "+ts" : "");
}

static void print_merged_audit(struct merged *m)
{
    const struct audit_row *r = &m->last;
    if (!r->row)
        return;
    table_add(m->table,
              (const char *const[]){r->row, r->sent, r->came, verdict_name(r->verdict), m->over},
              r->expected);
    table_paint(m->table, 3, audit_verdict_paint(r->verdict));
    *m->over = 0;
}

static void merge_audit_row(void *arg, const struct audit_row *r)
{
    struct merged *m = arg;
    if (!m->last.row || m->last.sent != r->sent || m->last.verdict != r->verdict ||
        strcmp(m->last.came, r->came))
        print_merged_audit(m);
    m->last = *r;
    name_audit_pass(m->over, r);
}

static void print_audit_test(const struct selftest *test, struct audit_count *count)
{
    static const char *const headings[] = {"ROW", "SENT", "CAME BACK", "VERDICT", "OVER", NULL};
    struct merged m = {.table = table_new(headings)};
    if (!m.table)
        return;
    struct audit_count rows = audit_rows(test, merge_audit_row, &m);
    print_merged_audit(&m);
    table_print(m.table, stdout);
    table_free(m.table);
    for (unsigned v = 0; v < 4; v++)
        count->of[v] += rows.of[v];
    for (unsigned i = 0; i < PASSES; i++)
        if (!test->pass[i].done)
            printf("%s, timestamps %s: %s\n", test->pass[i].family == AF_INET ? "IPv4" : "IPv6",
                   test->pass[i].stamps ? "on" : "off", test->pass[i].why.text);
    if (*test->unlike.text)
        printf("%s\n", test->unlike.text);
}

bool audit_print(const struct audit *a)
{
    struct audit_count n = {{0}};
    print_audit_settings(&a->settings, &n);
    printf("\n");
    if (a->test->done)
        print_audit_test(a->test, &n);
    else
        printf("no self-test: %s\n", a->test->why.text);
    printf("\n%u good, %u weak, %u unknown, %u bad\n", n.of[VERDICT_GOOD], n.of[VERDICT_WEAK],
           n.of[VERDICT_UNKNOWN], n.of[VERDICT_BAD]);
    return selftest_whole(a->test) && !n.of[VERDICT_BAD];
}
