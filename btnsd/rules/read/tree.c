/* The tree of a policy's sections and values: adds nodes, and finds them. */
#include "btnsd/rules/read/tree.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int no_memory_for_tree(struct policy_fault *f)
{
    policy_fault(f, 0, "out of memory");
    return -ENOMEM;
}

int policy_tree_add(struct policy_tree *tree, const struct policy_node *node, const char *text,
                    struct policy_fault *f)
{
    struct policy_node *more = array_grow(tree->node, &tree->size, tree->n + 1, sizeof *more);
    if (!more)
        return no_memory_for_tree(f);
    tree->node = more;
    char *copy = strdup(text);
    if (!copy)
        return no_memory_for_tree(f);
    tree->node[tree->n] = *node;
    tree->node[tree->n++].text = copy;
    return 0;
}

/* The next child of the same parent after i; a section's children lie between it and its end. */
static size_t next_tree_sibling(const struct policy_tree *tree, size_t i)
{
    return tree->node[i].field == NODE_SECTION ? tree->node[i].end : i + 1;
}

int policy_tree_add_section(struct policy_tree *tree, struct policy_node *node, const char *title,
                            struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    for (size_t i = node->parent + 1; i < tree->n; i = next_tree_sibling(tree, i)) {
        const struct policy_node *sibling = &tree->node[i];
        if (sibling->field != NODE_SECTION || sibling->section != node->section)
            continue;
        if (!strcmp(sibling->text, title))
            return policy_fault(
                f, node->line, "%s %s is already there on line %u: rename one, or merge them",
                policy_schema[node->section].name, fault_quote(quoted, title), sibling->line);
        node->ordinal++;
    }
    return policy_tree_add(tree, node, title, f);
}

unsigned policy_tree_line(const struct policy_tree *tree, size_t section, int field)
{
    for (size_t i = section + 1; i < tree->n; i = next_tree_sibling(tree, i))
        if (tree->node[i].field == field)
            return tree->node[i].line;
    return tree->node[section].line;
}

static size_t add_known_name(char *buf, size_t size, size_t at, const char *name)
{
    size_t n = at < size ? (size_t)snprintf(buf + at, size - at, "%s%s", at ? ", " : "", name) : 0;
    return at + n;
}

/* Writes "at, protocol, ...": the fields and sections that a section may have, as many as fit. */
static void list_known_names(enum policy_section section, char *buf, size_t size)
{
    size_t at = 0;
    for (const struct policy_field *field = policy_schema[section].field; field->name; field++)
        at = add_known_name(buf, size, at, field->name);
    for (enum policy_section s = SECTION_FILE + 1; s < SECTIONS; s++)
        if (policy_schema[s].parent == section)
            at = add_known_name(buf, size, at, policy_schema[s].name);
    if (section == SECTION_FILE)
        add_known_name(buf, size, at, "peer; or a rule on one line: protect, prefer, bypass, deny");
}

int tree_fault_unknown(struct policy_fault *f, unsigned line, const struct policy_node *in,
                       const char *name)
{
    char quoted[POLICY_QUOTED], known[200];
    list_known_names(in->section, known, sizeof known);
    return policy_fault(f, line, "%s is not known in a %s; known are: %s",
                        fault_quote(quoted, name), policy_schema[in->section].name, known);
}

int tree_fault_misplaced(struct policy_fault *f, unsigned line, const struct policy_node *in,
                         enum policy_section kind)
{
    const char *name = policy_schema[kind].name;
    if (in->section == SECTION_FILE)
        return policy_fault(f, line, "a %s must stand inside a %s", name,
                            policy_schema[policy_schema[kind].parent].name);
    return policy_fault(f, line,
                        "a %s cannot stand in the %s of line %u: is a \"}\" missing before it?",
                        name, policy_schema[in->section].name, in->line);
}

void policy_tree_free(struct policy_tree *tree)
{
    for (size_t i = 0; i < tree->n; i++)
        free(tree->node[i].text);
    free(tree->node);
    *tree = (struct policy_tree){0};
}
