/* Remembers for hours which hosts run no btnsd, and which answer IKE late. */
#include "btnsd/state/plain_hosts.h"

#include "libapi/wire/fnv.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define PLAIN_S (PLAIN_HOURS * 3600)

static struct plain_host *plain_host_set(const struct plain_hosts *h, const struct btns_addr *a)
{
    uint64_t hash = fnv1a(a->family, a->ip, sizeof a->ip);
    return (struct plain_host *)h->host[(hash ^ hash >> 32) & (PLAIN_SETS - 1)];
}

/* An entry that seems to last longer than a new one would is dropped: the clock was put back. */
static bool is_plain_host_current(const struct plain_host *i, uint64_t now)
{
    return i->what != PLAIN_UNKNOWN && i->until > now && i->until <= now + PLAIN_S;
}

static struct plain_host *find_plain_host(const struct plain_hosts *h, const struct btns_addr *a,
                                          uint64_t now)
{
    struct plain_host *set = plain_host_set(h, a);
    for (struct plain_host *i = set; i < set + PLAIN_WAYS; i++)
        if (is_plain_host_current(i, now) && btns_addr_ip_equal(&i->addr, a))
            return i;
    return NULL;
}

static void put_plain_host(struct plain_hosts *h, const struct btns_addr *a, enum plain what,
                           uint64_t until, uint64_t now)
{
    struct plain_host *set = plain_host_set(h, a), *place = find_plain_host(h, a, now);
    for (struct plain_host *i = set; !place && i < set + PLAIN_WAYS; i++)
        if (!is_plain_host_current(i, now))
            place = i;
    for (struct plain_host *i = place ? set + PLAIN_WAYS : set; i < set + PLAIN_WAYS; i++)
        if (!place || i->until < place->until)
            place = i;
    *place = (struct plain_host){.addr = *a, .what = what, .until = until};
    place->addr.port = 0;
}

void plain_host_add(struct plain_hosts *h, const struct btns_addr *a, enum plain what, uint64_t now)
{
    put_plain_host(h, a, what, now + PLAIN_S, now);
}

enum plain plain_host_find(const struct plain_hosts *h, const struct btns_addr *a, uint64_t now,
                           char text[PLAIN_TEXT])
{
    const struct plain_host *i = find_plain_host(h, a, now);
    char ip[BTNS_ADDR_STR], when[32] = "";
    struct tm tm;
    if (!i)
        return PLAIN_UNKNOWN;
    const time_t until = (time_t)i->until;
    if (text && localtime_r(&until, &tm))
        strftime(when, sizeof when, "%H:%M", &tm);
    if (text)
        snprintf(text, PLAIN_TEXT,
                 "it ran no btnsd when it was last asked, which is remembered until %s (btnsctl "
                 "forget %s ends that)",
                 when, btns_addr_ip_str(a, ip));
    return i->what;
}

bool plain_host_forget(struct plain_hosts *h, const struct btns_addr *a, uint64_t now)
{
    struct plain_host *i = find_plain_host(h, a, now);
    if (i)
        i->what = PLAIN_UNKNOWN;
    return i;
}

int plain_hosts_print(FILE *f, const struct plain_hosts *h, uint64_t now)
{
    char ip[BTNS_ADDR_STR];
    fputs("# Hosts that ran no btnsd when they were asked, or answered slowly, and until when "
          "that is remembered.\n",
          f);
    for (size_t n = 0; n < (size_t)PLAIN_SETS * PLAIN_WAYS; n++) {
        const struct plain_host *i = &h->host[n / PLAIN_WAYS][n % PLAIN_WAYS];
        if (is_plain_host_current(i, now))
            fprintf(f, "%s %" PRIu64 " %s\n", btns_addr_ip_str(&i->addr, ip), i->until,
                    i->what == PLAIN_SLOW ? "slow" : "none");
    }
    return 0;
}

bool plain_hosts_read(struct plain_hosts *h, const char *line, uint64_t now)
{
    char ip[BTNS_ADDR_STR], what[8], rest[2];
    struct btns_addr a;
    uint64_t until;
    if (*line == '#')
        return true;
    if (sscanf(line, "%55s %" SCNu64 " %7s %1s", ip, &until, what, rest) != 3 ||
        !btns_addr_parse(&a, ip) || a.port || (strcmp(what, "none") && strcmp(what, "slow")))
        return false;
    if (until > now && until <= now + PLAIN_S)
        put_plain_host(h, &a, strcmp(what, "slow") ? PLAIN_WITHOUT : PLAIN_SLOW, until, now);
    return true;
}
