/* Finds profiles by name and version, and by the properties that a rule requires. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 200

/* "name" or "name@version". */
int services_check_profile_name(const char *text, unsigned line, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED], name[256];
    unsigned version;
    size_t n = strcspn(text, "@");
    snprintf(name, sizeof name, "%.*s", (int)n, text);
    if (strlen(text) >= sizeof((struct profile *)NULL)->name)
        return value_check_name(text, line, f);
    if (text[n] && (!value_number(text + n + 1, &version) || !version))
        return policy_fault(f, line, "profile %s: write a version like \"%.40s@1\"",
                            fault_quote(quoted, text), name);
    return value_check_name(name, line, f);
}

/* The version in the name; 0: none. */
static unsigned long service_version(const char *name)
{
    const char *at = strchr(name, '@');
    return at ? strtoul(at + 1, NULL, 10) : 0;
}

static bool is_service_called(const char *name, const char *wanted)
{
    size_t n = strcspn(name, "@");
    return !strcmp(name, wanted) || (!strncmp(name, wanted, n) && !wanted[n]);
}

/* The highest version of the profile with that name; NULL: none. */
static struct policy_profile *find_service_in_scope(const struct policy_builder *b,
                                                    const char *name, unsigned scope)
{
    struct policy_profile *best = NULL;
    for (struct policy_profile *p = b->profile; p < b->profile + b->profiles; p++) {
        unsigned theirs = p->where ? package_scope(b, p->where->file) : 0; /* or the built-in one */
        if (theirs == scope && is_service_called(p->plain->name, name) &&
            (!best || service_version(p->plain->name) > service_version(best->plain->name)))
            best = p;
    }
    return best;
}

/* A package can use its own profiles, and the administrator's default profile. */
struct policy_profile *services_find_profile(const struct policy_builder *b, const char *name)
{
    struct policy_profile *profile = find_service_in_scope(b, name, b->scope);
    return profile || strcmp(name, POLICY_DEFAULT) ? profile : find_service_in_scope(b, name, 0);
}

/* ---- vendor, description */

static int check_service_text(struct policy_builder *b, const struct policy_record *v)
{
    char shown[TEXT_MAX + 2];
    snprintf(shown, sizeof shown, "%s", v->text);
    fault_printable(shown);
    if (!*v->text || strlen(v->text) > TEXT_MAX || strcmp(shown, v->text))
        return policy_fault(b->fault, v->line, "%s: write 1 to %d printable ASCII characters",
                            policy_schema[v->section].field[v->field].name, TEXT_MAX);
    return 0;
}

static int keep_service_text(struct policy_builder *b, const struct policy_record *v,
                             const char **text)
{
    int rc = check_service_text(b, v);
    if (!rc && !(*text = policy_arena_text(b->arena, v->text)))
        return policy_no_memory(b);
    return rc;
}

int services_set_vendor(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return keep_service_text(b, v, &b->open_profile->plain->vendor);
}

int services_set_description(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return keep_service_text(b, v, &b->open_profile->plain->description);
}

/* ---- require */

static bool service_always_strict(const struct profile *p)
{
    (void)p;
    return true; /* every suite encrypts and authenticates, and ESP without integrity is refused */
}

static bool without_replay(const struct profile *p)
{
    return !p->source.accept_no_replay;
}

static bool service_has_256_bits(const struct profile *p)
{
    const struct suite *s = suite_named(p->suite);
    return s && s->key_bits >= 256;
}

static bool is_known_service(const struct profile *p)
{
    return p->who.identity != IDENTITY_ANY_KEY;
}

static bool is_named_service(const struct profile *p)
{
    return demand_is_strict(&p->who);
}

static const struct {
    const char *name;
    bool (*has)(const struct profile *p);
} properties[] = {{"confidentiality", service_always_strict}, {"integrity", service_always_strict},
                  {"replay-protection", without_replay},      {"key-256", service_has_256_bits},
                  {"known-peer", is_known_service},           {"named-peer", is_named_service}};
#define PROPERTIES (sizeof properties / sizeof *properties)

int services_set_require(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct policy_unresolved *u = &b->unresolved[b->rules->n - 1];
    const char *names[PROPERTIES + 1] = {NULL};
    for (size_t i = 0; i < PROPERTIES; i++)
        names[i] = properties[i].name;
    for (size_t i = 0; i < n; i++) {
        int k = policy_choose(b, &v[i], names);
        if (k < 0)
            return k;
        u->required |= 1u << k;
    }
    u->require = v;
    return 0;
}

/* The first required property that the profile lacks, or NULL. */
static const char *service_lacks(const struct profile *p, unsigned required)
{
    for (size_t i = 0; i < PROPERTIES; i++)
        if (required & 1u << i && !properties[i].has(p))
            return properties[i].name;
    return NULL;
}

int services_check_required(struct policy_builder *b, const struct policy_unresolved *u,
                            const struct profile *p)
{
    char quoted[POLICY_QUOTED];
    const char *lacking = service_lacks(p, u->required);
    if (!lacking)
        return 0;
    b->fault->file = u->require->file;
    return policy_fault(b->fault, u->require->line, "profile %s has no %s, which the rule requires",
                        fault_quote(quoted, p->name), lacking);
}

struct policy_profile *services_find_required(struct policy_builder *b,
                                              const struct policy_unresolved *u)
{
    for (struct policy_profile *p = b->profile; p < b->profile + b->profiles; p++) {
        unsigned theirs = p->where ? package_scope(b, p->where->file) : 0;
        if (theirs == b->scope && !service_lacks(p->plain, u->required))
            return p;
    }
    return NULL;
}
