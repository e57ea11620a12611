/* Builds the program's environment, which tells the loader and the shim what to do. */
#include "shim/run/environment.h"

#include "shim/run/shim.h"
#include "shim/supervise/filter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order of enum mode; the shim reads these names from BTNS_MODE. */
static const char *const mode_names[] = {NULL, "prefer", "require", "bypass"};
#define MODES (sizeof mode_names / sizeof *mode_names)

/* Every variable that btns-run sets anew. Others, as BTNS_WAIT, are passed on unchanged. */
static const char *const ours[] = {"LD_PRELOAD",   "BTNS_MODE", "BTNS_POLICY",
                                   "BTNS_VERBOSE", "BTNS_MARK", "BTNS_SOCKETS"};
#define OURS (sizeof ours / sizeof *ours)

const char *environment_mode_name(enum mode mode)
{
    return mode_names[mode];
}

static bool is_preloaded_shim(const char *entry, size_t len)
{
    const char *slash = memrchr(entry, '/', len);
    const char *name = slash ? slash + 1 : entry;
    return len - (size_t)(name - entry) == strlen(SHIM_NAME) &&
           !memcmp(name, SHIM_NAME, strlen(SHIM_NAME));
}

/*
 * Copies the entries of an LD_PRELOAD other than a shim to `to` (NULL: only looks), each with ':'
 * before it. Returns whether the list contained a shim.
 */
static bool other_preloaded_libraries(const char *preload, char *to)
{
    bool found = false;
    while (*preload) {
        size_t len = strcspn(preload, " :");
        bool shim = is_preloaded_shim(preload, len);
        found = found || shim;
        if (to && len && !shim) {
            *to++ = ':';
            to = mempcpy(to, preload, len);
        }
        preload += len + (preload[len] != '\0');
    }
    if (to)
        *to = '\0';
    return found;
}

static const char *is_preloaded(void)
{
    const char *preload = getenv("LD_PRELOAD");
    return preload ? preload : "";
}

/* The number in this variable; 0 if it is not set, or not by btns-run. */
static uint64_t inherited_variable_number(const char *name)
{
    const char *text = getenv(name);
    if (!text || !*text || strlen(text) > 16 || strspn(text, "0123456789abcdef") != strlen(text))
        return 0;
    return strtoull(text, NULL, 16);
}

struct orders environment_inherited(void)
{
    struct orders o = {.mark = inherited_variable_number("BTNS_MARK")};
    if (!other_preloaded_libraries(is_preloaded(), NULL) && !filter_find(o.mark))
        return (struct orders){0};
    const char *mode = getenv("BTNS_MODE");
    for (size_t m = MODE_PREFER; mode && m < MODES; m++)
        if (!strcmp(mode, mode_names[m]))
            o.mode = (enum mode)m;
    const char *verbose = getenv("BTNS_VERBOSE");
    o.verbose = verbose && !strcmp(verbose, "1");
    o.policy = inherited_variable_number("BTNS_POLICY");
    const char *sockets = getenv("BTNS_SOCKETS");
    if (sockets)
        snprintf(o.sockets, sizeof o.sockets, "%s", sockets);
    o.nested = true;
    return o;
}

static bool is_preloaded_own_library(const char *entry)
{
    for (size_t i = 0; i < OURS; i++) {
        size_t n = strlen(ours[i]);
        if (!strncmp(entry, ours[i], n) && entry[n] == '=')
            return true;
    }
    return false;
}

/*
 * Builds LD_PRELOAD: the shim, unless it is NULL, then the libraries that were there before. NULL
 * without memory.
 */
static char *preload_list(const char *shim)
{
    const char *others = is_preloaded();
    /* Adds one ':' to the separators, as a list of n entries has n - 1 of them, and a NUL. */
    char *list = malloc((shim ? strlen(shim) : 0) + strlen(others) + 2);
    if (list)
        other_preloaded_libraries(others, stpcpy(list, shim ? shim : ""));
    return list;
}

/*
 * Sets a variable in the new environment; if value is NULL the variable is left out. Returns false
 * without memory.
 */
static bool set_environment_variable(char ***next, const char *name, const char *value)
{
    return !value || asprintf((*next)++, "%s=%s", name, value) >= 0;
}

char **environment_make(const struct orders *o, const char *shim)
{
    char policy[17], mark[17];
    size_t n = 0;
    while (environ[n])
        n++;
    char **env = calloc(n + OURS + 1, sizeof *env), **next = env;
    char *preload = preload_list(shim);
    if (!env || !preload)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!is_preloaded_own_library(environ[i]))
            *next++ = environ[i];
    snprintf(policy, sizeof policy, "%" PRIx64, o->policy);
    snprintf(mark, sizeof mark, "%" PRIx64, o->mark);
    bool done = set_environment_variable(&next, "LD_PRELOAD", *preload ? preload : NULL) &&
                set_environment_variable(&next, "BTNS_MODE", mode_names[o->mode]) &&
                set_environment_variable(&next, "BTNS_POLICY", o->policy ? policy : NULL) &&
                set_environment_variable(&next, "BTNS_VERBOSE", o->verbose ? "1" : NULL) &&
                set_environment_variable(&next, "BTNS_SOCKETS", *o->sockets ? o->sockets : NULL) &&
                set_environment_variable(&next, "BTNS_MARK", o->mark ? mark : NULL);
    free(preload);
    return done ? env : NULL;
}
