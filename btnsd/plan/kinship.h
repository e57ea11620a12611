/*
 * May one process speak for another? Only for a descendant that it could also control by tracing
 * it.
 */
#ifndef BTNS_PLAN_KINSHIP_H
#define BTNS_PLAN_KINSHIP_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Zero is "unknown", so that a record nobody filled in never passes. */
enum kinship {
    KIN_UNKNOWN, /* no pidfd, or its process has ended */
    KIN_NONE,    /* not a descendant, of another user or group, or privileged */
    /* a descendant with the speaker's own ids and no privilege; for root: any descendant */
    KIN_DESCENDANT,
};

/* How the process of this pidfd is related to the speaker. */
enum kinship kinship_of(int pidfd, const struct ucred *speaker);
/* Gets the number and the effective ids of the pidfd's process. False: it has ended. */
bool kinship_read(int pidfd, struct ucred *who);

#endif
