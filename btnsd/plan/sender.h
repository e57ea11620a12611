/*
 * The process that sent a message, read from /proc and used only if it is certainly the sender and
 * still runs the same program.
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
 * asker_look() at the sender. The facts are used only if afterwards the same process still runs the
 * same program under the ids of the message or of the connection: a set-user-ID or set-group-ID
 * program that the process has started meanwhile is not taken for the sender.
 * 0, or -EPERM with a reason.
 */
int sender_look(const struct view *view, const struct sender *s, struct asker *a, struct err *err);

#endif
