/* Reads BTNS_POLICY from the environment of the process that calls (own_policy.h). */
#include "shim/supervise/own_policy.h"

#include <stdlib.h>
#include <string.h>

enum { VARIABLES_MAX = 65536 }; /* a program cannot be started with more */

/*
 * The number in "NAME=NUMBER", as btns-run writes it; 0 if the variable is another one or
 * malformed.
 */
static uint64_t own_policy_number(const char *variable, const char *name)
{
    size_t n = strlen(name);
    const char *text = variable + n;
    if (strncmp(variable, name, n) || !*text || strlen(text) > 16 ||
        text[strspn(text, "0123456789abcdef")])
        return 0;
    return strtoull(text, NULL, 16);
}

/* BTNS_MARK shows that a btns-run under this supervisor has set the other variables. */
uint64_t own_policy_in_environment(const struct supervision *v, FILE *variables)
{
    uint64_t mark = 0, policy = 0, found;
    char *variable = NULL;
    size_t room = 0;
    for (int i = 0; i < VARIABLES_MAX && getdelim(&variable, &room, '\0', variables) > 0; i++)
        if ((found = own_policy_number(variable, "BTNS_MARK=")))
            mark = found;
        else if ((found = own_policy_number(variable, "BTNS_POLICY=")))
            policy = found;
    free(variable);
    return policy && mark == v->mark ? policy : v->policy;
}

uint64_t own_policy(const struct supervision *v, const struct caller *c)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/environ", c->pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return v->policy;
    uint64_t policy = own_policy_in_environment(v, f);
    fclose(f);
    return caller_waits(c) ? policy : v->policy;
}
