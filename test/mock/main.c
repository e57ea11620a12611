/*
 * A stand-in for btnsd in tests: speaks wire.h, decides nothing, logs each request, and answers as
 * its command line says. Goes into the background once it listens; its process id is then in
 * SOCKET.pid. SIGUSR1 moves the epoch, and writes that down; SIGUSR2 to the process that serves a
 * program ends the reading of its memory.
 *
 *     mock SOCKET LOG [OPTION=VALUE...]
 *
 * Every answer:  break=short|long|tiny|version|type|other-type|id|close|silent|descriptors
 * Programs:      verdict=clear|protected|unprotected|denied  error=ERRNO  text=REASON  cache=0|1
 *                page=0|1  ring=0|1|2 (2: it is looked into at the program's end)
 *                older=VERDICT (of connections older than their floor)
 *                translates=1 (protected: this host may send it elsewhere)
 *                first=1 (each verdict of protection is a first contact)
 *                delay=MILLISECONDS (blocking connections)  fail=MILLISECONDS (a non-blocking
 *                connection is disconnected that late)  break=cookie|verdict
 * Commands:      scene=NAME (scenes.c names them)
 */
#include "test/mock/mock.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct script script = {.scene = "good",
                        .verdict = "clear",
                        .text = "the mock says so",
                        .broken = "",
                        .cache = 1,
                        .page = 1,
                        .ring = 1};

static struct btns_page *page;
static int page_fd, log_fd;

static const struct {
    const char *name;
    const char **text;
    int *number;
} options[] = {
    {"scene", &script.scene, NULL},
    {"verdict", &script.verdict, NULL},
    {"older", &script.older, NULL},
    {"text", &script.text, NULL},
    {"break", &script.broken, NULL},
    {"error", NULL, (int *)&script.error},
    {"cache", NULL, &script.cache},
    {"page", NULL, &script.page},
    {"translates", NULL, &script.translates},
    {"ring", NULL, &script.ring},
    {"first", NULL, &script.first},
    {"delay", NULL, &script.delay},
    {"fail", NULL, &script.fail},
};

static void parse_option(const char *option)
{
    const char *value = strchr(option, '=');
    for (size_t i = 0; value && i < sizeof options / sizeof *options; i++) {
        size_t len = strlen(options[i].name);
        if (len != (size_t)(value - option) || strncmp(option, options[i].name, len))
            continue;
        if (options[i].text)
            *options[i].text = value + 1;
        else
            *options[i].number = atoi(value + 1);
        return;
    }
    errx(2, "what is %s?", option);
}

static void make_page(void)
{
    page_fd = memfd_create("epoch", MFD_CLOEXEC);
    if (page_fd < 0 || ftruncate(page_fd, 4096) < 0)
        err(1, "page");
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, page_fd, 0);
    if (page == MAP_FAILED)
        err(1, "mmap");
    page->epoch = 7;
}

/* The page tells programs when this process dies, as btnsd's does. */
static void own_page(void)
{
    pthread_mutexattr_t robust;
    pthread_mutex_t *lock = (pthread_mutex_t *)(void *)&page->owner;
    page->btnsd = (uint64_t)getpid() << 32 | 1;
    if (pthread_mutexattr_init(&robust) ||
        pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST) ||
        pthread_mutexattr_setpshared(&robust, PTHREAD_PROCESS_SHARED) ||
        pthread_mutex_init(lock, &robust) || pthread_mutex_lock(lock))
        _exit(1);
}

static void move_epoch(int number)
{
    (void)number;
    __atomic_add_fetch(&page->epoch, 1, __ATOMIC_SEQ_CST);
    (void)!write(log_fd, "EPOCH\n", 6);
}

static bool receive_request(struct request *r)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = {r->bytes, sizeof r->bytes};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    await_request(r->from, log_fd);
    ssize_t len = recvmsg(r->from, &msg, MSG_CMSG_CLOEXEC);
    struct ucred who = {0};
    r->fd = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); len > 0 && c; c = CMSG_NXTHDR(&msg, c)) {
        if (c->cmsg_type == SCM_CREDENTIALS)
            memcpy(&who, CMSG_DATA(c), sizeof who);
        else if (c->cmsg_type == SCM_RIGHTS)
            memcpy(&r->fd, CMSG_DATA(c), sizeof r->fd);
    }
    r->len = len > 0 ? (size_t)len : 0;
    r->pid = who.pid;
    return r->len >= sizeof r->hdr;
}

/* The process that the pidfd names: further requests on this connection are made in its name. */
static pid_t process_of(int pidfd)
{
    char path[64], line[128];
    int pid = 0;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f) && sscanf(line, "Pid: %d", &pid) != 1)
        ;
    if (f)
        fclose(f);
    return pid;
}

static void let_speak(const struct request *r)
{
    struct btns_end_msg m = {.error = 0};
    send_answer(r, &m, sizeof m, BTNS_REP_END);
}

/* Serves one connection in a process of its own; it ends when the client or the mock ends. */
static void mock_serve_client(int client)
{
    static struct request r;
    pid_t speaker = 0;
    r.from = client;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (receive_request(&r)) {
        if (r.hdr.type == BTNS_MSG_CHANNEL) {
            record_request(log_fd, &r);
            if (fork() == 0)
                r.from = r.fd; /* from now on it serves the connection that was handed over */
            else
                close(r.fd);
            continue;
        }
        if (r.hdr.type == BTNS_MSG_RING) {
            share_ring(&r, page->btnsd, log_fd);
            close(r.fd);
            continue;
        }
        if (r.hdr.type == BTNS_REQ_SPEAK)
            speaker = process_of(r.fd);
        r.pid = speaker ? speaker : r.pid;
        record_request(log_fd, &r);
        close(r.fd); /* close our copy of the program's socket before the program goes on */
        if (r.hdr.type == BTNS_REQ_SPEAK) {
            let_speak(&r);
        } else if (is_flow_request(&r)) {
            answer_flow(&r, page, page_fd);
        } else {
            answer_command(&r);
            if (!is_broken("silent"))
                break;
        }
    }
    leave_ring(log_fd);
    _exit(0);
}

/* Lets other users' programs connect, too. */
static int listen_at(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int on = 1, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof name.sun_path)
        errx(2, "%s is too long", path);
    strcpy(name.sun_path, path);
    unlink(path);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ||
        bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || chmod(path, 0777) < 0 ||
        listen(fd, 512) < 0)
        err(1, "%s", path);
    return fd;
}

/* The file shows that the mock is ready, so it must appear whole. */
static void leave_pid(const char *path, pid_t pid)
{
    char name[256], temporary[256];
    snprintf(name, sizeof name, "%s.pid", path);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *f = fopen(temporary, "w");
    if (!f || fprintf(f, "%d\n", pid) < 0 || fclose(f) || rename(temporary, name))
        err(1, "%s", name);
}

static void detach(const char *path)
{
    share_scenes();
    pid_t pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (pid > 0) {
        leave_pid(path, pid);
        exit(0);
    }
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    close_range(3, (unsigned)log_fd - 1, 0); /* descriptors that the test framework holds open */
}

int main(int argc, char **argv)
{
    if (argc < 3)
        errx(2, "usage: mock SOCKET LOG [OPTION=VALUE...]");
    for (int i = 3; i < argc; i++)
        parse_option(argv[i]);
    if (!is_scene(script.scene))
        errx(2, "no such scene: %s", script.scene);
    int log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    log_fd = log < 0 ? -1 : fcntl(log, F_DUPFD_CLOEXEC, 500);
    if (log_fd < 0)
        err(1, "%s", argv[2]);
    int fd = fcntl(listen_at(argv[1]), F_DUPFD_CLOEXEC, 501);
    make_page();
    page_fd = fcntl(page_fd, F_DUPFD_CLOEXEC, 502);
    signal(SIGCHLD, SIG_IGN);
    signal(SIGUSR1, move_epoch);
    detach(argv[1]);
    own_page();
    for (;;) {
        int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        if (fork() == 0)
            mock_serve_client(client);
        close(client);
    }
}
