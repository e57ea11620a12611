/*
 * A signal from the terminal reaches the whole process group, and so the program: the keeper passes
 * on only signals that a process sent to it. When the program stops, the keeper stops too, because
 * the shell waits for the keeper; when the program ends, the keeper ends in the same way.
 */
#include "shim/supervise/keeper.h"

#include "shim/supervise/children.h"
#include "shim/supervise/descriptors.h"
#include "shim/supervise/lines.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct keeper {
    pid_t supervisor, program;
    int news, signals;
    bool stopped;
};

/* Has the same effect on this process as the signal had on the program. */
static void keeper_die_as_program(int number)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigset_t set;
    sigaction(number, &plain, NULL);
    sigemptyset(&set);
    sigaddset(&set, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

_Noreturn static void keeper_die_by(int number)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none); /* the program has dumped its own core */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    keeper_die_as_program(number);
    _exit(128 + number);
}

static void keeper_follow_program(struct keeper *k, const struct news *n)
{
    k->program = n->program;
    switch (n->code) {
    case CLD_EXITED:
        _exit(n->status);
    case CLD_KILLED:
    case CLD_DUMPED:
        keeper_die_by(n->status);
    case CLD_STOPPED:
        k->stopped = true;
        keeper_die_as_program(n->status);
        break;
    case CLD_CONTINUED:
        k->stopped = false;
        break;
    default:
        break;
    }
}

static void keeper_report_loss(pid_t program)
{
    struct caller c = {.pid = program, .voice = -1};
    c.process = (int)syscall(SYS_pidfd_open, program, 0);
    line_write(&c, NULL, "",
               "btns-run's supervisor was killed: from now on the program's connections fail "
               "(ENOSYS). Start the program again");
    caller_close(&c);
}

/*
 * The supervisor is dead. The program goes on, and each call that would open a connection fails
 * with ENOSYS from now on. The keeper is the program's nearest living ancestor and so adopts it.
 */
static void keeper_outlive_supervisor(struct keeper *k)
{
    close(k->news);
    k->news = -1;
    while (waitpid(k->supervisor, NULL, 0) < 0 && errno == EINTR)
        ;
    if (k->program)
        keeper_report_loss(k->program);
}

/* Without a supervisor, this process waits for the program itself. */
static void keeper_wait_for_program(const struct keeper *k)
{
    int status;
    pid_t pid = k->program ? waitpid(k->program, &status, WNOHANG) : -1;
    if (!pid)
        return;
    if (pid < 0)
        _exit(125); /* the program was never started, and the reason has been printed */
    if (WIFSIGNALED(status))
        keeper_die_by(WTERMSIG(status));
    _exit(WEXITSTATUS(status));
}

static void read_keeper_news(struct keeper *k)
{
    struct news n;
    if (recv(k->news, &n, sizeof n, 0) == (ssize_t)sizeof n)
        keeper_follow_program(k, &n);
    else
        keeper_outlive_supervisor(k);
}

static void keeper_pass_signal_on(struct keeper *k)
{
    struct signalfd_siginfo s;
    if (read(k->signals, &s, sizeof s) != (ssize_t)sizeof s || !k->program)
        return;
    int number = (int)s.ssi_signo;
    /* SI_USER and the like: sent by a process, not by the kernel for a terminal */
    bool sent = s.ssi_code <= 0;
    if (number == SIGCHLD)
        return;
    if (number == SIGCONT ? k->stopped : sent)
        kill(k->program, number);
}

_Noreturn void keeper_run(pid_t supervisor, int news)
{
    struct keeper k = {.supervisor = supervisor, .news = news};
    sigset_t all;
    sigfillset(&all);
    k.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    descriptors_close_but((const int[]){k.signals, news}, 2);
    for (;;) {
        struct pollfd p[] = {{.fd = k.news, .events = POLLIN}, {.fd = k.signals, .events = POLLIN}};
        if (poll(p, 2, -1) < 0)
            continue;
        if (p[0].revents)
            read_keeper_news(&k);
        if (p[1].revents)
            keeper_pass_signal_on(&k);
        if (k.news < 0)
            keeper_wait_for_program(&k);
    }
}
