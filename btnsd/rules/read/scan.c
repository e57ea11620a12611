/*
 * Scans a policy's text into a tree of sections and values with their lines. libconfuse 3.3 accepts
 * a file with a missing `}`, keeps the last of two values for a field, and reads `rule=x|action` as
 * a path into another section: the scanner refuses such a text, and names the line.
 */
#include "btnsd/rules/read/scan.h"

#include "btnsd/rules/read/lexer.h"
#include "btnsd/rules/read/tree.h"

#include <errno.h>
#include <string.h>

struct scan {
    struct policy_lexer lexer;
    struct policy_token token; /* the next token */
    struct policy_tree *tree;
    size_t open; /* the innermost open section's node */
    struct policy_fault *f;
};

static int scan_token(struct scan *s)
{
    return lexer_next(&s->lexer, &s->token, s->f);
}

static struct policy_node *scan_open_node(const struct scan *s)
{
    return &s->tree->node[s->open];
}

static int unexpected_token(const struct scan *s, const char *wanted)
{
    char quoted[POLICY_QUOTED];
    const struct policy_token *t = &s->token;
    return policy_fault(s->f, t->line, "expected %s, not %s", wanted,
                        t->kind == TOKEN_END ? "the end of the file"
                                             : fault_quote(quoted, t->text));
}

static bool is_text_token(const struct scan *s)
{
    return s->token.kind == TOKEN_WORD || s->token.kind == TOKEN_STRING;
}

static int scan_value(struct scan *s, int field, unsigned ordinal)
{
    if (!is_text_token(s))
        return unexpected_token(s, "a value");
    struct policy_node node = {.section = scan_open_node(s)->section,
                               .field = field,
                               .line = s->token.line,
                               .column = s->token.column,
                               .width = s->token.width,
                               .ordinal = ordinal,
                               .parent = s->open};
    int rc = policy_tree_add(s->tree, &node, s->token.text, s->f);
    return rc ? rc : scan_token(s);
}

static int scan_list(struct scan *s, int field)
{
    unsigned line = s->token.line, n = 0;
    const char *name = policy_schema[scan_open_node(s)->section].field[field].name;
    int rc = scan_token(s);
    while (!rc && s->token.kind != TOKEN_CLOSE) {
        if ((rc = scan_value(s, field, n++)))
            return rc;
        if (s->token.kind == TOKEN_COMMA)
            rc = scan_token(s);
        else if (s->token.kind != TOKEN_CLOSE)
            return policy_fault(s->f, s->token.line,
                                "\",\" or \"}\" is missing in the list \"%s\" of line %u", name,
                                line);
    }
    if (!rc && !n)
        return policy_fault(s->f, line,
                            "the list \"%s\" is empty: give it a value, or leave it out", name);
    return rc ? rc : scan_token(s);
}

static int scan_field(struct scan *s, const char *name, unsigned line)
{
    struct policy_node *section = scan_open_node(s);
    const struct policy_schema *schema = &policy_schema[section->section];
    int field = grammar_field_find(section->section, name), rc;
    if (field < 0 && grammar_section_find(name) != SECTION_FILE)
        return policy_fault(s->f, line, "a %s has no \"=\": write %s \"NAME\" {", name, name);
    if (field < 0)
        return tree_fault_unknown(s->f, line, section, name);
    if (section->seen & 1u << field)
        return policy_fault(s->f, line, "\"%s\" is already given on line %u: keep one of them",
                            name, policy_tree_line(s->tree, s->open, field));
    section->seen |= 1u << field;
    if ((rc = scan_token(s)))
        return rc;
    if (s->token.kind != TOKEN_OPEN)
        return scan_value(s, field, 0);
    if (!schema->field[field].list)
        return policy_fault(s->f, s->token.line, "\"%s\" takes one value: write it without braces",
                            name);
    return scan_list(s, field);
}

/*
 * The fault for a section that does not belong here. `profile` is also the name of a field, so the
 * function looks further.
 */
static int scan_wrong_section(struct scan *s, enum policy_section kind, const char *name,
                              unsigned line)
{
    const struct policy_node *in = scan_open_node(s);
    int rc = is_text_token(s) ? scan_token(s) : 0;
    if (rc)
        return rc;
    if (grammar_field_find(in->section, name) >= 0 &&
        (kind == SECTION_FILE || s->token.kind != TOKEN_OPEN))
        return policy_fault(s->f, line, "\"=\" is missing after \"%s\"", name);
    if (kind == SECTION_FILE)
        return tree_fault_unknown(s->f, line, in, name);
    return tree_fault_misplaced(s->f, line, in, kind);
}

static int scan_section(struct scan *s, const char *name, unsigned line)
{
    enum policy_section kind = grammar_section_find(name);
    if (kind == SECTION_FILE || policy_schema[kind].parent != scan_open_node(s)->section)
        return scan_wrong_section(s, kind, name, line);
    if (!is_text_token(s))
        return policy_fault(s->f, line, "a %s needs a name: write %s \"NAME\" {", name, name);
    struct policy_node node = {
        .section = kind, .field = NODE_SECTION, .line = line, .parent = s->open};
    if (s->token.line == line) {
        node.column = s->token.column;
        node.width = s->token.width;
    }
    int rc = policy_tree_add_section(s->tree, &node, s->token.text, s->f);
    if (rc || (rc = scan_token(s)))
        return rc;
    if (s->token.kind != TOKEN_OPEN)
        return unexpected_token(s, "\"{\"");
    s->open = s->tree->n - 1;
    return scan_token(s);
}

static int scan_close(struct scan *s)
{
    if (!s->open)
        return policy_fault(s->f, s->token.line, "this \"}\" closes nothing");
    scan_open_node(s)->end = s->tree->n;
    s->open = scan_open_node(s)->parent;
    return scan_token(s);
}

static int scan_statement(struct scan *s)
{
    if (s->token.kind == TOKEN_CLOSE)
        return scan_close(s);
    if (s->token.kind != TOKEN_WORD)
        return unexpected_token(s, "the name of a field or section (without quotes)");
    char name[POLICY_VALUE_MAX];
    unsigned line = s->token.line;
    memcpy(name, s->token.text, sizeof name);
    if (s->tree->n == 1 && strcmp(name, "format"))
        return policy_fault(s->f, line, "the first statement must be: format = 1");
    int rc = scan_token(s);
    if (rc)
        return rc;
    return s->token.kind == TOKEN_EQUALS ? scan_field(s, name, line) : scan_section(s, name, line);
}

/* A later format may have other fields, so the format is checked first. */
static int scan_format(const struct scan *s)
{
    char quoted[POLICY_QUOTED];
    const struct policy_node *value = &s->tree->node[1];
    if (s->tree->n != 2 || !strcmp(value->text, "1"))
        return 0;
    return policy_fault(s->f, value->line, "format %s is not known: only format 1 is",
                        fault_quote(quoted, value->text));
}

int policy_scan(char *text, size_t len, struct policy_tree *tree, struct policy_fault *f)
{
    struct scan s = {.lexer = {.text = text, .len = len, .line = 1}, .tree = tree, .f = f};
    struct policy_node file = {.section = SECTION_FILE, .field = NODE_SECTION, .line = 1};
    if (memchr(text, 0, len))
        return policy_fault(f, 0, "holds a NUL octet: not a text file");
    int rc = policy_tree_add(tree, &file, "", f);
    if (!rc)
        rc = scan_token(&s);
    while (!rc && s.token.kind != TOKEN_END) {
        rc = scan_statement(&s);
        if (!rc)
            rc = scan_format(&s);
    }
    if (rc)
        return rc;
    if (s.open)
        return policy_fault(f, scan_open_node(&s)->line,
                            "this %s is never closed: \"}\" is missing",
                            policy_schema[scan_open_node(&s)->section].name);
    if (tree->n == 1)
        return policy_fault(f, 1, "an empty policy: the first statement must be: format = 1");
    tree->node[0].end = tree->n;
    return 0;
}
