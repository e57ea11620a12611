/* May one process speak for another: is it below it, and could it do the same by tracing it? */
#ifndef BTNS_PLAN_KINSHIP_H
#define BTNS_PLAN_KINSHIP_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The zero of a record that was not filled in never passes. */
enum kinship {
    KIN_UNKNOWN,    /* no pidfd, or its process has ended */
    KIN_NONE,       /* not below the other, of another user or group, or privileged */
    KIN_DESCENDANT, /* below it, with its ids in every respect and no privilege; below root: any */
};

/* The process of this pidfd, seen from the one that speaks. */
enum kinship kinship_of(int pidfd, const struct ucred *speaker);
/* The number and the effective ids of the process. False: it has ended. */
bool kinship_read(int pidfd, struct ucred *who);

#endif
