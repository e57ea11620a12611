/* Compiles the simple fields of files, profiles, programs and rules. */
#include "btnsd/rules/compile/fields.h"

#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/value.h"
#include "btnsd/rules/model/names.h"
#include "libapi/wire/service.h"

#include <stdio.h>
#include <string.h>

int field_set_format(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return policy_choose_only(b, v, "1");
}

int field_set_profile_protocol(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return policy_choose_only(b, v, "esp");
}

int field_set_mode(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    static const char *const modes[] = {"transport", "beet", NULL};
    (void)n;
    int i = policy_choose(b, v, modes);
    if (i < 0)
        return i;
    b->open_profile->plain->beet = i == 1;
    return 0;
}

int field_set_suites(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    const char *names[16] = {NULL};
    for (size_t i = 0; suites[i].name; i++)
        names[i] = suites[i].name;
    int i = policy_choose(b, v, names);
    if (i < 0)
        return i;
    if (n > 1)
        return policy_fault(b->fault, v[1].line, "several suites are not supported yet: keep one");
    struct profile *p = b->open_profile->plain;
    snprintf(p->suite, sizeof p->suite, "%s", names[i]);
    return 0;
}

int field_set_match(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct expanded e;
    int rc = policy_expand(b, v, n, GROUP_PROGRAMS, &e);
    if (rc)
        return rc;
    b->match = policy_arena_get(b->arena, e.n, sizeof *b->match);
    if (!b->match)
        return policy_no_memory(b);
    for (size_t i = 0; i < e.n; i++) {
        b->fault->file = e.value[i]->file;
        rc = value_check_glob(e.value[i]->text, e.value[i]->line, b->fault);
        if (rc)
            return rc;
        if (!(b->match[i] = policy_arena_text(b->arena, e.value[i]->text)))
            return policy_no_memory(b);
    }
    b->matches = e.n;
    return 0;
}

int field_set_rule_protocol(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    const char *names[8] = {NULL};
    for (size_t i = 0; rule_protocols[i]; i++)
        names[i] = protocol_name(rule_protocols[i]);
    b->open_rule->protocols = 0;
    for (size_t k = 0; k < n; k++) {
        int i = policy_choose(b, &v[k], names);
        if (i < 0)
            return i;
        b->open_rule->protocols |= rule_protocol_bit(rule_protocols[i]);
    }
    return 0;
}

int field_set_port(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct ports *all = policy_arena_get(b->arena, n, sizeof *all);
    if (!all)
        return policy_no_memory(b);
    for (size_t i = 0; i < n; i++) {
        int rc = value_ports(v[i].text, &all[i], v[i].line, b->fault);
        if (rc)
            return rc;
    }
    b->open_rule->port = all;
    b->open_rule->ports = n;
    return 0;
}

int field_set_profile(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    b->unresolved[b->rules->n - 1].profile = v;
    return 0;
}

int field_set_profile_permit(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return identity_take_permit(b, v, n, &b->open_profile->permit);
}

int field_set_rule_permit(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return identity_take_permit(b, v, n, &b->unresolved[b->rules->n - 1].permit);
}
