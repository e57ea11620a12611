/* The environment of the program: what tells the loader and the shim what to do. */
#include "environment.h"

#include "shim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In enum mode's order; the shim reads them from BTNS_MODE. */
static const char *const mode_names[] = {NULL, "prefer", "require"};
#define MODES (sizeof mode_names / sizeof *mode_names)

/* All that is set anew; BTNS_SOCKET_PATH is passed on as it is. */
static const char *const ours[] = {"LD_PRELOAD", "BTNS_MODE", "BTNS_POLICY", "BTNS_VERBOSE"};
#define OURS (sizeof ours / sizeof *ours)

const char *environment_mode_name(enum mode mode)
{
    return mode_names[mode];
}

static bool is_shim(const char *entry, size_t len)
{
    const char *slash = memrchr(entry, '/', len);
    const char *name = slash ? slash + 1 : entry;
    return len - (size_t)(name - entry) == strlen(SHIM_NAME) &&
           !memcmp(name, SHIM_NAME, strlen(SHIM_NAME));
}

/*
 * Copies the entries of an LD_PRELOAD that are not a shim's, each with ':' before it. `to` may be
 * NULL. Returns whether there was a shim.
 */
static bool other_libraries(const char *preload, char *to)
{
    bool found = false;
    while (*preload) {
        size_t len = strcspn(preload, " :");
        bool shim = is_shim(preload, len);
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

static const char *preloaded(void)
{
    const char *preload = getenv("LD_PRELOAD");
    return preload ? preload : "";
}

static uint64_t inherited_policy(void)
{
    const char *text = getenv("BTNS_POLICY");
    if (!text || !*text || strlen(text) > 16 || strspn(text, "0123456789abcdef") != strlen(text))
        return 0;
    return strtoull(text, NULL, 16);
}

struct orders environment_inherited(void)
{
    struct orders o = {0};
    if (!other_libraries(preloaded(), NULL))
        return o;
    const char *mode = getenv("BTNS_MODE");
    for (size_t m = MODE_PREFER; mode && m < MODES; m++)
        if (!strcmp(mode, mode_names[m]))
            o.mode = (enum mode)m;
    const char *verbose = getenv("BTNS_VERBOSE");
    o.verbose = verbose && !strcmp(verbose, "1");
    o.policy = inherited_policy();
    return o;
}

static bool is_ours(const char *entry)
{
    for (size_t i = 0; i < OURS; i++) {
        size_t n = strlen(ours[i]);
        if (!strncmp(entry, ours[i], n) && entry[n] == '=')
            return true;
    }
    return false;
}

static char *preload_entry(const char *shim)
{
    static const char name[] = "LD_PRELOAD=";
    const char *others = preloaded();
    /* One ':' more than there are entries now, as a list of n has n - 1 separators. */
    char *entry = malloc(sizeof name + strlen(shim) + strlen(others) + 1);
    if (entry)
        other_libraries(others, stpcpy(stpcpy(entry, name), shim));
    return entry;
}

char **environment_make(const struct orders *o, const char *shim)
{
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    char **env = calloc(n + OURS + 1, sizeof *env);
    char *preload = preload_entry(shim), *policy = NULL;
    if (!env || !preload || (o->policy && asprintf(&policy, "BTNS_POLICY=%" PRIx64, o->policy) < 0))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!is_ours(environ[i]))
            env[kept++] = environ[i];
    static char *const modes[] = {NULL, "BTNS_MODE=prefer", "BTNS_MODE=require"};
    env[kept++] = preload;
    if (modes[o->mode])
        env[kept++] = modes[o->mode];
    if (policy)
        env[kept++] = policy;
    if (o->verbose)
        env[kept++] = "BTNS_VERBOSE=1";
    return env;
}
