/* Compiles a rule's conditions about addresses, processes, routes and peers. */
#include "btnsd/rules/compile/expand.h"
#include "btnsd/rules/compile/fields.h"

#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/value.h"
#include "btnsd/rules/model/names.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

/* The fault for a name that stands for no number or address. */
static int unknown_condition_name(struct policy_builder *b, const struct policy_record *v,
                                  const struct lookup *found)
{
    char quoted[POLICY_QUOTED];
    b->fault->file = v->file;
    if (b->text[v->file].source != SOURCE_ADMIN)
        return policy_fault(b->fault, v->line,
                            "%s: names are looked up for the administrator's policies alone: "
                            "write the %s",
                            fault_quote(quoted, v->text),
                            expand_lookup_kind(v) == LOOKUP_HOST ? "address" : "number");
    return policy_fault(b->fault, v->line, "%s: %s", fault_quote(quoted, v->text),
                        found ? lookup_why(found) : "was not looked up");
}

/* ---- addresses */

static int add_condition_prefix(struct policy_builder *b, const struct policy_record *v,
                                unsigned condition, struct prefix *all, size_t *n)
{
    b->fault->file = v->file;
    if (!lookup_is_name(LOOKUP_HOST, v->text))
        return policy_prefix(v->text, &all[(*n)++], v->line, b->fault);
    const struct lookup *l = lookup_find(b->names, LOOKUP_HOST, v->text);
    if (l && !l->found && lookup_may_come(l))
        return unresolved_note(b, l, condition);
    if (!l || !l->found)
        return unknown_condition_name(b, v, l);
    for (unsigned i = 0; i < l->found; i++)
        all[(*n)++] = (struct prefix){.net = l->address[i], .bits = btns_addr_bits(&l->address[i])};
    return 0;
}

/* How many prefixes the values can become at most: a name may have several addresses. */
static size_t room_for_prefixes(const struct policy_builder *b, const struct expanded *e)
{
    size_t n = 0;
    for (size_t i = 0; i < e->n; i++) {
        const struct lookup *l = lookup_find(b->names, LOOKUP_HOST, e->value[i]->text);
        n += l && l->found ? l->found : 1;
    }
    return n;
}

/*
 * A rule has each field once, so values that exist already came from the rule's point: that is a
 * fault.
 */
static int check_condition_not_given(struct policy_builder *b, const struct policy_record *v,
                                     size_t count)
{
    if (!count)
        return 0;
    return policy_fault(b->fault, v->line, "%s is given by the rule's point already",
                        policy_schema[v->section].field[v->field].name);
}

static int set_condition_prefixes(struct policy_builder *b, const struct policy_record *v, size_t n,
                                  unsigned condition, struct prefix **list, size_t *count)
{
    struct expanded e;
    int rc = check_condition_not_given(b, v, *count);
    if (!rc)
        rc = policy_expand(b, v, n, GROUP_HOSTS, &e);
    if (rc)
        return rc;
    *list = policy_arena_get(b->arena, room_for_prefixes(b, &e), sizeof **list);
    if (!*list)
        return policy_no_memory(b);
    for (size_t i = 0; !rc && i < e.n; i++)
        rc = add_condition_prefix(b, e.value[i], condition, *list, count);
    return rc;
}

int condition_set_remote(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return set_condition_prefixes(b, v, n, UNRESOLVED_REMOTE, &b->open_rule->remote,
                                  &b->open_rule->remotes);
}

int condition_set_local(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return set_condition_prefixes(b, v, n, UNRESOLVED_LOCAL, &b->open_rule->local,
                                  &b->open_rule->locals);
}

/* ---- users and groups */

static int add_condition_account(struct policy_builder *b, const struct policy_record *v,
                                 enum lookup_kind kind, uint32_t *list, size_t *count)
{
    char quoted[POLICY_QUOTED];
    b->fault->file = v->file;
    if (value_id(v->text, &list[*count])) {
        ++*count;
        return 0;
    }
    if (!lookup_is_name(kind, v->text))
        return policy_fault(b->fault, v->line,
                            "%s is no %s: write a name, or a number without leading zeros",
                            fault_quote(quoted, v->text), kind == LOOKUP_USER ? "user" : "group");
    const struct lookup *l = lookup_find(b->names, kind, v->text);
    unsigned condition = kind == LOOKUP_USER ? UNRESOLVED_USER : UNRESOLVED_GROUP;
    if (l && !l->found && lookup_may_come(l))
        return unresolved_note(b, l, condition);
    if (!l || !l->found)
        return unknown_condition_name(b, v, l);
    list[(*count)++] = l->number;
    return 0;
}

static int set_condition_accounts(struct policy_builder *b, const struct policy_record *v, size_t n,
                                  enum group_field field, uint32_t **list, size_t *count)
{
    struct expanded e;
    enum lookup_kind kind = field == GROUP_USERS ? LOOKUP_USER : LOOKUP_GROUP;
    int rc = policy_expand(b, v, n, field, &e);
    if (rc)
        return rc;
    *list = policy_arena_get(b->arena, e.n, sizeof **list);
    if (!*list)
        return policy_no_memory(b);
    for (size_t i = 0; !rc && i < e.n; i++)
        rc = add_condition_account(b, e.value[i], kind, *list, count);
    return rc;
}

int condition_set_user(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return set_condition_accounts(b, v, n, GROUP_USERS, &b->open_rule->user, &b->open_rule->users);
}

int condition_set_group(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return set_condition_accounts(b, v, n, GROUP_GROUPS, &b->open_rule->group,
                                  &b->open_rule->groups);
}

/* ---- control groups, interfaces, peers */

typedef int check_text(const char *text, unsigned line, struct policy_fault *f);

static int set_condition_texts(struct policy_builder *b, const struct policy_record *v, size_t n,
                               check_text *check, char ***list, size_t *count)
{
    int rc = check_condition_not_given(b, v, *count);
    if (rc)
        return rc;
    *list = policy_arena_get(b->arena, n, sizeof **list);
    if (!*list)
        return policy_no_memory(b);
    for (; !rc && *count < n; ++*count) {
        rc = check(v[*count].text, v[*count].line, b->fault);
        if (!rc && !((*list)[*count] = policy_arena_text(b->arena, v[*count].text)))
            rc = policy_no_memory(b);
    }
    return rc;
}

static int check_cgroup_condition(const char *text, unsigned line, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    if (text[0] != '/' || !text[1])
        return policy_fault(f, line,
                            "%s is no control group: write its path, like "
                            "\"/system.slice/nginx.service\" or \"/user.slice/*\"",
                            fault_quote(quoted, text));
    return value_check_glob(text, line, f);
}

int condition_set_cgroup(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return set_condition_texts(b, v, n, check_cgroup_condition, &b->open_rule->cgroup,
                               &b->open_rule->cgroups);
}

static int check_interface_condition(const char *text, unsigned line, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    if (!*text || strlen(text) >= IF_NAMESIZE || strpbrk(text, "/: \t*?[") || !strcmp(text, ".") ||
        !strcmp(text, ".."))
        return policy_fault(f, line, "%s is no interface's name: write one like \"eth0\"",
                            fault_quote(quoted, text));
    return 0;
}

int condition_set_interface(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return set_condition_texts(b, v, n, check_interface_condition, &b->open_rule->interface,
                               &b->open_rule->interfaces);
}

int condition_set_seen(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    int i = policy_choose(b, v, policy_seen);
    if (i < 0)
        return i;
    b->open_rule->peer = (enum seen)i;
    return 0;
}

/* ---- group "NAME" { ... }: checked also when no rule uses it */

int condition_set_group_hosts(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct prefix *list = policy_arena_get(b->arena, LOOKUP_ADDRESSES_MAX, sizeof *list);
    int rc = list ? 0 : policy_no_memory(b);
    for (size_t i = 0; !rc && i < n; i++) {
        size_t count = 0;
        rc = add_condition_prefix(b, &v[i], 0, list, &count);
    }
    return rc;
}

static int check_condition_accounts(struct policy_builder *b, const struct policy_record *v,
                                    size_t n, enum lookup_kind kind)
{
    uint32_t id;
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++) {
        size_t count = 0;
        rc = add_condition_account(b, &v[i], kind, &id, &count);
    }
    return rc;
}

int condition_set_group_users(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return check_condition_accounts(b, v, n, LOOKUP_USER);
}

int condition_set_group_groups(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    return check_condition_accounts(b, v, n, LOOKUP_GROUP);
}

int condition_set_group_programs(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = value_check_glob(v[i].text, v[i].line, b->fault);
    return rc;
}

int condition_set_point_interface(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = check_interface_condition(v[i].text, v[i].line, b->fault);
    return rc;
}
