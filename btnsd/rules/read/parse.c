/*
 * Parses a policy's text with libconfuse, compares the result with the scanner's tree, and turns it
 * into records. libconfuse gives the values; the scanner gives their lines. Each of the two
 * misreads some texts that the other reads correctly, so a text on which they differ is refused.
 */
#include "btnsd/rules/read/parse.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Global, because libconfuse's lexer is global, and its error function gets no context. */
static struct policy_fault *fault;

static void note_parse_error(cfg_t *cfg, const char *form, va_list ap)
    __attribute__((format(printf, 2, 0)));
static void note_parse_error(cfg_t *cfg, const char *form, va_list ap)
{
    if (fault->reason[0])
        return;
    fault->line = cfg && cfg->line > 0 ? (unsigned)cfg->line : 0;
    vsnprintf(fault->reason, sizeof fault->reason, form, ap);
    fault_printable(fault->reason);
}

#define OPTIONS_MAX (POLICY_FIELDS_MAX + SECTIONS + 1)

/* The grammar as libconfuse's options: every value a string, because libconfuse takes 010 for 8. */
static cfg_opt_t *confuse_options(enum policy_section section)
{
    static cfg_opt_t table[SECTIONS][OPTIONS_MAX];
    cfg_opt_t *o = table[section];
    for (const struct policy_field *field = policy_schema[section].field; field->name; field++)
        *o++ = field->list ? (cfg_opt_t)CFG_STR_LIST(field->name, NULL, CFGF_NODEFAULT)
                           : (cfg_opt_t)CFG_STR(field->name, NULL, CFGF_NODEFAULT);
    for (enum policy_section s = SECTION_FILE + 1; s < SECTIONS; s++)
        if (policy_schema[s].parent == section)
            *o++ = (cfg_opt_t)CFG_SEC(policy_schema[s].name, confuse_options(s),
                                      CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    *o = (cfg_opt_t)CFG_END();
    return table[section];
}

struct walk {
    unsigned file;
    const struct policy_tree *tree;
    struct policy_stream *out;
};

static int parsers_differ(const struct policy_node *node, const char *theirs)
{
    char ours[POLICY_QUOTED], quoted[POLICY_QUOTED];
    return policy_fault(fault, node->line, "%s is ambiguous: libconfuse takes it for %s",
                        fault_quote(ours, node->text), fault_quote(quoted, theirs));
}

static int parsers_differ_in_number(const struct policy_node *section, const char *name)
{
    return policy_fault(fault, section->line, "libconfuse sees more or less of \"%s\" in this %s",
                        name, policy_schema[section->section].name);
}

static int put_parsed_record(const struct walk *w, const struct policy_node *node,
                             enum policy_record_kind kind, const char *text)
{
    if (!text || strcmp(text, node->text))
        return parsers_differ(node, text ? text : "(nothing)");
    struct policy_record record = {.kind = kind,
                                   .section = node->section,
                                   .field = kind == RECORD_VALUE ? (unsigned)node->field : 0,
                                   .file = w->file,
                                   .line = node->line,
                                   .text = text};
    return record_put(w->out, &record);
}

/* libconfuse must not have read more than the scanner: fields first, then kinds of section. */
static int compare_parsed_counts(const struct policy_node *section, cfg_t *cfg,
                                 const unsigned *fields, const unsigned *sections)
{
    const struct policy_schema *schema = &policy_schema[section->section];
    for (size_t i = 0; schema->field[i].name; i++)
        if (cfg_size(cfg, schema->field[i].name) != fields[i])
            return parsers_differ_in_number(section, schema->field[i].name);
    for (enum policy_section s = SECTION_FILE + 1; s < SECTIONS; s++)
        if (policy_schema[s].parent == section->section &&
            cfg_size(cfg, policy_schema[s].name) != sections[s])
            return parsers_differ_in_number(section, policy_schema[s].name);
    return 0;
}

static int put_parsed_values(const struct walk *w, size_t at, cfg_t *cfg)
{
    const struct policy_node *section = &w->tree->node[at];
    unsigned fields[POLICY_FIELDS_MAX] = {0}, sections[SECTIONS] = {0};
    for (size_t i = at + 1; i < section->end; i++) {
        const struct policy_node *node = &w->tree->node[i];
        if (node->field == NODE_SECTION) {
            sections[node->section]++;
            i = node->end - 1;
            continue;
        }
        fields[node->field]++;
        const char *name = policy_schema[node->section].field[node->field].name;
        const char *text =
            node->ordinal < cfg_size(cfg, name) ? cfg_getnstr(cfg, name, node->ordinal) : NULL;
        int rc = put_parsed_record(w, node, RECORD_VALUE, text);
        if (rc)
            return rc;
    }
    return compare_parsed_counts(section, cfg, fields, sections);
}

/* Puts a section, its values and its sections; they nest no deeper than the grammar. */
static int put_parsed_section(const struct walk *w, size_t at, cfg_t *cfg)
{
    const struct policy_node *section = &w->tree->node[at];
    const char *title = section->section == SECTION_FILE ? "" : cfg_title(cfg);
    int rc = put_parsed_record(w, section, RECORD_SECTION, title);
    if (!rc)
        rc = put_parsed_values(w, at, cfg);
    for (size_t i = at + 1; !rc && i < section->end; i++) {
        const struct policy_node *node = &w->tree->node[i];
        if (node->field != NODE_SECTION)
            continue;
        const char *name = policy_schema[node->section].name;
        if (node->ordinal >= cfg_size(cfg, name))
            return parsers_differ(node, "(nothing)");
        rc = put_parsed_section(w, i, cfg_getnsec(cfg, name, node->ordinal));
        i = node->end - 1;
    }
    return rc;
}

int parse_with_confuse(unsigned file, const char *text, const struct policy_tree *tree,
                       struct policy_stream *out, struct policy_fault *f)
{
    struct walk w = {.file = file, .tree = tree, .out = out};
    int rc = -ENOMEM;
    fault = f;
    f->reason[0] = 0;
    cfg_t *cfg = cfg_init(confuse_options(SECTION_FILE), CFGF_NONE);
    if (cfg) {
        cfg_set_error_function(cfg, note_parse_error);
        rc = cfg_parse_buf(cfg, text) == CFG_SUCCESS ? put_parsed_section(&w, 0, cfg) : -EINVAL;
        cfg_free(cfg);
    }
    if (rc && !f->reason[0])
        policy_fault(f, 0, rc == -ENOMEM ? "out of memory" : "libconfuse refuses it");
    return rc;
}
