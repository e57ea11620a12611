/* Checks whether the executables that rules match exist on this host (Ua). */
#include "btnsd/ctl/lint/lint.h"

#include "btnsd/rules/model/glob.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool program_exists(const char *pattern)
{
    return !glob_is_literal(pattern) || !access(pattern, F_OK);
}

/* Finds a program of the same name in another directory. */
static bool find_program_elsewhere(const char *path, char real[PATH_MAX])
{
    static const char *const dirs[] = {"/usr/bin",        "/usr/sbin",        "/usr/local/bin",
                                       "/usr/local/sbin", "/usr/lib/openssh", "/usr/libexec"};
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        char other[PATH_MAX];
        snprintf(other, sizeof other, "%s%s", dirs[i], strrchr(path, '/'));
        if (!access(other, X_OK) && realpath(other, real))
            return true;
    }
    return false;
}

static void check_program_match(struct lint *l, size_t rule, size_t k)
{
    char real[PATH_MAX], instead[PATH_MAX + 16];
    const char *path = l->rules->rule[rule].match[k];
    if (!glob_is_literal(path))
        return;
    if (realpath(path, real)) {
        snprintf(instead, sizeof instead, "write \"%s\"", real);
        if (strcmp(real, path))
            finding_say(
                l, finding_check_named(l, "link"), rule, finding_match_node(l, rule, k), instead,
                "leads by a symbolic link to %s: a program is known by its real path, so this "
                "never matches",
                real);
    } else if (find_program_elsewhere(path, real)) {
        snprintf(instead, sizeof instead, "write \"%s\"", real);
        finding_say(l, finding_check_named(l, "elsewhere"), rule, finding_match_node(l, rule, k),
                    instead, "there is no such file here, but there is %s", real);
    }
}

static bool any_program_exists(const struct rule *r)
{
    for (size_t k = 0; k < r->matches; k++)
        if (program_exists(r->match[k]))
            return true;
    return false;
}

void lint_programs(struct lint *l)
{
    for (size_t i = 0; l->place && i < l->rules->n; i++) {
        const struct rule *r = &l->rules->rule[i];
        if (i && r->match == r[-1].match)
            continue; /* belongs to the same section, which was checked */
        size_t before = l->findings;
        for (size_t k = 0; k < r->matches; k++)
            check_program_match(l, i, k);
        if (l->findings == before && !any_program_exists(r))
            finding_say(l, finding_check_named(l, "absent"), i, finding_match_node(l, i, 0),
                        "nothing, if the program is to be installed later",
                        "%s not on this host: the rules of program \"%s\" apply to nothing",
                        r->matches > 1 ? "none of these files is" : "this file is", r->program);
    }
}
