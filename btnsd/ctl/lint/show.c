/* Prints the findings as text (place, line, caret, reason, advice) or as JSON. */
#include "btnsd/ctl/lint/show.h"

#include "libapi/tool/json.h"
#include "libapi/tool/text.h"

#include <string.h>

static const char *const severities[] = {
    [LINT_ERROR] = "error", [LINT_WARNING] = "warning", [LINT_NOTE] = "note"};

static const char *finding_file(const struct lint *l, const struct lint_finding *f)
{
    return f->file < l->files ? l->text[f->file].file : "policy";
}

#define SOURCE_MAX  120
#define SOURCE_LEAD 60

/*
 * Gets the finding's line, or the part of it around the place, and the place's column in that part.
 */
static bool finding_line(const struct lint *l, const struct lint_finding *f,
                         char line[SOURCE_MAX + 1], unsigned *column)
{
    if (f->file >= l->files || !f->line)
        return false;
    const char *at = l->text[f->file].text, *end = at + l->text[f->file].len;
    for (unsigned n = 1; n < f->line && at < end; n++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        at = next ? next + 1 : end;
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t len = (size_t)((stop ? stop : end) - at);
    bool far = f->column + f->width > SOURCE_MAX && f->column > SOURCE_LEAD;
    size_t skip = far ? f->column - SOURCE_LEAD : 0;
    skip = skip < len ? skip : 0;
    len = len - skip < SOURCE_MAX ? len - skip : SOURCE_MAX;
    for (size_t i = 0; i < len; i++)
        line[i] = at[skip + i] >= 0x20 && at[skip + i] < 0x7f ? at[skip + i] : ' ';
    line[len] = 0;
    *column = f->column - (unsigned)skip;
    return len > 0;
}

static void show_source_line(const struct lint *l, const struct lint_finding *f)
{
    char line[SOURCE_MAX + 1];
    unsigned column;
    if (!finding_line(l, f, line, &column))
        return;
    printf("    %s\n", line);
    if (!f->width || column >= strlen(line))
        return;
    printf("    %*s^", (int)column, "");
    for (unsigned i = 1; i < f->width && column + i < SOURCE_MAX; i++)
        putchar('~');
    putchar('\n');
}

static void show_finding(const struct lint *l, const struct lint_finding *f)
{
    char why[4 * sizeof f->why], instead[4 * sizeof f->instead], file[1100];
    printf("%s:", text_clean(file, sizeof file, finding_file(l, f)));
    if (f->line)
        printf("%u:", f->line);
    printf(" %s: %s%s%s: %s\n", severities[f->check->severity], f->check->code,
           strcmp(f->check->code, f->check->name) ? " " : "",
           strcmp(f->check->code, f->check->name) ? f->check->name : "",
           text_clean(why, sizeof why, f->why));
    show_source_line(l, f);
    if (*f->instead)
        printf("    instead: %s\n", text_clean(instead, sizeof instead, f->instead));
}

static void count_shown_findings(const struct lint *l, size_t n[3])
{
    memset(n, 0, 3 * sizeof *n);
    for (size_t i = 0; i < l->findings; i++)
        n[l->finding[i].check->severity]++;
}

#define PLACES 4 /* places of similar findings that are listed */

/* Lists, on one line, later findings of the same kind as finding i. */
static void show_similar_findings(const struct lint *l, size_t i)
{
    char file[1100];
    size_t more = 0;
    for (size_t k = i + 1; k < l->findings; k++)
        more += l->finding[k].check == l->finding[i].check;
    if (!more)
        return;
    printf("    and %zu more %s (-v shows %s):", more, l->finding[i].check->name,
           more == 1 ? "it" : "them");
    for (size_t k = i + 1, n = 0; k < l->findings && n < PLACES; k++) {
        const struct lint_finding *f = &l->finding[k];
        if (f->check != l->finding[i].check)
            continue;
        const char *path = text_clean(file, sizeof file, finding_file(l, f)),
                   *slash = strrchr(path, '/');
        printf("%s %s:%u", n++ ? "," : "", slash ? slash + 1 : path, f->line);
    }
    printf("%s\n", more > PLACES ? ", ..." : "");
}

/*
 * Is the finding shown? Only the first of a kind, but all errors: each keeps a policy from coming
 * into force.
 */
static bool is_finding_shown(const struct lint *l, size_t i)
{
    for (size_t k = 0; k < i && l->finding[i].check->severity != LINT_ERROR; k++)
        if (l->finding[k].check == l->finding[i].check)
            return false;
    return true;
}

size_t show_findings(const struct lint *l, bool verbose)
{
    size_t n[3];
    char at[TEXT_TIME];
    count_shown_findings(l, n);
    for (size_t i = 0; i < l->findings; i++) {
        if (!verbose && !is_finding_shown(l, i))
            continue;
        show_finding(l, &l->finding[i]);
        if (!verbose && l->finding[i].check->severity != LINT_ERROR)
            show_similar_findings(l, i);
    }
    printf("%u file%s, %zu rule%s: %zu error%s, %zu warning%s, %zu note%s", l->files,
           l->files == 1 ? "" : "s", l->rules ? l->rules->n : 0,
           l->rules && l->rules->n == 1 ? "" : "s", n[LINT_ERROR], n[LINT_ERROR] == 1 ? "" : "s",
           n[LINT_WARNING], n[LINT_WARNING] == 1 ? "" : "s", n[LINT_NOTE],
           n[LINT_NOTE] == 1 ? "" : "s");
    if (l->accepted)
        printf(", %zu accepted", l->accepted);
    printf("; ");
    if (l->probed)
        printf("this host was probed at %s\n", text_time((uint64_t)l->probed, at));
    else
        printf("this host was not probed\n");
    return n[LINT_ERROR] + n[LINT_WARNING];
}

static void show_finding_json(struct json *j, const struct lint *l, const struct lint_finding *f)
{
    char line[SOURCE_MAX + 1] = "";
    unsigned column;
    finding_line(l, f, line, &column);
    json_open(j, NULL, '{');
    json_string(j, "severity", severities[f->check->severity]);
    json_string(j, "code", f->check->code);
    json_string(j, "check", f->check->name);
    json_string(j, "file", finding_file(l, f));
    json_number_or_null(j, "line", f->line);
    json_number_or_null(j, "column", f->width ? f->column + 1 : 0);
    json_number_or_null(j, "width", f->width);
    json_string_or_null(j, "source", line);
    json_string(j, "why", f->why);
    json_string_or_null(j, "instead", f->instead);
    json_close(j, '}');
}

size_t show_findings_json(const struct lint *l)
{
    struct json j = {.to = stdout};
    size_t n[3];
    count_shown_findings(l, n);
    json_open_record(&j, NULL);
    json_number(&j, "files", l->files);
    json_number(&j, "rules", l->rules ? l->rules->n : 0);
    json_number(&j, "errors", n[LINT_ERROR]);
    json_number(&j, "warnings", n[LINT_WARNING]);
    json_number(&j, "notes", n[LINT_NOTE]);
    json_number(&j, "accepted", l->accepted);
    json_number_or_null(&j, "probed", (uint64_t)l->probed);
    json_open(&j, "findings", '[');
    for (size_t i = 0; i < l->findings; i++)
        show_finding_json(&j, l, &l->finding[i]);
    json_close(&j, ']');
    json_close(&j, '}');
    return n[LINT_ERROR] + n[LINT_WARNING];
}
