/*
 * Identifies the process that sent a message by reading /proc, and only if it is certainly the
 * sender and still runs the same program.
 */
#ifndef BTNS_PLAN_SENDER_H
#define BTNS_PLAN_SENDER_H

#include "btnsd/plan/asker.h"

struct sender {
    struct ucred who;    /* the sender's credentials, with the message */
    struct ucred opener; /* credentials of the process that opened the connection */
    int process;         /* a pidfd, opened before anything is read from /proc; -1: none */
};

/*
 * asker_look() for the sender. The facts are used only if the same process afterwards still runs
 * the same program with the ids of the message or of the connection: so a set-user-ID or
 * set-group-ID program that the process has started meanwhile is not taken for the sender. 0, or
 * -EPERM with a reason.
 */
int sender_look(const struct view *view, const struct sender *s, struct asker *a, struct err *err);

#endif
