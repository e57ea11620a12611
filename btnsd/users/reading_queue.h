/* Reading what users submit, beside everything else btnsd does: none can make the others wait. */
#ifndef BTNS_READING_H
#define BTNS_READING_H

#include "btnsd/base/loop.h"
#include "btnsd/rules/compile/compile.h"

#include <sys/types.h>

#define READINGS_PER_USER 32 /* that wait for their turn; root's too */
#define READINGS_AT_ONCE  4  /* of all users; of one user: one */

struct reading;

/* Zeroed but for the loop. */
struct readings {
    struct loop *loop;
    struct reading *first;
    struct timer turn;
};

/* Called once, unless cancelled: the rules, to be freed by whoever gets them, or why there are
 * none. */
typedef void reading_done(void *arg, struct rules *rules, const struct err *err);

/*
 * Takes over text (malloc()ed, with their texts). `name` is that of all texts together, for
 * messages. NULL with err when the user has too many under way.
 */
struct reading *reading_start(struct readings *rs, uid_t uid, const char *name,
                              struct policy_text *text, unsigned n, reading_done *done, void *arg,
                              struct err *err);
void reading_cancel(struct reading *r);
/* A child has ended; false: it was none of ours. */
bool reading_reaped(struct readings *rs, pid_t pid, int status);
void readings_end(struct readings *rs);

#endif
