/* Reads policies that users submit, in child processes, so that no user makes the others wait. */
#ifndef BTNS_USERS_READING_QUEUE_H
#define BTNS_USERS_READING_QUEUE_H

#include "btnsd/base/count_by_user.h"
#include "btnsd/base/loop.h"
#include "btnsd/rules/compile/compile.h"

#include <sys/types.h>

#define READINGS_AT_ONCE 4 /* running at once for all users; for one user: one */

struct reading;

/* Zeroed, except for the loop. */
struct readings {
    struct loop *loop;
    struct reading *first;
    struct count_by_user *users; /* number of texts in the queue, by user; made with the first */
    struct timer turn;
};

/*
 * Called once, unless cancelled: with the rules, which the callee frees, or the reason why there
 * are none.
 */
typedef void reading_done(void *arg, struct rules *rules, const struct err *err);

/*
 * Takes over text (malloc()ed, like the texts in it). `name` stands for all of them in messages.
 * NULL with err when too many of the user's texts are being read.
 */
struct reading *reading_start(struct readings *rs, uid_t uid, const char *name,
                              struct policy_text *text, unsigned n, reading_done *done, void *arg,
                              struct err *err);
void reading_cancel(struct reading *r);
/* Handles an ended child. False: the child belongs to another part of btnsd. */
bool reading_reaped(struct readings *rs, pid_t pid, int status);
void readings_end(struct readings *rs);

#endif
