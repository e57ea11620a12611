/* Remembers hosts with which protection has just failed. */
#include "btnsd/state/recent_failures.h"
#include "btnsd/base/loop.h"
#include "libapi/wire/fnv.h"

#include <stdio.h>
#include <string.h>

static struct recent_failure *recent_failure_set(const struct recent_failures *f,
                                                 const struct btns_addr *a)
{
    uint64_t hash = fnv1a(a->family, a->ip, sizeof a->ip);
    return (struct recent_failure *)f->item[(hash ^ hash >> 32) & (RECENT_SETS - 1)];
}

static struct recent_failure *find_recent_failure(const struct recent_failures *f,
                                                  const struct btns_addr *a)
{
    struct recent_failure *set = recent_failure_set(f, a);
    for (struct recent_failure *i = set; i < set + RECENT_WAYS; i++)
        if (i->until && btns_addr_ip_equal(&i->addr, a))
            return i;
    return NULL;
}

static struct recent_failure *place_for_recent_failure(struct recent_failures *f,
                                                       const struct btns_addr *a)
{
    struct recent_failure *set = recent_failure_set(f, a), *place = find_recent_failure(f, a);
    if (place)
        return place;
    place = set;
    for (struct recent_failure *i = set + 1; i < set + RECENT_WAYS; i++)
        if (i->until < place->until)
            place = i;
    *place = (struct recent_failure){.addr = *a};
    return place;
}

void recent_failure_add(struct recent_failures *f, const struct btns_addr *a, uid_t uid,
                        const char *why)
{
    struct recent_failure *i = place_for_recent_failure(f, a);
    if (i->silent && i->until > loop_now())
        return; /* a silent host counts for uid, too */
    i->uid = uid;
    i->silent = false;
    i->until = loop_now() + RECENT_FAILURE_MS;
    snprintf(i->why, sizeof i->why, "%s", why);
}

void recent_failure_silent(struct recent_failures *f, const struct btns_addr *a, const char *why)
{
    struct recent_failure *i = place_for_recent_failure(f, a);
    uint64_t now = loop_now(), ms = RECENT_SILENCE_MS;
    i->times = i->silent && now < i->until + RECENT_FAILURE_MS ? i->times + 1 : 0;
    for (unsigned n = 0; n < i->times && ms < RECENT_FAILURE_MS; n++)
        ms *= 2;
    i->silent = true;
    i->until = now + RECENT_FAILURE_MS;
    i->shut = now + (ms < RECENT_FAILURE_MS ? ms : RECENT_FAILURE_MS);
    snprintf(i->why, sizeof i->why, "%s", why);
}

const char *recent_failure_find(const struct recent_failures *f, const struct btns_addr *a,
                                uid_t uid)
{
    const struct recent_failure *i = find_recent_failure(f, a);
    return i && i->until > loop_now() && (i->silent || i->uid == uid) ? i->why : NULL;
}

const char *recent_failure_shut(const struct recent_failures *f, const struct btns_addr *a,
                                bool known)
{
    const struct recent_failure *i = find_recent_failure(f, a);
    if (!i || !i->silent)
        return NULL;
    uint64_t until = known ? i->until - RECENT_FAILURE_MS + RECENT_KNOWN_MS : i->shut;
    return until > loop_now() ? i->why : NULL;
}

bool recent_failure_forget(struct recent_failures *f, const struct btns_addr *a)
{
    struct recent_failure *i = find_recent_failure(f, a);
    bool found = i && i->until > loop_now();
    if (i)
        *i = (struct recent_failure){.until = 0};
    return found;
}
