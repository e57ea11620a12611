/* Identifies the process that sent a message, by reading /proc. */
#include "btnsd/plan/sender.h"

#include "btnsd/plan/facts.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/*
 * A pidfd is readable when the process has ended (pidfd_open(2)). Until then, no other process gets
 * its number.
 */
static bool sender_lives(int process)
{
    struct pollfd p = {.fd = process, .events = POLLIN};
    return process >= 0 && poll(&p, 1, 0) == 0;
}

static bool sender_runs(pid_t pid, const char *program)
{
    char now[BTNS_PATH_MAX];
    return facts_program(pid, now, sizeof now) && !strcmp(now, program);
}

/* Root may have any ids. Other users get other effective ids only by a set-id program. */
static bool sender_has_its_ids(const struct sender *s)
{
    uid_t uid;
    gid_t gid;
    if (!s->who.uid)
        return true;
    return facts_ids(s->who.pid, s->who.uid, &uid, &gid) &&
           (uid == s->who.uid || uid == s->opener.uid) &&
           (gid == s->who.gid || gid == s->opener.gid);
}

int sender_look(const struct view *view, const struct sender *s, struct asker *a, struct err *err)
{
    int rc = asker_look(view, &s->who, NULL, a, err);
    if (rc ||
        (sender_has_its_ids(s) && sender_runs(s->who.pid, a->program) && sender_lives(s->process)))
        return rc;
    err_set(err, "process %d has changed or ended since it asked: ask again", s->who.pid);
    return -EPERM;
}
