/* May one process speak for another: is it of the same user, and below it? */
#ifndef BTNS_PLAN_KINSHIP_H
#define BTNS_PLAN_KINSHIP_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The zero of a record that was not filled in never passes. */
enum kinship {
    KIN_UNKNOWN,    /* no pidfd, or its process has ended */
    KIN_NONE,       /* another user's process, or one that does not descend from the other */
    KIN_DESCENDANT, /* below it, and of the same user in every respect; below root: of any user */
};

/* The process of this pidfd, seen from the process `ancestor` of the user `uid`. */
enum kinship kinship_of(int pidfd, pid_t ancestor, uid_t uid);
/* The number and the effective ids of the process. False: it has ended. */
bool kinship_read(int pidfd, struct ucred *who);

#endif
