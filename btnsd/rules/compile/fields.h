/* The functions that compile the values of each field of a policy file. */
#ifndef BTNS_RULES_COMPILE_FIELDS_H
#define BTNS_RULES_COMPILE_FIELDS_H

#include "btnsd/rules/read/grammar.h"

#include <stddef.h>

struct policy_builder;
struct policy_record;

/* Compiles n >= 1 values into the section that the builder has open; 0, or -EINVAL with a fault. */
typedef int policy_setter(struct policy_builder *b, const struct policy_record *value, size_t n);

policy_setter policy_set_format, policy_set_no_latch;
/* profile */
policy_setter policy_set_profile_protocol, policy_set_mode, policy_set_suites, policy_set_identity,
    policy_set_timeout;
/* rule and profile: time limits */
policy_setter policy_set_rule_timeout, policy_set_lifetime;
/* profile: key managers */
policy_setter policy_set_keys, policy_set_connection, policy_set_child, policy_set_reqid,
    policy_set_peer, policy_set_accept_no_replay;
/* profile and rule: the peer's identity */
policy_setter policy_set_profile_permit, policy_set_rule_permit, policy_set_rule_identity,
    policy_set_ca, policy_set_id, policy_set_rule_ca, policy_set_rule_id;
/* program */
policy_setter policy_set_match;
/* rule */
policy_setter policy_set_at, policy_set_rule_protocol, policy_set_remote, policy_set_port,
    policy_set_action, policy_set_profile;
/* package and author */
policy_setter policy_set_version, policy_set_sequence, policy_set_key, policy_set_programs,
    policy_set_scope_remote;
/* rule: its rank */
policy_setter policy_set_mandatory, policy_set_reason;
/* rule: conditions */
policy_setter policy_set_local, policy_set_user, policy_set_group, policy_set_cgroup,
    policy_set_interface, policy_set_seen;
/* rule: signing */
policy_setter policy_set_sign_key, policy_set_auth;
/* points; what rules require; profiles' texts */
policy_setter policy_set_point_at, policy_set_point_interface, policy_set_require,
    policy_set_vendor, policy_set_description;
/* group */
policy_setter policy_set_group_hosts, policy_set_group_users, policy_set_group_groups,
    policy_set_group_programs;

/* The setter of a field of the grammar, and the name that setters.c has for this field. */
policy_setter *policy_setter_of(enum policy_section section, unsigned field);
const char *policy_setter_name(enum policy_section section, unsigned field);

/* For setters. The index of a value among words ended by NULL, or -EINVAL with a fault. */
int policy_choose(struct policy_builder *b, const struct policy_record *v,
                  const char *const *words);
/* For fields that have a single possible value until there are more: 0, or -EINVAL with a fault. */
int policy_choose_only(struct policy_builder *b, const struct policy_record *v, const char *word);
int policy_no_memory(struct policy_builder *b);

#endif
