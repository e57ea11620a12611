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
            {"format", field_set_format},
            {"no-latch", file_field_set_no_latch},
        },
    [SECTION_PROFILE] =
        {
            {"protocol", field_set_profile_protocol},
            {"mode", field_set_mode},
            {"suites", field_set_suites},
            {"identity", identity_set},
            {"timeout", parameter_set_timeout},
            {"vendor", services_set_vendor},
            {"description", services_set_description},
            {"keys", keys_set},
            {"connection", keys_set_connection},
            {"child", keys_set_child},
            {"reqid", keys_set_reqid},
            {"peer", keys_set_peer},
            {"accept-no-replay", keys_set_accept_no_replay},
            {"permit", field_set_profile_permit},
            {"ca", identity_set_ca},
            {"id", identity_set_id},
            {"lifetime", parameter_set_lifetime},
        },
    [SECTION_PROGRAM] =
        {
            {"match", field_set_match},
        },
    [SECTION_RULE] =
        {
            {"at", points_set_at},
            {"protocol", field_set_rule_protocol},
            {"remote", condition_set_remote},
            {"port", field_set_port},
            {"action", action_set},
            {"profile", field_set_profile},
            {"mandatory", rank_set_mandatory},
            {"reason", rank_set_reason},
            {"local", condition_set_local},
            {"user", condition_set_user},
            {"group", condition_set_group},
            {"cgroup", condition_set_cgroup},
            {"interface", condition_set_interface},
            {"peer", condition_set_seen},
            {"require", services_set_require},
            {"identity", identity_set_rule},
            {"permit", field_set_rule_permit},
            {"ca", identity_set_rule_ca},
            {"id", identity_set_rule_id},
            {"timeout", parameter_set_rule_timeout},
            {"sign-key", action_set_sign_key},
            {"auth", action_set_auth},
        },
    [SECTION_PACKAGE] =
        {
            {"version", package_set_version},
            {"sequence", package_set_sequence},
        },
    [SECTION_AUTHOR] =
        {
            {"key", author_set_key},
            {"programs", author_set_programs},
            {"remote", author_set_remote},
        },
    [SECTION_GROUP] =
        {
            {"hosts", condition_set_group_hosts},
            {"users", condition_set_group_users},
            {"groups", condition_set_group_groups},
            {"programs", condition_set_group_programs},
        },
    [SECTION_POINT] =
        {
            {"at", point_set_at},
            {"interface", condition_set_point_interface},
            {"local", condition_set_group_hosts},
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
