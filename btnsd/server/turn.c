/*
 * Limits how much of btnsd's time one user's requests take before other users' requests are
 * handled.
 */
#include "btnsd/server/turn.h"
#include "btnsd/base/account.h"

#include <sys/random.h>
#include <time.h>

uint64_t turn_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct spent *user_turn_spent(struct turns *t, uid_t uid, uint64_t round)
{
    if (!t->seed && getrandom(&t->seed, sizeof t->seed, GRND_NONBLOCK) != sizeof t->seed)
        t->seed = (uintptr_t)t;
    uint64_t hash = (account_of(uid) ^ t->seed) * 0x9e3779b97f4a7c15u;
    struct spent *s = &t->user[hash >> 32 & (TURN_USERS - 1)];
    if (s->round != round)
        *s = (struct spent){.round = round};
    return s;
}

bool turn_has(struct turns *t, uid_t uid, uint64_t round, uint64_t most)
{
    return !uid || user_turn_spent(t, uid, round)->n < most;
}

bool turn_left(struct turns *t, uid_t uid, uint64_t round)
{
    return turn_has(t, uid, round, TURN_NS);
}

void turn_spend(struct turns *t, uid_t uid, uint64_t round, uint64_t n)
{
    if (uid)
        user_turn_spent(t, uid, round)->n += n;
}
