/* Which sections and fields a policy file has. */
#include "btnsd/rules/read/grammar.h"

#include "btnsd/rules/read/read.h"

#include <string.h>

#define ADMIN   (1u << SOURCE_ADMIN)
#define RULES   (ADMIN | 1u << SOURCE_PACKAGE | 1u << SOURCE_USER)
#define USER    (1u << SOURCE_USER)
#define PACKAGE (1u << SOURCE_PACKAGE)
#define AUTHORS (1u << SOURCE_AUTHORS)

const struct policy_schema policy_schema[SECTIONS] =
    {
        [SECTION_FILE] =
            {
                .name = "file",
                .field = {{"format", false, policy_set_format},
                          {"no-latch", true, policy_set_no_latch, ADMIN}},
            },
        [SECTION_PROFILE] =
            {
                .only = RULES,
                .name = "profile",
                .parent = SECTION_FILE,
                .field = {{"protocol", false, policy_set_profile_protocol},
                          {"mode", false, policy_set_mode},
                          {"suites", true, policy_set_suites},
                          {"identity", false, policy_set_identity},
                          {"timeout", false, policy_set_timeout},
                          {"vendor", false, policy_set_vendor},
                          {"description", false, policy_set_description},
                          {"keys", false, policy_set_keys, ADMIN | USER},
                          {"connection", false, policy_set_connection, ADMIN | USER},
                          {"child", false, policy_set_child, ADMIN | USER},
                          {"reqid", false, policy_set_reqid, ADMIN | USER},
                          {"peer", false, policy_set_peer, ADMIN | USER},
                          {"accept-no-replay", false, policy_set_accept_no_replay, ADMIN | USER},
                          {"permit", true, policy_set_profile_permit},
                          {"ca", false, policy_set_ca, ADMIN},
                          {"id", false, policy_set_id, ADMIN},
                          {"lifetime", false, policy_set_lifetime}},
            },
        [SECTION_PROGRAM] =
            {
                .only = RULES,
                .name = "program",
                .parent = SECTION_FILE,
                .field = {{"match", true, policy_set_match}},
            },
        [SECTION_RULE] =
            {
                .name = "rule",
                .parent = SECTION_PROGRAM,
                .field = {{"at", true, policy_set_at},
                          {"protocol", false, policy_set_rule_protocol},
                          {"remote", true, policy_set_remote, .names = LOOKUP_HOST},
                          {"port", true, policy_set_port},
                          {"action", true, policy_set_action},
                          {"profile", false, policy_set_profile},
                          {"mandatory", false, policy_set_mandatory, ADMIN},
                          {"reason", false, policy_set_reason, ADMIN},
                          {"local", true, policy_set_local, .names = LOOKUP_HOST},
                          {"user", true, policy_set_user, ADMIN | USER, LOOKUP_USER},
                          {"group", true, policy_set_group, ADMIN | USER, LOOKUP_GROUP},
                          {"cgroup", true, policy_set_cgroup},
                          {"interface", true, policy_set_interface},
                          {"peer", false, policy_set_seen},
                          {"require", true, policy_set_require},
                          {"identity", false, policy_set_rule_identity},
                          {"permit", true, policy_set_rule_permit},
                          {"ca", false, policy_set_rule_ca, ADMIN},
                          {"id", false, policy_set_rule_id, ADMIN},
                          {"timeout", false, policy_set_rule_timeout},
                          {"sign-key", false, policy_set_sign_key, ADMIN}},
            },
        [SECTION_PACKAGE] =
            {
                .name = "package",
                .parent = SECTION_FILE,
                .field = {{"version", false, policy_set_version},
                          {"sequence", false, policy_set_sequence}},
                .only = PACKAGE,
            },
        [SECTION_AUTHOR] =
            {
                .name = "author",
                .parent = SECTION_FILE,
                .field = {{"key", false, policy_set_key},
                          {"programs", true, policy_set_programs},
                          {"remote", true, policy_set_scope_remote}},
                .only = AUTHORS,
            },
        [SECTION_GROUP] = /* in the order of enum group_field */
        {
            .name = "group",
            .parent = SECTION_FILE,
            .field = {{"hosts", true, policy_set_group_hosts, .names = LOOKUP_HOST},
                      {"users", true, policy_set_group_users, ADMIN | USER, LOOKUP_USER},
                      {"groups", true, policy_set_group_groups, ADMIN | USER, LOOKUP_GROUP},
                      {"programs", true, policy_set_group_programs}},
            .only = RULES,
        },
        [SECTION_POINT] = /* in the order of enum point_field */
        {
            .name = "point",
            .parent = SECTION_FILE,
            .field = {{"at", true, policy_set_point_at},
                      {"interface", true, policy_set_point_interface},
                      {"local", true, policy_set_group_hosts, .names = LOOKUP_HOST}},
            .only = RULES,
        },
};

int policy_field_find(enum policy_section section, const char *name)
{
    const struct policy_field *field = policy_schema[section].field;
    for (int i = 0; field[i].name; i++)
        if (!strcmp(field[i].name, name))
            return i;
    return -1;
}

size_t policy_field_count(enum policy_section section)
{
    size_t n = 0;
    while (policy_schema[section].field[n].name)
        n++;
    return n;
}

enum policy_section policy_section_find(const char *name)
{
    for (enum policy_section s = SECTION_FILE + 1; s < SECTIONS; s++)
        if (!strcmp(policy_schema[s].name, name))
            return s;
    return SECTION_FILE;
}
