/*
 * Finds named groups of hosts, users, groups and programs, and replaces their names in rules by
 * their values.
 */
#ifndef BTNS_RULES_COMPILE_EXPAND_H
#define BTNS_RULES_COMPILE_EXPAND_H

#include "btnsd/rules/read/record.h"

struct policy_builder;

/* In the order of the fields of a group section (grammar.c). */
enum group_field { GROUP_HOSTS, GROUP_USERS, GROUP_GROUPS, GROUP_PROGRAMS, GROUP_FIELDS };

/* In the order of the fields of a point section. */
enum point_field { POINT_AT, POINT_INTERFACE, POINT_LOCAL, POINT_FIELDS };

/* A group, or a point. */
struct policy_group {
    const struct policy_record *where; /* the record that opens its section */
    unsigned scope;                    /* package_scope(): a package has its own groups */
    const struct policy_record *value[GROUP_FIELDS];
    size_t n[GROUP_FIELDS];
};

/* A field's values, where each group is replaced by its values. */
struct expanded {
    const struct policy_record **value;
    size_t n;
};

/* The group or point that v names, in the namespace of v's text; or NULL. */
const struct policy_group *expand_find_named(const struct policy_builder *b,
                                             const struct policy_record *v,
                                             enum policy_section section, const char *name);
/* Finds all groups and points among the records. 0, -ENOMEM, or -EINVAL with a fault. */
int expand_find_groups(struct policy_builder *b, const struct policy_record *record, size_t n);
/* Expands n values to e. 0, -ENOMEM, or -EINVAL with a fault. */
int policy_expand(struct policy_builder *b, const struct policy_record *v, size_t n,
                  enum group_field field, struct expanded *e);
enum lookup_kind expand_lookup_kind(const struct policy_record *v);

#endif
