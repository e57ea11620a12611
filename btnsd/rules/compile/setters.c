/* For each field of the grammar, the function that compiles its values. */
#include "btnsd/rules/compile/fields.h"

#include "btnsd/rules/read/grammar.h"

/* In each section, the fields are in the grammar's order; a test compares the names. */
static const struct {
    const char *name;
    policy_setter *set;
} setters[SECTIONS][POLICY_FIELDS_MAX] = {
    [SECTION_FILE] =
        {
            {"format", policy_set_format},
            {"no-latch", policy_set_no_latch},
        },
    [SECTION_PROFILE] =
        {
            {"protocol", policy_set_profile_protocol},
            {"mode", policy_set_mode},
            {"suites", policy_set_suites},
            {"identity", policy_set_identity},
            {"timeout", policy_set_timeout},
            {"vendor", policy_set_vendor},
            {"description", policy_set_description},
            {"keys", policy_set_keys},
            {"connection", policy_set_connection},
            {"child", policy_set_child},
            {"reqid", policy_set_reqid},
            {"peer", policy_set_peer},
            {"accept-no-replay", policy_set_accept_no_replay},
            {"permit", policy_set_profile_permit},
            {"ca", policy_set_ca},
            {"id", policy_set_id},
            {"lifetime", policy_set_lifetime},
        },
    [SECTION_PROGRAM] =
        {
            {"match", policy_set_match},
        },
    [SECTION_RULE] =
        {
            {"at", policy_set_at},
            {"protocol", policy_set_rule_protocol},
            {"remote", policy_set_remote},
            {"port", policy_set_port},
            {"action", policy_set_action},
            {"profile", policy_set_profile},
            {"mandatory", policy_set_mandatory},
            {"reason", policy_set_reason},
            {"local", policy_set_local},
            {"user", policy_set_user},
            {"group", policy_set_group},
            {"cgroup", policy_set_cgroup},
            {"interface", policy_set_interface},
            {"peer", policy_set_seen},
            {"require", policy_set_require},
            {"identity", policy_set_rule_identity},
            {"permit", policy_set_rule_permit},
            {"ca", policy_set_rule_ca},
            {"id", policy_set_rule_id},
            {"timeout", policy_set_rule_timeout},
            {"sign-key", policy_set_sign_key},
            {"auth", policy_set_auth},
        },
    [SECTION_PACKAGE] =
        {
            {"version", policy_set_version},
            {"sequence", policy_set_sequence},
        },
    [SECTION_AUTHOR] =
        {
            {"key", policy_set_key},
            {"programs", policy_set_programs},
            {"remote", policy_set_scope_remote},
        },
    [SECTION_GROUP] =
        {
            {"hosts", policy_set_group_hosts},
            {"users", policy_set_group_users},
            {"groups", policy_set_group_groups},
            {"programs", policy_set_group_programs},
        },
    [SECTION_POINT] =
        {
            {"at", policy_set_point_at},
            {"interface", policy_set_point_interface},
            {"local", policy_set_group_hosts},
        },
};

policy_setter *policy_setter_of(enum policy_section section, unsigned field)
{
    return setters[section][field].set;
}

const char *policy_setter_name(enum policy_section section, unsigned field)
{
    return setters[section][field].name;
}
