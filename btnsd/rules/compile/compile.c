/*
 * Compiles records into a generation of rules: opens and closes sections, and calls fields'
 * setters.
 */
#include "btnsd/rules/compile/compile.h"
#include "libapi/wire/service.h"

#include "btnsd/rules/compile/conflict.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"
#include "btnsd/rules/index/index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The reader never sends such records: it is broken, or somebody has taken it over. */
static int malformed_record(struct policy_builder *b)
{
    return policy_fault(b->fault, 0, "the policy reader's answer makes no sense");
}

static int fault_at_record(struct policy_builder *b, const struct policy_record *where,
                           const char *reason)
{
    char quoted[POLICY_QUOTED];
    b->fault->file = where->file;
    return policy_fault(b->fault, where->line, "%s %s %s", policy_schema[where->section].name,
                        fault_quote(quoted, where->text), reason);
}

static void note_rule_needs(struct rules *r, const struct rule *rule)
{
    r->needs |= (rule->groups ? NEEDS_GROUPS : 0) | (rule->cgroups ? NEEDS_CGROUP : 0) |
                (rule->interfaces ? NEEDS_INTERFACE : 0) | (rule->peer ? NEEDS_PEER : 0);
}

static int close_rule_section(struct policy_builder *b)
{
    const struct rule *rule = b->open_rule;
    if (!rule)
        return 0;
    b->open_rule = NULL;
    const struct policy_unresolved *last = &b->unresolved[b->rules->n - 1];
    if (!last->action)
        return fault_at_record(b, last->where, "has no action");
    note_rule_needs(b->rules, rule);
    /* The floor must be installed before any peer connects. */
    if (rule->at_accept && (rule->interfaces || rule->peer))
        return fault_at_record(
            b, last->where,
            rule->interfaces ? "has an interface, which connect alone knows: add at = connect"
                             : "asks for its peer, which connect alone knows: add at = connect");
    int rc = rank_close(b, last->where);
    return rc ? rc : package_check_rule_scope(b, last->where);
}

static int close_program_section(struct policy_builder *b)
{
    int rc = close_rule_section(b);
    b->open_profile = NULL;
    if (!rc)
        rc = package_close(b);
    if (!rc)
        rc = author_close(b);
    b->open_group = NULL;
    if (rc || !b->program)
        return rc;
    const struct policy_record *program = b->program;
    b->program = NULL;
    if (!b->matches)
        return fault_at_record(b, program, "has no match: say which executables it is for");
    return b->program_rules ? package_check_program_scope(b, program)
                            : fault_at_record(b, program, "has no rules");
}

static int open_file_section(struct policy_builder *b, const struct policy_record *r)
{
    (void)b;
    (void)r;
    return 0;
}

static int open_profile_section(struct policy_builder *b, const struct policy_record *r)
{
    char quoted[POLICY_QUOTED];
    struct policy_profile *profile = &b->profile[b->profiles];
    for (size_t i = 0; i < b->profiles; i++)
        if (!strcmp(b->profile[i].plain->name, r->text) &&
            package_scope(b, b->profile[i].where->file) == package_scope(b, r->file))
            return policy_fault(b->fault, r->line, "profile %s is already defined at %s:%u",
                                fault_quote(quoted, r->text),
                                b->text[b->profile[i].where->file].file, b->profile[i].where->line);
    profile->where = r;
    profile->plain = &b->rules->profile[b->rules->profiles++];
    *profile->plain =
        (struct profile){.who = {.identity = IDENTITY_KNOWN_KEY}, .timeout_ms = 10000};
    snprintf(profile->plain->name, sizeof profile->plain->name, "%s", r->text);
    snprintf(profile->plain->suite, sizeof profile->plain->suite, "%s", suites[0].name);
    b->profiles++;
    b->open_profile = profile;
    return 0;
}

static int open_program_section(struct policy_builder *b, const struct policy_record *r)
{
    b->program = r;
    b->match = NULL;
    b->matches = b->program_rules = 0;
    return package_check_is_one(b, r);
}

static int open_group_section(struct policy_builder *b, const struct policy_record *r)
{
    b->open_group = r;
    return 0;
}

static int open_rule_section(struct policy_builder *b, const struct policy_record *r)
{
    if (!b->program)
        return malformed_record(b);
    if (!b->matches)
        return fault_at_record(b, b->program, "has no match: say which executables it is for");
    struct rule *rule = &b->rules->rule[b->rules->n];
    b->unresolved[b->rules->n++].where = r;
    snprintf(rule->name, sizeof rule->name, "%s", r->text);
    snprintf(rule->program, sizeof rule->program, "%s", b->program->text);
    snprintf(rule->file, sizeof rule->file, "%s", b->text[r->file].file);
    rule->line = r->line;
    rule->ordinal = b->rules->n - 1;
    rank_open(b, rule, r);
    rule->at_connect = rule->at_accept = true;
    rule->protocols = rule_protocol_bit(PROTOCOL_UNSAID);
    rule->match = b->match;
    rule->matches = b->matches;
    b->program_rules++;
    b->open_rule = rule;
    return 0;
}

static int compile_section(struct policy_builder *b, const struct policy_record *r)
{
    static int (*const open[SECTIONS])(struct policy_builder *, const struct policy_record *) = {
        [SECTION_FILE] = open_file_section,       [SECTION_PROFILE] = open_profile_section,
        [SECTION_PROGRAM] = open_program_section, [SECTION_RULE] = open_rule_section,
        [SECTION_PACKAGE] = package_open,         [SECTION_AUTHOR] = author_open,
        [SECTION_GROUP] = open_group_section,     [SECTION_POINT] = point_open,
    };
    int rc = r->section == SECTION_RULE ? close_rule_section(b) : close_program_section(b);
    if (rc) /* the fault is in what ends here, perhaps in an earlier file */
        return rc;
    b->fault->file = r->file;
    if (r->section != SECTION_FILE)
        rc = (r->section == SECTION_PROFILE ? services_check_profile_name
                                            : value_check_name)(r->text, r->line, b->fault);
    unsigned only = policy_schema[r->section].only;
    if (!rc && only && !(only >> b->text[r->file].source & 1))
        rc = rank_not_yours(b, r);
    return rc ? rc : open[r->section](b, r);
}

/* Is the section of a value the one that is open? */
static bool is_section_open(const struct policy_builder *b, enum policy_section section)
{
    const void *const open[SECTIONS] = {
        [SECTION_FILE] = b,
        [SECTION_PROFILE] = b->open_profile,
        [SECTION_PROGRAM] = b->open_rule ? NULL : b->program,
        [SECTION_RULE] = b->open_rule,
        [SECTION_PACKAGE] = b->open_package,
        [SECTION_AUTHOR] = b->open_author,
        [SECTION_GROUP] = b->open_group,
        [SECTION_POINT] = b->open_group,
    };
    return open[section];
}

static size_t count_field_values(const struct policy_record *r, size_t n)
{
    size_t i = 1;
    while (i < n && r[i].kind == RECORD_VALUE && r[i].section == r->section &&
           r[i].field == r->field && r[i].file == r->file)
        i++;
    return i;
}

static int compile_given_records(struct policy_builder *b, const struct policy_record *r, size_t n)
{
    int rc = 0;
    for (size_t i = 0, used; !rc && i < n; i += used) {
        used = 1;
        if (r[i].kind == RECORD_SECTION) {
            rc = compile_section(b, &r[i]);
            continue;
        }
        used = count_field_values(&r[i], n - i);
        const struct policy_field *field = &policy_schema[r[i].section].field[r[i].field];
        b->fault->file = r[i].file;
        if (!is_section_open(b, r[i].section) || (!field->list && used > 1))
            rc = malformed_record(b);
        else if (field->only && !(field->only >> b->text[r[i].file].source & 1))
            rc = rank_not_yours(b, &r[i]);
        else
            rc = policy_setter_of(r[i].section, r[i].field)(b, &r[i], used);
    }
    return rc ? rc : close_program_section(b);
}

static size_t count_record_sections(const struct policy_record *r, size_t n,
                                    enum policy_section section)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += r[i].kind == RECORD_SECTION && r[i].section == section;
    return found;
}

/*
 * Allocates room for all profiles and the built-in one, each perhaps a second time with the time
 * limit of `prefer`, and for a profile of each rule that has a permit of its own.
 */
static bool get_compile_room(struct policy_builder *b, const struct policy_record *r, size_t n)
{
    size_t profiles = count_record_sections(r, n, SECTION_PROFILE) + 1,
           rules = count_record_sections(r, n, SECTION_RULE);
    size_t packages = count_record_sections(r, n, SECTION_PACKAGE),
           authors = count_record_sections(r, n, SECTION_AUTHOR);
    b->rules->package = policy_arena_get(b->arena, packages + 1, sizeof *b->rules->package);
    b->rules->author = policy_arena_get(b->arena, authors + 1, sizeof *b->rules->author);
    b->rules->profile = policy_arena_get(b->arena, 2 * profiles + rules, sizeof *b->rules->profile);
    b->rules->rule = policy_arena_get(b->arena, rules, sizeof *b->rules->rule);
    b->profile = calloc(profiles, sizeof *b->profile);
    b->unresolved = calloc(rules + 1, sizeof *b->unresolved);
    return b->rules->profile && b->rules->rule && b->rules->package && b->rules->author &&
           b->profile && b->unresolved;
}

int compile_fault_text(const struct policy_text *text, unsigned files, const struct policy_fault *f,
                       struct err *err)
{
    const char *file = f->file < files ? text[f->file].file : "policy";
    if (f->line)
        err_set(err, "%s:%u: %s", file, f->line, f->reason);
    else
        err_set(err, "%s: %s", file, f->reason);
    return -EINVAL;
}

static int check_compile_limits(struct policy_builder *b, const struct policy_record *r, size_t n)
{
    if (count_record_sections(r, n, SECTION_RULE) > b->limits->rules)
        return policy_fault(b->fault, 0, "%s can have %zu rules in all", b->limits->whose,
                            b->limits->rules);
    if (count_record_sections(r, n, SECTION_PROFILE) > b->limits->profiles)
        return policy_fault(b->fault, 0, "%s can have %zu profiles in all", b->limits->whose,
                            b->limits->profiles);
    return 0;
}

static int make_rules_index(struct policy_builder *b)
{
    int rc = index_build(b->rules, b->arena, &b->rules->index);
    if (rc == -E2BIG)
        policy_fault(b->fault, 0,
                     "the patterns of programs are so many that comparing them would take "
                     "more than %u MiB: merge some",
                     INDEX_OCTETS_MAX >> 20);
    if (rc == -EFBIG)
        policy_fault(b->fault, 0, "%zu rules: more than %u", b->rules->n, INDEX_RULES_MAX);
    return rc;
}

static struct rules *compile_records(const struct policy_text *text, unsigned files,
                                     const struct policy_record *record, size_t n,
                                     const struct lookups *names, bool mandatory_alone,
                                     struct err *err)
{
    struct policy_fault fault = {.reason = "out of memory"};
    struct policy_builder b = {
        .text = text, .names = names, .fault = &fault, .mandatory_alone = mandatory_alone};
    int rc = -ENOMEM;
    b.limits = policy_limits_of(text, files);
    b.rules = policy_rules_new(&b.arena);
    if (b.rules)
        b.rules->partial = mandatory_alone;
    if (b.rules && get_compile_room(&b, record, n)) {
        rc = check_compile_limits(&b, record, n);
        if (!rc)
            rc = policy_note_origins(&b, files);
        if (!rc)
            rc = expand_find_groups(&b, record, n);
        if (!rc)
            rc = compile_given_records(&b, record, n);
        if (!rc)
            rc = packages_check(&b, files);
        if (!rc)
            rc = policy_resolve(&b);
        if (!rc)
            rc = rank_sort(&b);
        if (!rc && mandatory_alone)
            b.rules->n = b.rules->mandatory;
        else if (!rc)
            rc = policy_check_conflicts(&b);
        if (!rc) {
            unresolved_fail_closed(b.rules);
            rc = make_rules_index(&b);
        }
    }
    free(b.profile);
    free(b.unresolved);
    if (!rc)
        return b.rules;
    compile_fault_text(text, files, &fault, err);
    rules_free(b.rules);
    return NULL;
}

struct rules *policy_compile(const struct policy_text *text, unsigned files,
                             const struct policy_record *record, size_t n,
                             const struct lookups *names, struct err *err)
{
    return compile_records(text, files, record, n, names, false, err);
}

struct rules *policy_compile_mandatory(const struct policy_text *text, unsigned files,
                                       const struct policy_record *record, size_t n,
                                       const struct lookups *names, struct err *err)
{
    return compile_records(text, files, record, n, names, true, err);
}
