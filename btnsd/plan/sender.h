/*
 * Who sent a message, looked at in /proc: as far as that can be known to be the process that sent
 * it, and the program that it ran then.
 */
#ifndef BTNS_PLAN_SENDER_H
#define BTNS_PLAN_SENDER_H

#include "btnsd/plan/asker.h"

struct sender {
    struct ucred who;    /* of the message */
    struct ucred opener; /* of the connection */
    int process;         /* a pidfd from before the first look; -1: there is none */
};

/*
 * asker_look() at who sent it. What was read is used only if afterwards the same process still
 * runs, with the same program, under the ids of the message or of the connection: a set-user-ID or
 * set-group-ID program that it has become meanwhile is not taken for it.
 * 0, or -EPERM with a reason.
 */
int sender_look(const struct view *view, const struct sender *s, struct asker *a, struct err *err);

#endif
