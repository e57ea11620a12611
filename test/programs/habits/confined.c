/*
 * Programs in another network namespace, another root, another user namespace, or under a seccomp
 * filter.
 */
#include "test/programs/habits/habits.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* A new network namespace has only a loopback interface, which is down. */
void leaves_its_network(void)
{
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    int old = tcp_socket(&server);
    if (unshare(CLONE_NEWNET))
        err(1, "unshare");
    printf("%s\n", visit(&server));
    printf("%s\n", connect_place(old, &server) ? strerrorname_np(errno) : "its old socket: ok");
}

static int visit_from_elsewhere(void *arg)
{
    (void)arg;
    printf("%s\n", visit(&server));
    fflush(stdout);
    return 0;
}

/* Its parent's cached verdicts are for another network namespace. */
void clones_into_another_network(void)
{
    static char stack[65536];
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = clone(visit_from_elsewhere, stack + sizeof stack, CLONE_NEWNET | SIGCHLD, NULL);
    if (pid < 0)
        err(1, "clone");
    connect_wait_for_guard(pid);
}

/* In the new root, btnsd's socket does not exist, but btnsd runs. */
static void change_root(void)
{
    if (mkdir("empty", 0755) || chroot("empty") || chdir("/"))
        err(1, "chroot");
}

static void ask_again(void)
{
    printf("%s\n", name_of(connect_place(tcp_socket(&server), &server)));
}

void changes_root(void)
{
    change_root();
    ask_again();
}

/* The connection that was opened earlier is closed as well. */
void changes_root_and_closes(void)
{
    change_root();
    close_range(3, ~0u, 0);
    ask_again();
}

/* Like a server that serves each client in a jail, as another user. */
void changes_root_in_a_child(void)
{
    change_root();
    int status;
    if (!fork()) {
        if (setgid(65534) || setuid(65534))
            err(1, "setuid");
        ask_again();
        struct sockaddr_in any = {.sin_family = AF_INET};
        int s = socket(AF_INET, SOCK_STREAM, 0);
        printf("%s ", name_of(bind(s, (struct sockaddr *)&any, sizeof any)));
        printf("%s\n", name_of(listen(s, 1)));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
}

/* Root is not mapped in the new user namespace. */
void changes_user_namespace(void)
{
    if (unshare(CLONE_NEWUSER))
        err(1, "unshare");
    ask_again();
}

#define ALLOW(number)                                                                              \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/*
 * Allows only what accept() and printing its outcome need, and what the manual page lists for
 * accept().
 */
static void forbid_the_rest(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_accept),
        ALLOW(SYS_write),
        ALLOW(SYS_exit_group),
        ALLOW(SYS_getsockopt),
        ALLOW(SYS_sendmsg),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        err(1, "seccomp");
}

static void connect_twice(const struct place *to)
{
    int first = tcp_socket(to), second = tcp_socket(to);
    char octet;
    if (connect_place(first, to) || kill(daemon_pid(), SIGKILL))
        err(1, "connect");
    struct pollfd link = {.fd = highest(), .events = POLLIN};
    if (poll(&link, 1, 60000) != 1) /* the parent's link is this one */
        errx(1, "the link does not end");
    if (connect_place(second, to))
        err(1, "connect");
    (void)!read(second, &octet, 1); /* until the server ends */
}

/* A server that forbids itself everything but serving; then btnsd is restarted or ends. */
void is_sandboxed(void)
{
    struct place own = place_of("127.0.0.1", "0");
    int listener = tcp_socket(&own);
    if (bind(listener, (struct sockaddr *)&own.ss, own.len) < 0 || listen(listener, 8) < 0)
        err(1, "listen");
    getsockname(listener, (struct sockaddr *)&own.ss, &own.len);
    pid_t pid = fork();
    if (!pid) {
        close(listener);
        connect_twice(&own);
        _exit(0);
    }
    forbid_the_rest();
    for (int i = 0; i < 2; i++)
        if (accept(listener, NULL, NULL) >= 0 && write(1, "ok\n", 3) < 0) /* stdio calls fstat() */
            _exit(1);
    _exit(0);
}
