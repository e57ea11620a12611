/* How much of btnsd's time a user's requests take before those of others are looked at. */
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
        uint64_t n; /* ns, or what else is counted */
    } user[TURN_USERS];
    uint64_t seed; /* nobody can choose whose place to share */
};

uint64_t turn_clock(void); /* ns */
/* Has this user time left in this round? Root always has. */
bool turn_left(struct turns *t, uid_t uid, uint64_t round);
/* The same for anything that turn_spend() counts; a user may have `most` of it in a round. */
bool turn_has(struct turns *t, uid_t uid, uint64_t round, uint64_t most);
void turn_spend(struct turns *t, uid_t uid, uint64_t round, uint64_t n);

#endif
