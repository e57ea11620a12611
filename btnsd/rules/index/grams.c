/* Which of many patterns match a text: finding them by their rarest four octets. */
#include "btnsd/rules/index/grams.h"

#include "btnsd/rules/model/glob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Three NULs stand before and behind every text: a pattern's own ends are rare there. Behind what
 * is matched with all that lies within, its component's end is as good.
 */
static uint32_t hash_of(uint32_t gram)
{
    return gram * 0x9e3779b1u;
}

static struct gram *place_of(const struct grams *g, uint32_t gram)
{
    uint32_t mask = (1u << g->bits) - 1, i = hash_of(gram) >> (32 - g->bits);
    while (g->place[i].n && g->place[i].gram != gram)
        i = (i + 1) & mask;
    return &g->place[i];
}

/* ---- a pattern's grams */

/* The next octet that stands for itself: 0 to 255; -1: something else; -2: the end. */
static int literal(const char **p)
{
    unsigned char c = (unsigned char)*(*p)++;
    if (c == '[') {
        for (*p += **p == '!' || **p == '^', *p += **p == ']'; **p && **p != ']'; ++*p)
            *p += **p == '\\' && (*p)[1];
        *p += **p == ']';
    } else if (c == '\\') {
        *p += **p != 0;
    } else if (c && c != '*' && c != '?') {
        return c;
    }
    return c ? -1 : -2;
}

static void each_gram(bool within, const char *pattern, void (*each)(void *arg, uint32_t gram),
                      void *arg)
{
    uint32_t gram = 0;
    unsigned run = 3; /* octets of it that are known: at first, the NULs before */
    int c;
    while ((c = literal(&pattern)) != -2) {
        gram = gram << 8 | (uint32_t)(c & 0xff);
        run = c < 0 ? 0 : run + 1;
        if (run >= 4)
            each(arg, gram);
    }
    for (unsigned i = 0; i < (within ? 1 : 3); i++) {
        gram = gram << 8 | (within ? '/' : 0);
        if (++run >= 4)
            each(arg, gram);
    }
}

/* ---- choosing */

struct choosing {
    struct grams *g;
    uint32_t gram, n; /* the best so far */
};

static void count(void *arg, uint32_t gram)
{
    struct choosing *c = arg;
    struct gram *place = place_of(c->g, gram);
    place->gram = gram;
    place->n++;
}

static void choose(void *arg, uint32_t gram)
{
    struct choosing *c = arg;
    uint32_t n = place_of(c->g, gram)->n;
    if (c->n && n >= c->n)
        return;
    c->gram = gram;
    c->n = n;
}

struct chosen {
    struct named_set set;
    uint32_t gram;
};

static int compare(const void *a, const void *b)
{
    uint32_t x = ((const struct chosen *)a)->gram, y = ((const struct chosen *)b)->gram;
    return (x > y) - (x < y);
}

/* A table with room for so many grams; *place is its memory. */
static struct grams table_for(bool within, size_t grams)
{
    struct grams g = {.bits = 4, .within = within};
    while (g.bits < 31 && (size_t)1 << g.bits < 2 * grams)
        g.bits++;
    return g;
}

static int choose_all(bool within, const struct named_sets *sets, struct chosen *chosen)
{
    size_t octets = 0;
    for (size_t i = 0; i < sets->n; i++)
        octets += strlen(sets->item[i].text) + 3;
    struct grams all = table_for(within, octets);
    struct choosing c = {.g = &all};
    all.place = calloc((size_t)1 << all.bits, sizeof *all.place);
    if (!all.place)
        return -ENOMEM;
    for (size_t i = 0; i < sets->n; i++)
        each_gram(within, sets->item[i].text, count, &c);
    for (size_t i = 0; i < sets->n; i++) {
        c.n = 0;
        each_gram(within, sets->item[i].text, choose, &c);
        chosen[i] = (struct chosen){sets->item[i], c.gram};
    }
    free(all.place);
    return 0;
}

static void put(struct grams *g, const struct chosen *chosen, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct gram *place = place_of(g, chosen[i].gram);
        uint32_t hash = hash_of(chosen[i].gram) >> 20;
        if (!place->n)
            *place = (struct gram){chosen[i].gram, (uint32_t)i, 0};
        place->n++;
        g->filter[hash / 64] |= (uint64_t)1 << hash % 64;
        g->pattern[i] = chosen[i].set;
    }
}

int grams_build(struct grams *g, bool within, const struct named_sets *sets, struct packer *p)
{
    if (!sets->n)
        return 0;
    *g = table_for(within, sets->n);
    g->pattern = sets->item;
    g->place = policy_arena_get(p->arena, (size_t)1 << g->bits, sizeof *g->place);
    p->octets += ((size_t)1 << g->bits) * sizeof *g->place;
    struct chosen *chosen = calloc(sets->n, sizeof *chosen);
    int rc = g->place && chosen ? choose_all(within, sets, chosen) : -ENOMEM;
    if (!rc) {
        qsort(chosen, sets->n, sizeof *chosen, compare);
        put(g, chosen, sets->n);
    }
    free(chosen);
    return rc;
}

/* ---- finding */

#define PLACES_MAX 1024 /* that are noted; as long as a path in a question is */

struct finding {
    const struct grams *g;
    const char *text;
    void (*found)(void *arg, const uint64_t *set);
    void *arg;
    unsigned compared;
    unsigned places;
    const struct gram *place[PLACES_MAX]; /* whose patterns were compared */
};

/* A text made of one letter has the same gram everywhere. */
static bool is_new(struct finding *f, const struct gram *place)
{
    for (unsigned i = 0; i < f->places; i++)
        if (f->place[i] == place)
            return false;
    if (f->places < PLACES_MAX)
        f->place[f->places++] = place;
    return true;
}

static void look(struct finding *f, uint32_t gram)
{
    const struct grams *g = f->g;
    uint32_t hash = hash_of(gram) >> 20;
    if (!(g->filter[hash / 64] >> hash % 64 & 1))
        return;
    const struct gram *place = place_of(g, gram);
    if (!place->n || !is_new(f, place))
        return;
    f->compared += place->n;
    for (uint32_t i = place->first; i < place->first + place->n; i++)
        if ((g->within ? glob_match_within : glob_match)(g->pattern[i].text, f->text))
            f->found(f->arg, g->pattern[i].set);
}

unsigned grams_find(const struct grams *g, const char *text,
                    void (*found)(void *arg, const uint64_t *set), void *arg)
{
    struct finding f;
    uint32_t gram = 0;
    if (!g->bits)
        return 0;
    f.g = g;
    f.text = text;
    f.found = found;
    f.arg = arg;
    f.compared = f.places = 0;
    for (; *text; text++)
        look(&f, gram = gram << 8 | (unsigned char)*text);
    for (unsigned i = 0; i < (g->within ? 1 : 3); i++)
        look(&f, gram = gram << 8 | (g->within ? '/' : 0));
    return f.compared;
}
