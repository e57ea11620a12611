/*
 * Finds the sender of a message in /proc: not another process that has its number now, nor a
 * program that it has executed since. TAP.
 */
#include "btnsd/plan/sender.h"
#include "test/unit/check.h"

#include "btnsd/plan/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static struct rules *rules;
static struct asker asker;
static struct err err;

static const char text[] = "format = 1\nprogram \"p\" { match = { \"*\" }\n"
                           "rule \"r\" { action = protect } }\n";

/*
 * A child of NOBODY's that runs `program`, and waits for its standard input to end. The program's
 * output (su's prompt) is kept out of this test's output.
 */
static pid_t child(const char *program, int *end)
{
    int in[2];
    if (pipe(in))
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 0);
        close(in[0]);
        close(in[1]);
        if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
            _exit(1);
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, 1);
        dup2(nowhere, 2);
        if (program)
            execl(program, program, "root", NULL);
        char c;
        _exit((int)read(0, &c, 1));
    }
    close(in[0]);
    *end = in[1];
    return pid;
}

static int find_sender(pid_t pid, uid_t uid, uid_t opener, int process)
{
    const struct view v = {.host = rules};
    const struct sender s = {
        {.pid = pid, .uid = uid, .gid = uid}, {.pid = pid, .uid = opener, .gid = opener}, process};
    err.text[0] = '\0';
    return sender_look(&v, &s, &asker, &err);
}

static int pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* exec() has finished when the program's name is in /proc; its other fields are set by then. */
static bool became(pid_t pid, const char *program)
{
    char now[BTNS_PATH_MAX];
    for (int i = 0; i < 20000; i++, usleep(1000))
        if (facts_program(pid, now, sizeof now) && !strcmp(now, program))
            return true;
    return false;
}

static void end_child(pid_t pid, int in)
{
    close(in);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static bool is_nobodys(pid_t pid)
{
    uid_t uid = 0;
    gid_t gid = 0;
    for (int i = 0; i < 20000 && uid != NOBODY; i++, usleep(1000))
        facts_ids(pid, 0, &uid, &gid);
    return uid == NOBODY;
}

static void test_same(void)
{
    int in, process;
    pid_t pid = child(NULL, &in);
    process = pidfd(pid);
    check(is_nobodys(pid) && !find_sender(pid, NOBODY, NOBODY, process) &&
              strlen(asker.program) > 1,
          "a process that is what it was: %s", asker.program);
    check(find_sender(pid, NOBODY, NOBODY, -1) == -EPERM, "not when nothing holds its number: %s",
          err.text);
    check(find_sender(pid, NOBODY + 1, NOBODY + 1, process) == -EPERM,
          "nor when it runs under other ids than the message's");
    check(!find_sender(pid, NOBODY - 1, NOBODY, process),
          "unless it had those when it opened the connection: a set-user-ID program's own");
    end_child(pid, in);
    check(find_sender(pid, NOBODY, NOBODY, process) == -EPERM, "nor when it has ended");
    close(process);
}

static void test_number_of_another(void)
{
    int in, other_in;
    pid_t pid = child(NULL, &in);
    int process = pidfd(pid);
    end_child(pid, in);
    pid_t other = child(NULL, &other_in); /* as if it had the sender's number */
    check(is_nobodys(other) && find_sender(other, NOBODY, NOBODY, process) == -EPERM,
          "a process that ended, and another one of its user's under its number: %s", err.text);
    end_child(other, other_in);
    close(process);
}

static void test_set_user_id(void)
{
    static const char su[] = "/usr/bin/su";
    int in;
    if (access(su, X_OK)) {
        check(true, "# SKIP no %s", su);
        return;
    }
    pid_t pid = child(su, &in);
    int process = pidfd(pid);
    check(became(pid, su) && find_sender(pid, NOBODY, NOBODY, process) == -EPERM,
          "a set-user-ID program that the process has become since it asked: %s", err.text);
    end_child(pid, in);
    close(process);
}

int main(void)
{
    if (geteuid()) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    rules = rules_load_text("policy", text, sizeof text - 1, &err);
    test_same();
    test_number_of_another();
    test_set_user_id();
    rules_free(rules);
    return check_end();
}
