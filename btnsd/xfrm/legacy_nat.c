/*
 * Finds out whether iptables-legacy's nat tables rewrite the destination of this host's own
 * packets.
 */
#include "btnsd/xfrm/legacy_nat.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's own headers of x_tables cannot be included together with libc's. */
#define TABLE_NAME     32
#define HOOKS          5
#define HOOK_OUTPUT    3
#define GET_INFO       64
#define GET_ENTRIES    65
#define TARGET_NAME    29
#define TABLE_SIZE_MAX (64u << 20)

struct table_info {
    char name[TABLE_NAME];
    uint32_t valid_hooks, hook_entry[HOOKS], underflow[HOOKS], entries, size;
};
struct table_entries {
    char name[TABLE_NAME];
    uint32_t size;
    uint64_t entry[]; /* aligned as the kernel has it */
};
struct target {
    uint16_t size;
    char name[TARGET_NAME];
    uint8_t revision;
};

const struct legacy_layout legacy_ipv4 = {.header = 112, .offsets = 88};
const struct legacy_layout legacy_ipv6 = {.header = 168, .offsets = 140};

struct rule {
    size_t next; /* where the next one begins */
    struct target target;
    int32_t verdict; /* of a standard target: where it jumps to, if not negative */
};

/* False: there is no whole rule at this place. */
static bool read_legacy_rule(const struct legacy_table *t, size_t at, struct rule *r)
{
    uint16_t offset[2]; /* of the target, and of the next rule */
    if (at > t->size || t->size - at < t->layout->header)
        return false;
    memcpy(offset, t->blob + at + t->layout->offsets, sizeof offset);
    if (offset[0] < t->layout->header || offset[1] < offset[0] + sizeof r->target ||
        offset[1] > t->size - at)
        return false;
    memcpy(&r->target, t->blob + at + offset[0], sizeof r->target);
    r->target.name[TARGET_NAME - 1] = '\0';
    r->next = at + offset[1];
    r->verdict = -1;
    if (!r->target.name[0] && offset[1] - offset[0] >= (int)(sizeof r->target + sizeof r->verdict))
        memcpy(&r->verdict, t->blob + at + offset[0] + sizeof r->target, sizeof r->verdict);
    return true;
}

static bool legacy_target_translates(const struct rule *r)
{
    static const char *const names[] = {"DNAT", "REDIRECT", "NETMAP"};
    bool any = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        any |= !strcmp(r->target.name, names[i]);
    return any;
}

/* A chain ends before the next one, which begins with a rule that has this target. */
static bool legacy_target_ends_chain(const struct rule *r)
{
    return !strcmp(r->target.name, "ERROR");
}

enum { CHAINS_MAX = 1024 };

struct walk {
    size_t chain[CHAINS_MAX]; /* the beginnings of the chains that a packet may reach */
    size_t chains;
    bool translates, cut;
};

static void enter_legacy_chain(struct walk *w, size_t at)
{
    size_t i = 0;
    while (i < w->chains && w->chain[i] != at)
        i++;
    if (i < w->chains)
        return;
    w->cut |= i == CHAINS_MAX;
    if (i < CHAINS_MAX)
        w->chain[w->chains++] = at;
}

/* last: where the chain's last rule begins, if that is known. */
static void walk_legacy_chain(const struct legacy_table *t, struct walk *w, size_t at, size_t last)
{
    struct rule r;
    while (read_legacy_rule(t, at, &r) && !legacy_target_ends_chain(&r)) {
        w->translates |= legacy_target_translates(&r);
        if (r.verdict >= 0 && (size_t)r.verdict != r.next)
            enter_legacy_chain(w, (size_t)r.verdict);
        if (at == last)
            return;
        at = r.next;
    }
}

enum legacy_answer legacy_output_translates(const struct legacy_table *t)
{
    struct walk w = {.chain = {t->output}, .chains = 1};
    for (size_t i = 0; i < w.chains; i++)
        walk_legacy_chain(t, &w, w.chain[i], i ? SIZE_MAX : t->output_end);
    return w.translates ? LEGACY_TRANSLATES : w.cut ? LEGACY_UNKNOWN : LEGACY_PASSES;
}

/*
 * The kernel would load a table's module to answer, so only tables that are already loaded are
 * asked for.
 */
static bool is_legacy_table_there(const char *names)
{
    char line[TABLE_NAME + 2];
    bool there = false;
    FILE *f = fopen(names, "re");
    while (f && fgets(line, sizeof line, f))
        there |= !strcmp(line, "nat\n");
    if (f)
        fclose(f);
    return there;
}

static int read_legacy_table(int fd, int level, struct table_info *info,
                             struct table_entries **entries)
{
    socklen_t len = sizeof *info;
    memset(info, 0, sizeof *info);
    snprintf(info->name, sizeof info->name, "nat");
    if (getsockopt(fd, level, GET_INFO, info, &len))
        return -errno;
    if (info->size > TABLE_SIZE_MAX)
        return -E2BIG;
    len = (socklen_t)(sizeof **entries + info->size);
    *entries = calloc(1, len);
    if (!*entries)
        return -ENOMEM;
    snprintf((*entries)->name, sizeof(*entries)->name, "nat");
    (*entries)->size = info->size;
    return getsockopt(fd, level, GET_ENTRIES, *entries, &len) ? -errno : 0;
}

static int find_legacy_translator(int family, const char *names, translator_found *found, void *arg)
{
    struct table_info info;
    struct table_entries *entries = NULL;
    if (!is_legacy_table_there(names))
        return 0;
    /* Any socket of the family will do, and this kind needs no privilege. */
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int rc = read_legacy_table(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, &info, &entries);
    if (!rc && info.valid_hooks & 1u << HOOK_OUTPUT) {
        const struct legacy_table t = {.blob = (const uint8_t *)entries->entry,
                                       .size = info.size,
                                       .layout = family == AF_INET ? &legacy_ipv4 : &legacy_ipv6,
                                       .output = info.hook_entry[HOOK_OUTPUT],
                                       .output_end = info.underflow[HOOK_OUTPUT]};
        enum legacy_answer answer = legacy_output_translates(&t);
        if (answer == LEGACY_TRANSLATES)
            found(arg, family == AF_INET ? "iptables-legacy: nat OUTPUT"
                                         : "ip6tables-legacy: nat OUTPUT");
        rc = answer == LEGACY_UNKNOWN ? -E2BIG : 0;
    }
    close(fd);
    free(entries);
    return rc == -EAGAIN ? find_legacy_translator(family, names, found, arg)
                         : rc; /* it has changed */
}

int translators_legacy(translator_found *found, void *arg)
{
    int v4 = find_legacy_translator(AF_INET, "/proc/self/net/ip_tables_names", found, arg);
    int v6 = find_legacy_translator(AF_INET6, "/proc/self/net/ip6_tables_names", found, arg);
    return v4 ? v4 : v6;
}
