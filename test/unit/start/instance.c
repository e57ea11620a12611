/*
 * Only one btnsd has a run directory, and a killed one gives it up, even if its children live on.
 * TAP.
 */
#include "btnsd/start/instance.h"
#include "test/unit/check.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct first {
    pid_t pid;   /* has the directory */
    int said[2]; /* what it says: the pid of its child; the child has the pipe's end, too */
};

/* Hangs like the child that closes a descriptor (server/passed_fds.c). */
static void be_first(const struct first *f, const char *dir, unsigned long flags)
{
    struct err err;
    long child = instance_only(dir, &err) ? -1 : syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (child)
        _exit(write(f->said[1], &child, sizeof child) != sizeof child || pause());
    for (;;)
        pause();
}

static long start_first(struct first *f, const char *dir, unsigned long flags)
{
    long child = -1;
    if (pipe(f->said) || (f->pid = fork()) < 0)
        return -1;
    if (!f->pid)
        be_first(f, dir, flags);
    return read(f->said[0], &child, sizeof child) == sizeof child ? child : -1;
}

/* why: the second btnsd's message. */
static int try_second(const char *dir, struct err *why)
{
    int status = 0, words[2];
    pid_t pid = pipe(words) ? -1 : fork();
    if (!pid) {
        int rc = instance_only(dir, why);
        _exit(write(words[1], why, sizeof *why) < 0 ? 1 : -rc);
    }
    waitpid(pid, &status, 0);
    return read(words[0], why, sizeof *why) == sizeof *why ? -WEXITSTATUS(status) : -1;
}

static void test_instance(const char *dir, unsigned long flags, const char *shares)
{
    struct first f;
    struct err why = {""};
    char wanted[64];
    long child = start_first(&f, dir, flags);
    check(child > 0, "the first one has it, and a child that shares %s", shares);
    int rc = try_second(dir, &why);
    snprintf(wanted, sizeof wanted, "another btnsd is running (pid %d)", f.pid);
    check(rc == -EBUSY && !strncmp(why.text, wanted, strlen(wanted)), "a second one is refused: %s",
          why.text);
    kill(f.pid, SIGKILL);
    waitpid(f.pid, NULL, 0);
    check(child > 0 && !kill((pid_t)child, 0), "the first one is killed, and its child lives");
    check(!try_second(dir, &why), "the next one has it: %s", why.text);
    if (child > 0)
        kill((pid_t)child, SIGKILL);
}

int main(void)
{
    char dir[256];
    if (!scratch(dir, sizeof dir))
        return 1;
    test_instance(dir, 0, "nothing");
    test_instance(dir, CLONE_FILES, "its descriptors");
    scratch_remove(dir);
    return check_end();
}
