/* The functions that compile the values of each field of a policy file. */
#ifndef BTNS_RULES_COMPILE_FIELDS_H
#define BTNS_RULES_COMPILE_FIELDS_H

#include "btnsd/rules/read/grammar.h"

#include <stddef.h>

struct policy_builder;
struct policy_record;

/* Compiles n >= 1 values into the section that the builder has open; 0, or -EINVAL with a fault. */
typedef int policy_setter(struct policy_builder *b, const struct policy_record *value, size_t n);

policy_setter field_set_format, file_field_set_no_latch;
/* profile */
policy_setter field_set_profile_protocol, field_set_mode, field_set_suites, identity_set,
    parameter_set_timeout;
/* rule and profile: time limits */
policy_setter parameter_set_rule_timeout, parameter_set_lifetime;
/* profile: key managers */
policy_setter keys_set, keys_set_connection, keys_set_child, keys_set_reqid, keys_set_peer,
    keys_set_accept_no_replay;
/* profile and rule: the peer's identity */
policy_setter field_set_profile_permit, field_set_rule_permit, identity_set_rule, identity_set_ca,
    identity_set_id, identity_set_rule_ca, identity_set_rule_id;
/* program */
policy_setter field_set_match;
/* rule */
policy_setter points_set_at, field_set_rule_protocol, condition_set_remote, field_set_port,
    action_set, field_set_profile;
/* package and author */
policy_setter package_set_version, package_set_sequence, author_set_key, author_set_programs,
    author_set_remote;
/* rule: its rank */
policy_setter rank_set_mandatory, rank_set_reason;
/* rule: conditions */
policy_setter condition_set_local, condition_set_user, condition_set_group, condition_set_cgroup,
    condition_set_interface, condition_set_seen;
/* rule: signing */
policy_setter action_set_sign_key, action_set_auth;
/* points; what rules require; profiles' texts */
policy_setter point_set_at, condition_set_point_interface, services_set_require,
    services_set_vendor, services_set_description;
/* group */
policy_setter condition_set_group_hosts, condition_set_group_users, condition_set_group_groups,
    condition_set_group_programs;

/* The setter of a field of the grammar, and the name that setters.c has for this field. */
policy_setter *policy_setter_of(enum policy_section section, unsigned field);
const char *policy_setter_name(enum policy_section section, unsigned field);

/* For setters: the index of a value among words ended by NULL, or -EINVAL with a fault. */
int policy_choose(struct policy_builder *b, const struct policy_record *v,
                  const char *const *words);
/* For fields that have a single possible value until there are more: 0, or -EINVAL with a fault. */
int policy_choose_only(struct policy_builder *b, const struct policy_record *v, const char *word);
int policy_no_memory(struct policy_builder *b);

#endif
