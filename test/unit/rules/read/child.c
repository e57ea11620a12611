/*
 * The confined child process that reads policies: what it can still do, and what btnsd does when it
 * misbehaves.
 */
#include "btnsd/rules/read/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define LIMITED_MEMORY false
#else
#define LIMITED_MEMORY true
#endif

static int failures;

static void check(bool good, const char *what)
{
    printf("%s - %s\n", good ? "ok" : "not ok", what);
    failures += !good;
}

static int say_result(struct policy_stream *out, bool good, const char *what)
{
    char line[128];
    int n = snprintf(line, sizeof line, "%s - %s\n", good ? "ok" : "not ok", what);
    return record_append(out, line, (size_t)n);
}

static bool only_the_pipe_is_open(void)
{
    for (int fd = 0; fd < 1024; fd++)
        if ((fcntl(fd, F_GETFD) >= 0) != (fd == 3))
            return false;
    return true;
}

static bool has_no_capability(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = {0};
    return !syscall(SYS_capget, &head, d) && !(d[0].effective | d[0].permitted | d[0].inheritable |
                                               d[1].effective | d[1].permitted | d[1].inheritable);
}

static bool signals_are_as_at_birth(void)
{
    struct sigaction sa;
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    return !sigaction(SIGTERM, NULL, &sa) && sa.sa_handler == SIG_DFL &&
           !sigismember(&blocked, SIGTERM) && !sigismember(&blocked, SIGXCPU);
}

static int look_around(void *arg, struct policy_stream *out)
{
    uid_t r, e, s;
    gid_t g[3];
    bool root = *(bool *)arg;
    struct rlimit core, cpu;
    getresuid(&r, &e, &s);
    getresgid(&g[0], &g[1], &g[2]);
    say_result(out, !root || (r == 65534 && e == 65534 && s == 65534), "user nobody");
    say_result(out, !root || (g[0] == 65534 && g[1] == 65534 && g[2] == 65534), "group nogroup");
    say_result(out, !root || getgroups(0, NULL) == 0, "no other groups");
    say_result(out, setuid(0) && errno == EPERM, "no way back to root");
    say_result(out, has_no_capability(), "no capabilities");
    say_result(out, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "no new privileges");
    say_result(out, prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0, "not dumpable");
    say_result(out, !environ || !environ[0], "no environment");
    say_result(out, !getenv("POLICY_SECRET"), "no variable of the parent's");
    say_result(out, only_the_pipe_is_open(), "no descriptor but the pipe");
    say_result(out, open("/", O_RDONLY | O_PATH) < 0 && errno == EMFILE, "no file can be opened");
    say_result(out, socket(AF_INET, SOCK_STREAM, 0) < 0, "no socket can be made");
    say_result(out, fork() < 0, "no process can be made");
    say_result(out, !getrlimit(RLIMIT_CORE, &core) && core.rlim_max == 0, "no core file");
    say_result(out, !getrlimit(RLIMIT_CPU, &cpu) && cpu.rlim_max == 4, "seconds of computing");
    say_result(out, !LIMITED_MEMORY || !malloc(512u << 20), "little memory");
    return say_result(out, signals_are_as_at_birth(), "no handler, nothing blocked");
}

static int look_names_up(void *arg, struct policy_stream *out)
{
    uid_t r, e, s;
    bool root = *(bool *)arg;
    getresuid(&r, &e, &s);
    say_result(out, !root || (r == 65534 && e == 65534 && s == 65534), "names: user nobody");
    say_result(out, setuid(0) && errno == EPERM && has_no_capability(),
               "names: no way back to root");
    say_result(out, !environ || !environ[0], "names: no environment");
    say_result(out, only_the_pipe_is_open(), "names: no descriptor of the parent's but the pipe");
    say_result(out, fork() < 0, "names: no process can be made");
    return say_result(out,
                      open("/etc/passwd", O_RDONLY) >= 0 && socket(AF_INET, SOCK_DGRAM, 0) >= 0,
                      "names: files and sockets can be opened");
}

static int sleep_on(void *arg, struct policy_stream *out)
{
    (void)arg;
    (void)out;
    while (pause() < 0)
        ;
    return 0;
}

static int spin(void *arg, struct policy_stream *out)
{
    volatile unsigned long *n = arg;
    (void)out;
    while (++*n)
        ;
    return 0;
}

static int die(void *arg, struct policy_stream *out)
{
    (void)arg;
    record_append(out, "half", 4);
    raise(SIGSEGV);
    return 0;
}

static int leave(void *arg, struct policy_stream *out)
{
    (void)out;
    exit(*(int *)arg);
}

static int fail(void *arg, struct policy_stream *out)
{
    (void)arg;
    (void)out;
    return -ENOMEM;
}

static int chatter(void *arg, struct policy_stream *out)
{
    static const char part[1 << 20];
    (void)arg;
    (void)out;
    for (;;)
        if (write(3, part, sizeof part) < 0)
            return -errno;
}

static int say_much(void *arg, struct policy_stream *out)
{
    const char part[1000] = {1};
    (void)arg;
    for (int i = 0; i < 3000; i++)
        if (record_append(out, part, sizeof part))
            return -ENOMEM;
    return 0;
}

static void expect_refusal(const char *what, int (*work)(void *, struct policy_stream *), void *arg,
                           int rc, const char *reason)
{
    struct policy_stream out = {0};
    struct err err = {""};
    int got = policy_child(work, arg, &out, &err);
    if (got != rc || !strstr(err.text, reason))
        printf("# %d instead of %d, \"%s\"\n", got, rc, err.text);
    check(got == rc && strstr(err.text, reason), what);
    record_stream_free(&out);
}

/* If this ran in the child, it would look like success. */
static void parents_exit_handler(void)
{
    _exit(0);
}

static void test_surroundings(void)
{
    struct policy_stream out = {0};
    struct err err = {""};
    bool root = geteuid() == 0;
    setenv("POLICY_SECRET", "x", 1);
    signal(SIGTERM, SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGXCPU);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    int rc = policy_child(look_around, &root, &out, &err);
    check(!rc, "a child that does its work");
    fwrite(out.data, 1, out.len, stdout);
    record_append(&out, "", 1);
    check(!rc && !strstr(out.data, "not ok"), "nothing is left to it");
    record_stream_free(&out);
}

static void test_names(void)
{
    struct policy_stream out = {0};
    struct err err = {""};
    bool root = geteuid() == 0;
    int rc = policy_lookup_child(look_names_up, &root, &out, &err);
    fwrite(out.data, 1, out.len, stdout);
    record_append(&out, "", 1);
    check(!rc && !strstr(out.data, "not ok"), "who looks names up may open files and no more");
    record_stream_free(&out);
}

static void test_hanging_names(void)
{
    struct policy_stream out = {0};
    struct err err = {""};
    int rc = policy_lookup_child(sleep_on, NULL, &out, &err);
    check(rc == -ETIMEDOUT && strstr(err.text, "looking up names took longer than 3 s"),
          "a resolver that hangs");
    record_stream_free(&out);
}

/* The same for a daemon that is not root: it has no other user to become, and may be traced. */
static void test_surroundings_as_user(void)
{
    int status = -1;
    pid_t pid = geteuid() ? -1 : fork();
    if (pid == 0) {
        failures = 0;
        check(!setgroups(0, NULL) && !setresgid(65534, 65534, 65534) &&
                  !setresuid(65534, 65534, 65534) && !prctl(PR_SET_DUMPABLE, 1, 0, 0, 0),
              "not root any more");
        test_surroundings();
        fflush(stdout);
        _exit(failures ? 1 : 0);
    }
    if (pid > 0) {
        waitpid(pid, &status, 0);
        check(status == 0, "nothing is left to the child of a daemon that is not root");
    }
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        perror(path);
    if (fd >= 0)
        close(fd);
}

/* In a user namespace where nobody is not mapped, nothing is read. */
static void test_not_confined(void)
{
    int status = -1;
    pid_t pid = geteuid() ? -1 : fork();
    if (pid == 0) {
        if (unshare(CLONE_NEWUSER))
            _exit(errno == EPERM || errno == ENOSPC ? 77 : 1);
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", "0 0 1");
        write_file("/proc/self/gid_map", "0 0 1");
        failures = 0;
        expect_refusal("a child that cannot be confined", say_much, NULL, -EPROTO,
                       "could not be confined: ");
        fflush(stdout);
        _exit(failures ? 1 : 0);
    }
    if (pid > 0) {
        waitpid(pid, &status, 0);
        check(status == 0 || status == 77 << 8, "where none can be confined, none is used");
    }
}

/* Ended by the first of the two limits: on a busy machine, that of the wall clock. */
static void test_computing(void)
{
    struct policy_stream out = {0};
    struct err err = {""};
    volatile unsigned long n = 0;
    int rc = policy_child(spin, (void *)&n, &out, &err);
    check((rc == -EPROTO && strstr(err.text, "died of signal")) || rc == -ETIMEDOUT,
          "a child that computes");
    record_stream_free(&out);
}

static void test_hanging(void)
{
    expect_refusal("a child that hangs", sleep_on, NULL, -ETIMEDOUT, "longer than 8 s");
}

/* Each test that waits runs in its own process, so that all of them wait at the same time. */
static pid_t start_aside(void (*test)(void))
{
    pid_t pid = fork();
    if (pid)
        return pid;
    failures = 0;
    test();
    fflush(stdout);
    _exit(failures ? 1 : 0);
}

static void end_aside(pid_t pid)
{
    int status = -1;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        failures++;
}

static void test_much(void)
{
    struct policy_stream out = {0};
    struct err err = {""};
    check(!policy_child(say_much, NULL, &out, &err) && out.len == 3000 * 1000, "a long answer");
    record_stream_free(&out);
}

int main(void)
{
    int status = 7, zero = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    const pid_t aside[] = {start_aside(test_hanging), start_aside(test_hanging_names),
                           start_aside(test_computing)};
    test_surroundings_as_user();
    test_surroundings();
    test_names();
    test_much();
    test_not_confined();
    expect_refusal("a child that crashes", die, NULL, -EPROTO, "died of signal 11");
    expect_refusal("a child that fails", fail, NULL, -EPROTO, "failed");
    expect_refusal("a child that talks without end", chatter, NULL, -EFBIG, "more than");
    atexit(parents_exit_handler);
    expect_refusal("a child that calls exit(7)", leave, &status, -EPROTO, "gave up");
    expect_refusal("a child that calls exit(0)", leave, &zero, -EPROTO, "gave up");
    for (size_t i = 0; i < sizeof aside / sizeof *aside; i++)
        end_aside(aside[i]);
    check(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no child is left");
    fflush(stdout);
    _exit(failures ? 1 : 0);
}
