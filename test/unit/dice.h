/* Random numbers that are the same on every machine, for tests that try many cases. */
#ifndef BTNS_TEST_UNIT_DICE_H
#define BTNS_TEST_UNIT_DICE_H

#include <stdint.h>

/* xorshift64*: the same numbers everywhere from the same seed. */
struct dice {
    uint64_t state;
};

static inline unsigned roll(struct dice *d, unsigned below)
{
    d->state ^= d->state >> 12;
    d->state ^= d->state << 25;
    d->state ^= d->state >> 27;
    return (unsigned)((d->state * 0x2545f4914f6cdd1du) >> 33) % below;
}

#endif
