/*
 * Compiles packages: name, version and sequence; and checks that all their rules are in the
 * author's scope.
 */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/scope.h"
#include "btnsd/rules/compile/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct policy_package *open_package(const struct policy_builder *b)
{
    return &b->rules->package[b->rules->packages - 1];
}

/* The package whose text is being compiled; NULL: its package section has not come yet. */
static const struct policy_package *package_of(const struct policy_builder *b, unsigned file)
{
    const struct policy_package *p = b->rules->packages ? open_package(b) : NULL;
    return p && p->file == file ? p : NULL;
}

/* A package's name is its file's name, so that no other package can have it. */
static bool is_package_named_after_file(const char *name, const char *path)
{
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    size_t n = strlen(name);
    return !strncmp(file, name, n) && !strcmp(file + n, ".conf");
}

int package_open(struct policy_builder *b, const struct policy_record *r)
{
    char quoted[POLICY_QUOTED];
    const struct policy_text *text = &b->text[r->file];
    if (package_of(b, r->file))
        return policy_fault(b->fault, r->line, "a file is one package");
    if (!is_package_named_after_file(r->text, text->file))
        return policy_fault(b->fault, r->line, "package %s: a package is called as its file",
                            fault_quote(quoted, r->text));
    struct policy_package *p = &b->rules->package[b->rules->packages++];
    snprintf(p->name, sizeof p->name, "%s", r->text);
    p->file = r->file;
    p->line = r->line;
    p->signer = text->signer;
    p->path = policy_arena_text(b->arena, text->file);
    b->open_package = r;
    return p->path ? 0 : -ENOMEM;
}

int package_close(struct policy_builder *b)
{
    char quoted[POLICY_QUOTED], author[300];
    const struct policy_record *where = b->open_package;
    if (!where)
        return 0;
    b->open_package = NULL;
    struct policy_package *p = open_package(b);
    b->fault->file = where->file;
    if (!*p->version || !p->sequence)
        return policy_fault(b->fault, where->line, "package %s has no %s",
                            fault_quote(quoted, where->text),
                            *p->version ? "sequence: a number that only grows" : "version");
    snprintf(author, sizeof author, "package %s %s of %s", p->name, p->version,
             p->signer ? p->signer->name : "?");
    p->author = policy_arena_text(b->arena, author);
    return p->author ? 0 : -ENOMEM;
}

int package_set_version(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    int rc = value_check_name(v->text, v->line, b->fault);
    if (!rc)
        snprintf(open_package(b)->version, sizeof open_package(b)->version, "%s", v->text);
    return rc;
}

int package_set_sequence(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    char quoted[POLICY_QUOTED];
    unsigned number;
    (void)n;
    if (!value_number(v->text, &number) || !number)
        return policy_fault(b->fault, v->line, "sequence %s: write a number from 1 on",
                            fault_quote(quoted, v->text));
    open_package(b)->sequence = number;
    return 0;
}

int package_check_is_one(struct policy_builder *b, const struct policy_record *r)
{
    char quoted[POLICY_QUOTED];
    if (b->text[r->file].source != SOURCE_PACKAGE || package_of(b, r->file))
        return 0;
    return policy_fault(b->fault, r->line,
                        "%s %s: a package's first section says which it is: package \"NAME\" { "
                        "version = ... sequence = ... }",
                        policy_schema[r->section].name, fault_quote(quoted, r->text));
}

int package_check_program_scope(struct policy_builder *b, const struct policy_record *program)
{
    const struct policy_text *text = &b->text[program->file];
    char quoted[POLICY_QUOTED];
    if (text->source != SOURCE_PACKAGE)
        return 0;
    for (size_t i = 0; text->signer && i < b->matches; i++)
        if (!scope_has_program(text->signer, b->match[i])) {
            b->fault->file = program->file;
            return policy_fault(b->fault, program->line,
                                "program %s: \"%.80s\" is outside of what author \"%s\" may "
                                "speak for",
                                fault_quote(quoted, program->text), b->match[i],
                                text->signer->name);
        }
    return 0;
}

int package_check_rule_scope(struct policy_builder *b, const struct policy_record *where)
{
    const struct policy_text *text = &b->text[where->file];
    struct rule *rule = &b->rules->rule[b->rules->n - 1];
    char quoted[POLICY_QUOTED];
    if (text->source != SOURCE_PACKAGE)
        return 0;
    rule->author = package_of(b, where->file)->author;
    if (!text->signer || scope_has_remotes(text->signer, rule))
        return 0;
    b->fault->file = where->file;
    return policy_fault(
        b->fault, where->line,
        "rule %s: its remote addresses are not all inside of what author \"%s\" may "
        "speak for",
        fault_quote(quoted, where->text), text->signer->name);
}

/* Every package text needs its package section; the hash is over its octets. */
int packages_check(struct policy_builder *b, unsigned files)
{
    size_t n = 0;
    for (unsigned i = 0; i < files; i++) {
        if (b->text[i].source != SOURCE_PACKAGE)
            continue;
        b->fault->file = i;
        if (n == b->rules->packages || b->rules->package[n].file != i)
            return policy_fault(b->fault, 0,
                                "says not which package it is: package \"NAME\" { "
                                "version = ... sequence = ... }");
        memcpy(b->rules->package[n++].hash, b->rules->origin[i].hash,
               sizeof b->rules->package->hash);
    }
    return 0;
}

unsigned package_scope(const struct policy_builder *b, unsigned file)
{
    return b->text[file].source == SOURCE_PACKAGE ? file + 1 : 0;
}
