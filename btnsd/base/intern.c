/* Keeps one copy of each text while it is in use. */
#include "btnsd/base/intern.h"
#include "libapi/wire/fnv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BUCKETS 16384 /* a power of two */

struct entry {
    struct entry *next;
    size_t holders;
    char text[];
};

static struct entry *bucket[BUCKETS];
static size_t count;
static const char no_memory[] = "(out of memory)";

/* Users choose texts; the secret seed keeps them from choosing the bucket. */
static struct entry **intern_bucket(const char *text)
{
    static uint64_t seed;
    if (!seed && getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
        seed = (uintptr_t)&seed;
    uint64_t hash = fnv1a(seed, text, strlen(text));
    return &bucket[(hash ^ hash >> 32) & (BUCKETS - 1)];
}

static const char *intern_hold(const char *text)
{
    struct entry **p = intern_bucket(text), *e = *p;
    while (e && strcmp(e->text, text))
        e = e->next;
    if (!e) {
        size_t len = strlen(text) + 1;
        e = malloc(sizeof *e + len);
        if (!e)
            return no_memory;
        memcpy(e->text, text, len);
        e->holders = 0;
        e->next = *p;
        *p = e;
        count++;
    }
    e->holders++;
    return e->text;
}

static void intern_release(const char *text)
{
    if (!text || text == no_memory)
        return;
    struct entry **p = intern_bucket(text);
    while ((*p)->text != text)
        p = &(*p)->next;
    struct entry *e = *p;
    if (--e->holders)
        return;
    *p = e->next;
    free(e);
    count--;
}

void intern_set(const char **place, const char *text)
{
    const char *before = *place;
    *place = text ? intern_hold(text) : NULL; /* `text` may be the copy that *place already holds */
    intern_release(before);
}

size_t intern_count(void)
{
    return count;
}
