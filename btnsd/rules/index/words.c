/* A hash table from whole texts to sets of rules. */
#include "btnsd/rules/index/words.h"

#include <errno.h>
#include <string.h>

static uint64_t hash_of(const char *text, size_t len)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t h = len * odd, part;
    for (; len >= sizeof part; text += sizeof part, len -= sizeof part) {
        memcpy(&part, text, sizeof part);
        h = (h ^ part) * odd;
        h ^= h >> 29;
    }
    part = 0;
    memcpy(&part, text, len);
    h = (h ^ part) * odd;
    return h ^ h >> 32;
}

static struct word_place *place_of(const struct words *w, const char *text, uint64_t hash)
{
    size_t i = hash & (w->places - 1);
    while (w->place[i].text && (w->place[i].hash != hash || strcmp(w->place[i].text, text) != 0))
        i = (i + 1) & (w->places - 1);
    return &w->place[i];
}

const char *words_digits(uint32_t number, char digits[WORDS_DIGITS])
{
    for (int i = 0; i < WORDS_DIGITS - 1; i++, number >>= 4)
        digits[i] = (char)('a' + (number & 15));
    digits[WORDS_DIGITS - 1] = '\0';
    return digits;
}

/* No two numbers have the same: their texts need not be compared, nor fetched. */
static uint64_t hash_of_number(uint32_t number)
{
    uint64_t h = number * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

static uint64_t hash_of_digits(const char *text)
{
    uint32_t number = 0;
    for (int i = WORDS_DIGITS - 2; i >= 0; i--)
        number = number << 4 | (uint32_t)(text[i] - 'a');
    return hash_of_number(number);
}

int words_build(struct words *w, bool numbers, const struct named_sets *sets, struct packer *p)
{
    if (!sets->n)
        return 0;
    w->places = 2;
    while (w->places < 2 * sets->n)
        w->places *= 2;
    w->place = policy_arena_get(p->arena, w->places, sizeof *w->place);
    p->octets += w->places * sizeof *w->place;
    for (size_t i = 0; w->place && i < sets->n; i++) {
        const char *text = sets->item[i].text;
        uint64_t hash = numbers ? hash_of_digits(text) : hash_of(text, strlen(text));
        *place_of(w, text, hash) = (struct word_place){text, hash, sets->item[i].set};
    }
    return w->place ? 0 : -ENOMEM;
}

const uint64_t *words_find(const struct words *w, const char *text)
{
    return w->places ? place_of(w, text, hash_of(text, strlen(text)))->set : NULL;
}

const uint64_t *words_find_number(const struct words *w, uint32_t number)
{
    uint64_t hash = hash_of_number(number);
    size_t i = hash & (w->places - 1);
    while (w->places && w->place[i].text && w->place[i].hash != hash)
        i = (i + 1) & (w->places - 1);
    return w->places ? w->place[i].set : NULL;
}
