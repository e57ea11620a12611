/* The grammar of policy files: the table of sections and their fields. */
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
                .field = {{"format", false}, {"no-latch", true, ADMIN}},
            },
        [SECTION_PROFILE] =
            {
                .only = RULES,
                .name = "profile",
                .parent = SECTION_FILE,
                .field = {{"protocol", false},
                          {"mode", false},
                          {"suites", true},
                          {"identity", false},
                          {"timeout", false},
                          {"vendor", false},
                          {"description", false},
                          {"keys", false, ADMIN | USER},
                          {"connection", false, ADMIN | USER},
                          {"child", false, ADMIN | USER},
                          {"reqid", false, ADMIN | USER},
                          {"peer", false, ADMIN | USER},
                          {"accept-no-replay", false, ADMIN | USER},
                          {"permit", true},
                          {"ca", false, ADMIN},
                          {"id", false, ADMIN},
                          {"lifetime", false}},
            },
        [SECTION_PROGRAM] =
            {
                .only = RULES,
                .name = "program",
                .parent = SECTION_FILE,
                .field = {{"match", true}},
            },
        [SECTION_RULE] =
            {
                .name = "rule",
                .parent = SECTION_PROGRAM,
                .field = {{"at", true},
                          {"protocol", true},
                          {"remote", true, .names = LOOKUP_HOST},
                          {"port", true},
                          {"action", true},
                          {"profile", false},
                          {"mandatory", false, ADMIN},
                          {"reason", false, ADMIN},
                          {"local", true, .names = LOOKUP_HOST},
                          {"user", true, ADMIN | USER, LOOKUP_USER},
                          {"group", true, ADMIN | USER, LOOKUP_GROUP},
                          {"cgroup", true},
                          {"interface", true},
                          {"peer", false},
                          {"require", true},
                          {"identity", false},
                          {"permit", true},
                          {"ca", false, ADMIN},
                          {"id", false, ADMIN},
                          {"timeout", false},
                          {"sign-key", false, ADMIN},
                          {"auth", false, ADMIN}},
            },
        [SECTION_PACKAGE] =
            {
                .name = "package",
                .parent = SECTION_FILE,
                .field = {{"version", false}, {"sequence", false}},
                .only = PACKAGE,
            },
        [SECTION_AUTHOR] =
            {
                .name = "author",
                .parent = SECTION_FILE,
                .field = {{"key", false}, {"programs", true}, {"remote", true}},
                .only = AUTHORS,
            },
        [SECTION_GROUP] = /* in the order of enum group_field */
        {
            .name = "group",
            .parent = SECTION_FILE,
            .field = {{"hosts", true, .names = LOOKUP_HOST},
                      {"users", true, ADMIN | USER, LOOKUP_USER},
                      {"groups", true, ADMIN | USER, LOOKUP_GROUP},
                      {"programs", true}},
            .only = RULES,
        },
        [SECTION_POINT] = /* in the order of enum point_field */
        {
            .name = "point",
            .parent = SECTION_FILE,
            .field = {{"at", true}, {"interface", true}, {"local", true, .names = LOOKUP_HOST}},
            .only = RULES,
        },
};

int grammar_field_find(enum policy_section section, const char *name)
{
    const struct policy_field *field = policy_schema[section].field;
    for (int i = 0; field[i].name; i++)
        if (!strcmp(field[i].name, name))
            return i;
    return -1;
}

size_t grammar_field_count(enum policy_section section)
{
    size_t n = 0;
    while (policy_schema[section].field[n].name)
        n++;
    return n;
}

enum policy_section grammar_section_find(const char *name)
{
    for (enum policy_section s = SECTION_FILE + 1; s < SECTIONS; s++)
        if (!strcmp(policy_schema[s].name, name))
            return s;
    return SECTION_FILE;
}
