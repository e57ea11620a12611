/*
 * Limits how much of btnsd's time one user's requests take before other users' requests are
 * handled.
 */
#ifndef BTNS_SERVER_TURN_H
#define BTNS_SERVER_TURN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TURN_NS    50000 /* of one user in one round of the loop, with all connections */
#define TURN_USERS 1024  /* a power of two; two users who share a place share a turn */

/* Zeroed: no user has spent anything. */
struct turns {
    struct spent {
        uint64_t round;
        uint64_t n; /* ns, or another unit that is counted */
    } user[TURN_USERS];
    uint64_t seed; /* random, so that nobody can choose with whom to share a place */
};

uint64_t turn_clock(void); /* ns */
/* Has this user time left in this round? Root always has. */
bool turn_left(struct turns *t, uid_t uid, uint64_t round);
/* The same for anything that turn_spend() counts; a user may spend `most` in a round. */
bool turn_has(struct turns *t, uid_t uid, uint64_t round, uint64_t most);
void turn_spend(struct turns *t, uid_t uid, uint64_t round, uint64_t n);

#endif
