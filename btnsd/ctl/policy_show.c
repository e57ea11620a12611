/* btnsctl policy show: prints policy files as they were written, or in the long form. */
#include "btnsd/ctl/policy_show.h"

#include "btnsd/ctl/policy_files.h"
#include "btnsd/rules/read/scan.h"
#include "btnsd/rules/read/short.h"
#include "libapi/tool/json.h"
#include "libapi/tool/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void show_policy_indent(FILE *to, unsigned depth)
{
    fprintf(to, "%*s", (int)(2 * depth), "");
}

/* Writes a value in the language's form: in quotes, in which only \ and the quote are escaped. */
static void show_policy_value(FILE *to, const char *text)
{
    static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (*text && !text[strspn(text, bare)]) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text; text++)
        fprintf(to, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
    fputc('"', to);
}

/* Writes the values of one field, from node i on. Returns the node behind them. */
static size_t show_policy_field(FILE *to, const struct policy_tree *t, size_t i, unsigned depth)
{
    const struct policy_node *node = &t->node[i];
    const struct policy_field *field = &policy_schema[node->section].field[node->field];
    show_policy_indent(to, depth);
    fprintf(to, "%s = %s", field->name, field->list ? "{ " : "");
    for (; i < t->n && t->node[i].field == node->field && t->node[i].parent == node->parent; i++) {
        fputs(t->node[i].ordinal ? ", " : "", to);
        show_policy_value(to, t->node[i].text);
    }
    fputs(field->list ? " }\n" : "\n", to);
    return i;
}

/* Sections nest no deeper than the grammar. */
static void show_policy_section(FILE *to, const struct policy_tree *t, size_t section,
                                unsigned depth)
{
    for (size_t i = section + 1; i < t->node[section].end;) {
        const struct policy_node *node = &t->node[i];
        if (node->field != NODE_SECTION) {
            i = show_policy_field(to, t, i, depth);
            continue;
        }
        show_policy_indent(to, depth);
        fprintf(to, "%s ", policy_schema[node->section].name);
        show_policy_value(to, node->text);
        fputs(" {\n", to);
        show_policy_section(to, t, i, depth + 1);
        show_policy_indent(to, depth);
        fputs("}\n", to);
        i = node->end;
    }
}

static int put_policy_in_long_form(FILE *to, const struct policy_text *text, struct err *err)
{
    struct policy_tree tree = {0};
    struct policy_long as_long;
    struct policy_fault f = {0};
    int rc = short_to_long(text->text, text->len, &as_long, &f);
    if (!rc)
        rc = policy_scan(as_long.text, as_long.len, &tree, &f);
    if (!rc)
        show_policy_section(to, &tree, 0, 0);
    else if (f.line)
        err_set(err, "%s:%u: %s", text->file, f.line, f.reason);
    else
        err_set(err, "%s: %s", text->file, f.reason);
    policy_tree_free(&tree);
    short_long_free(&as_long);
    return rc;
}

/* Gets the file's text in the wanted form; NULL with err. The caller frees it. */
static char *policy_text_form(const struct policy_text *text, bool as_long, struct err *err)
{
    char *copy = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&copy, &len);
    int rc = to ? 0 : -ENOMEM;
    if (to && as_long)
        rc = put_policy_in_long_form(to, text, err);
    else if (to)
        fwrite(text->text, 1, text->len, to);
    if (to && fclose(to))
        rc = -ENOMEM;
    if (!rc)
        return copy;
    if (rc == -ENOMEM)
        err_set(err, "out of memory");
    free(copy);
    return NULL;
}

static void show_policy_file(struct json *j, bool json, const char *file, const char *text)
{
    if (json) {
        json_begin_list(j);
        json_open_record(j, NULL);
        json_string(j, "file", file);
        json_string(j, "text", text);
        json_close(j, '}');
        return;
    }
    printf("# %s\n", file);
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        char *line = strndup(text, n), *clean = malloc(4 * n + 32);
        if (line && clean)
            puts(text_clean(clean, 4 * n + 32, line));
        free(line);
        free(clean);
    }
}

int policy_show(const struct ctl *c, struct err *err)
{
    struct policy_files files;
    struct json j = {.to = stdout};
    int rc = policy_files_read(&files, c->args + 1, c->n - 1, err), status = CTL_OK;
    for (unsigned i = 0; !rc && status == CTL_OK && i < files.n; i++) {
        char *text = policy_text_form(&files.text[i], c->as_long, err);
        if (text)
            show_policy_file(&j, c->json, files.text[i].file, text);
        else
            status = CTL_FAILED;
        free(text);
    }
    if (!rc && c->json) {
        json_begin_list(&j);
        json_close(&j, ']');
    }
    source_texts_free(files.text, files.n);
    return rc ? CTL_USAGE : status;
}
