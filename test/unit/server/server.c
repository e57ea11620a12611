/* btnsd's socket: whole messages with their senders' credentials, back-pressure, and clients that
 * do their worst. TAP. */
#include "test/unit/server/server_talk.h"

#include "btnsd/server/passed_fds.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOBODY 65534

static struct server *server;

/* What the handler does is in the message's type. */
enum { NOTE = 1, ECHO, CLOSE, WAIT, LIST, KEEP, DRAIN };

static unsigned handled, gone, with_fd, lists_freed;
static struct ucred last_from;
static struct client *last_client;
static struct btns_hdr last_hdr;

static void on_gone(void *arg)
{
    gone++;
    *(int *)arg += 1;
}

#define ENTRIES 5000u
struct numbers {
    struct list list;
    uint32_t at;
};

static size_t next_number(struct list *l, void *buf)
{
    struct numbers *n = (struct numbers *)l;
    struct btns_end_msg m = {.hdr = header(BTNS_REP_END, n->at)};
    if (n->at++ >= ENTRIES)
        return 0;
    memcpy(buf, &m, sizeof m);
    return sizeof m;
}

static void numbers_free(struct list *l)
{
    lists_freed++;
    free(l);
}

static bool handler(void *arg, struct request *r)
{
    static int waiting;
    struct btns_end_msg m = {.hdr = *r->hdr};
    struct numbers *n;
    (void)arg;
    handled++;
    last_from = r->from;
    last_client = r->client;
    last_hdr = *r->hdr;
    with_fd += r->fd >= 0;
    switch (r->hdr->type) {
    case ECHO:
        client_send(r->client, &m, sizeof m, -1);
        break;
    case CLOSE:
        return false;
    case WAIT:
        client_on_gone(r->client, on_gone, &waiting);
        break;
    case LIST:
        n = calloc(1, sizeof *n);
        n->list = (struct list){.make = next_number, .free = numbers_free};
        client_list(r->client, &n->list, r->from.uid);
        break;
    case KEEP:
        r->fd = -1;
        break;
    case DRAIN:
        server_read_until(server, server_mark(server));
        break;
    }
    return true;
}

static void ask(int fd, unsigned type, unsigned id)
{
    struct btns_hdr h = header(type, id);
    say(fd, &h, sizeof h);
}

static bool echoes(int fd, unsigned id)
{
    struct btns_end_msg m;
    ssize_t n = -1;
    ask(fd, ECHO, id);
    for (int i = 0; i < 1000 && n < 0; i++) {
        turn(5);
        n = hear(fd, &m, sizeof m);
    }
    return n == sizeof m && m.hdr.id == id;
}

static void test_messages(void)
{
    int a = dial(), b = dial(), early = dial();
    char big[BTNS_MSG_MAX + 1] = {0};
    ask(early, NOTE, 1);
    handled = 0;
    turn(20);
    check(handled == 1 && last_from.pid == getpid() && last_from.uid == getuid(),
          "a message sent before accept() has its sender's credentials");
    check(echoes(a, 77), "a message is answered");
    say(b, big, sizeof(struct btns_hdr) - 1);
    turn(5);
    check(is_closed(b), "one shorter than a header closes the connection");
    close(b);
    b = dial();
    say(b, big, 0);
    turn(5);
    check(is_closed(b), "an empty one as well");
    close(b);
    b = dial();
    handled = 0;
    say(b, big, sizeof big);
    turn(5);
    check(is_closed(b) && !handled, "one longer than any is refused, not cut");
    close(b);
    b = dial();
    *(struct btns_hdr *)big = header(NOTE, 0);
    say(b, big, BTNS_MSG_MAX);
    turn(5);
    check(handled == 1 && !is_closed(b), "the longest one is taken");
    ask(b, CLOSE, 0);
    turn(5);
    check(is_closed(b), "the handler closes");
    check(echoes(a, 78), "others are not touched");
    close(a);
    close(b);
    close(early);
}

static void test_descriptors(void)
{
    static const size_t counts[] = {2, 3, 5, 250};
    struct btns_hdr h = header(NOTE, 0), keep = header(KEEP, 0);
    int a = dial(), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    turn(5);
    int before = open_descriptors();
    with_fd = 0;
    say_with(a, &h, sizeof h, a, 1);
    turn(5);
    check(with_fd == 1 && open_descriptors() == before, "a passed socket comes, and is closed");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int b = dial();
        turn(5);
        handled = 0;
        say_with(b, &h, sizeof h, b, counts[i]);
        turn(5);
        check(!handled && is_closed(b), "%zu of them: refused", counts[i]);
        close(b);
        turn(5);
        check(open_descriptors() == before, "and none stays open");
    }
    say_with(a, &h, sizeof h, null, 1);
    turn(5);
    pid_t pid = waitpid(-1, NULL, __WALL);
    check(pid > 0 && passed_reaped(pid) && open_descriptors() == before,
          "a file is closed in a process of its own");
    check(!passed_reaped(pid), "that is reaped once");
    say_with(a, &keep, sizeof keep, a, 1);
    turn(5);
    check(open_descriptors() == before + 1, "what the handler takes stays open");
    close(before); /* its number: the lowest that was free */
    close(null);
    close(a);
    turn(5);
}

/* A TCP socket whose last close() would wait for a peer that does not read */
static int lingering_socket(int peer[2])
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct linger linger = {1, 3600};
    socklen_t len = sizeof in;
    char data[65536] = {0};
    int listener = peer[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(listener, (struct sockaddr *)&in, sizeof in);
    listen(listener, 1);
    getsockname(listener, (struct sockaddr *)&in, &len);
    if (connect(fd, (struct sockaddr *)&in, sizeof in))
        return -1;
    peer[1] = accept(listener, NULL, NULL);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (int idle = 0; idle < 50; usleep(2000))
        idle = send(fd, data, sizeof data, MSG_NOSIGNAL) < 0 ? idle + 1 : 0;
    return fd;
}

static void test_lingering(void)
{
    static const struct {
        size_t n;
        const char *what;
    } ways[] = {{1, "as one descriptor"},
                {2, "as the second"},
                {250, "among too many"},
                {0, "in a message never read"}};
    struct btns_hdr h = header(NOTE, 0);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        int peer[2], a = dial(), fd = lingering_socket(peer);
        turn(5);
        if (!ways[i].n)
            ask(a, CLOSE, 0);
        say_with(a, &h, sizeof h, fd, ways[i].n ? ways[i].n : 1);
        close(fd);
        uint64_t start = loop_now();
        alarm(300); /* instead of hanging: the test dies */
        turn(10);
        alarm(0);
        check(loop_now() - start < 100000, "a lingering socket is not waited for (%s)",
              ways[i].what);
        close(a);
        close(peer[0]);
        close(peer[1]);
        turn(5);
    }
}

static void test_back_pressure(void)
{
    int a = dial(), b = dial(), taken = 0;
    struct btns_end_msg m;
    handled = 0;
    turn(5);
    for (int round = 0; round < 50; round++) {
        struct btns_hdr h = header(ECHO, 0);
        while (say(a, &h, sizeof h) > 0)
            taken++;
        turn(2);
    }
    check(handled < 2000 && taken >= (int)handled,
          "who reads no answers has no more requests read (%u of %d)", handled, taken);
    check(!is_closed(b) && echoes(b, 5), "and others are served");
    ssize_t n;
    unsigned got = 0;
    for (int quiet = 0; quiet < 5; quiet++)
        for (turn(5); (n = hear(a, &m, sizeof m)) > 0; quiet = 0)
            got += n == sizeof m;
    check(got == (unsigned)taken && handled == got + 1, "every answer comes in the end (%u)", got);
    close(a);
    close(b);
    turn(5);
}

/* Handles everything that was sent so far. */
static void drain(void)
{
    uint64_t mark = server_mark(server);
    while (!server_read_until(server, mark))
        turn(1);
}

static void test_lists(void)
{
    struct btns_end_msg m;
    int a = dial(), b = dial();
    uint32_t at = 0, wrong = 0;
    lists_freed = 0;
    ask(a, LIST, 0);
    ask(a, ECHO, 4711);
    turn(20);
    check(echoes(b, 1) && !lists_freed, "a list that is not read keeps nobody else waiting");
    for (int rounds = 0; at < ENTRIES + 1 && rounds < 2000; rounds++) {
        for (ssize_t n; (n = hear(a, &m, sizeof m)) > 0; at++)
            wrong += n != sizeof m || m.hdr.id != (at < ENTRIES ? at : 4711);
        turn(1);
    }
    check(at == ENTRIES + 1 && !wrong,
          "%u messages come in order and whole, and then the next answer", at);
    check(lists_freed == 1, "and the list is freed");
    ask(a, LIST, 0);
    ask(b, LIST, 0);
    turn(10);
    close(a);
    turn(10);
    check(lists_freed == 2, "as it is when the client goes away");
    ask(b, LIST, 0);
    ask(b, LIST, 0);
    drain();
    close(b);
    turn(10);
    check(lists_freed == 5, "all of them");
}

/* 10 s: what server.h calls a while */
static void test_stuck(void)
{
    int a = dial(), b = dial(), c = dial();
    struct btns_end_msg m;
    lists_freed = 0;
    ask(a, LIST, 0);
    ask(b, LIST, 0);
    ask(c, WAIT, 0);
    for (int i = 0; i < 24; i++) {
        turn(500);
        hear(b, &m, sizeof m);
        hear(b, &m, sizeof m);
    }
    check(lists_freed == 1 && is_closed(a), "who reads nothing for 10 s is closed");
    check(!is_closed(c), "who waits for an answer is not");
    while (hear(b, &m, sizeof m) > 0)
        turn(1);
    check(lists_freed == 2 && !is_closed(b), "nor is who reads slowly");
    close(a);
    close(b);
    close(c);
    turn(5);
}

static void test_going(void)
{
    int a = dial();
    gone = 0;
    ask(a, WAIT, 0);
    turn(5);
    bool waits = client_is_waiting(last_client);
    close(a);
    turn(5);
    check(waits && gone == 1, "what waits for a client is told once that it went");
    a = dial();
    ask(a, WAIT, 0);
    turn(5);
    client_on_gone(last_client, NULL, NULL);
    check(!client_is_waiting(last_client), "unless it waits no more");
    close(a);
    turn(5);
    check(gone == 1, "and then it is not");
}

static void test_drain(void)
{
    int fd[20];
    for (int i = 0; i < 20; i++) {
        fd[i] = dial();
        if (i % 2)
            turn(2);
        for (int n = 0; n < 100; n++)
            ask(fd[i], NOTE, (unsigned)n);
    }
    int reader = dial();
    ask(reader, LIST, 0);
    turn(0);
    handled = 0;
    ask(reader, NOTE, 0);
    for (int i = 0; i < 20; i++)
        ask(fd[i], NOTE, 0);
    drain();
    check(handled >= 20, "drained");
    turn(20);
    handled = 0;
    for (int i = 0; i < 20; i++)
        for (int n = 0; n < 100; n++)
            ask(fd[i], NOTE, 0);
    ask(reader, NOTE, 4);
    int late = dial();
    for (int n = 0; n < 100; n++)
        ask(late, NOTE, 5);
    drain();
    check(handled == 2101,
          "a drain reads all that was sent: long queues, unread answers, not accepted yet (%u)",
          handled);
    handled = 0;
    ask(fd[0], DRAIN, 0);
    ask(fd[1], NOTE, 0);
    turn(5);
    check(handled == 2, "a handler may drain");
    handled = 0;
    ask(fd[0], CLOSE, 0);
    ask(fd[0], NOTE, 0);
    drain();
    turn(5);
    check(handled == 1 && is_closed(fd[0]), "a drained client may be closed");
    for (int i = 0; i < 20; i++)
        close(fd[i]);
    close(late);
    close(reader);
    turn(10);
}

static struct {
    bool all;            /* said by the child */
    volatile bool count; /* told to it */
    unsigned still;      /* open connections of it */
    unsigned sent;       /* messages that it was not told had failed */
} * dialled;

static void as_nobody(void (*what)(void))
{
    unsigned before = 0, quiet = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
            _exit(1);
        what();
        _exit(0);
    }
    for (int i = 0; i < 20000 && waitpid(pid, NULL, WNOHANG) != pid; i++) {
        turn(10);
        quiet = dialled->all && handled == before ? quiet + 1 : 0;
        dialled->count = quiet > 30; /* nothing more to come */
        before = handled;
    }
    turn(100);
}

static void dial_many(void)
{
    for (int i = 0; i < 3000; i++) {
        int fd = dial();
        if (fd < 0)
            break;
        const struct btns_hdr h = header(NOTE, 0);
        dialled->sent += say(fd, &h, sizeof h) == sizeof h;
    }
    for (dialled->all = true; !dialled->count;)
        usleep(1000);
    for (int fd = 3; fd < 4000; fd++)
        dialled->still += fcntl(fd, F_GETFD) >= 0 && recv(fd, &fd, 0, MSG_PEEK | MSG_DONTWAIT) < 0;
}

static void send_many(void)
{
    int fd[10];
    const struct btns_hdr h = header(NOTE, 0);
    for (int i = 0; i < 10; i++) {
        fd[i] = dial();
        for (int n = 0; n < 200; n++)
            dialled->sent += say(fd[i], &h, sizeof h) == sizeof h;
    }
    for (dialled->all = true; !dialled->count;) /* and it never stops */
        for (int i = 0; i < 10; i++)
            say(fd[i], &h, sizeof h);
}

/* Of a user who sends without end only so much is read at once, and yet all from before a mark. */
static void test_overtime(void)
{
    if (geteuid()) {
        check(true, "overtime # SKIP needs root");
        return;
    }
    *dialled = (typeof(*dialled)){.all = false};
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
            _exit(1);
        send_many();
        _exit(0);
    }
    while (!dialled->all)
        usleep(1000);
    handled = 0;
    uint64_t mark = server_mark(server);
    bool all = server_read_until(server, mark);
    check(!all && handled == SERVER_OVERTIME, "of a user so many messages are read at once (%u)",
          handled);
    check(!server_read_until(server, mark) && handled == SERVER_OVERTIME,
          "and no more in this round");
    for (int i = 0; i < 100000 && !all; i++) {
        turn(1);
        all = server_read_until(server, mark);
    }
    check(all && handled >= dialled->sent,
          "all that was sent before the mark is read, while more comes (%u of %u)", handled,
          dialled->sent);
    dialled->count = true;
    waitpid(pid, NULL, 0);
    turn(100);
}

static void pass_files(void)
{
    struct btns_hdr h = header(NOTE, 0);
    int null = open("/dev/null", O_RDONLY);
    for (int i = 0; i < 100; i++) {
        int fd = dial();
        say_with(fd, &h, sizeof h, null, 1);
        close(fd);
    }
}

static void reap(void)
{
    for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
        passed_reaped(pid);
}

static void test_limits(void)
{
    struct rlimit files = {8192, 8192};
    if (geteuid() || setrlimit(RLIMIT_NOFILE, &files)) {
        check(true, "limits # SKIP needs root");
        return;
    }
    dialled = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    handled = 0;
    as_nobody(dial_many);
    check(dialled->still >= 2048 && dialled->still < 2060,
          "a user has at most 2048 connections (%u of 3000)", dialled->still);
    for (int i = 0; i < 20000 && handled < dialled->sent;
         i++) /* the last ones were sent as the child ended */
        turn(10);
    check(handled == dialled->sent && handled > 2060,
          "what was sent on the others is read all the same (%u of %u)", handled, dialled->sent);
    int a = dial();
    check(echoes(a, 3), "root is served");
    handled = 0;
    as_nobody(pass_files);
    check(handled <= 9 && passed_too_many(NOBODY) && !passed_too_many(0),
          "files of a user are not taken without end (%u)", handled);
    reap();
    check(!passed_too_many(NOBODY), "until they are closed");
    close(a);
    turn(5);
}

static void test_place(void)
{
    struct err err = {""};
    check(!server_new(loop, socket_path, handler, NULL, &err) && strstr(err.text, "another"),
          "a second server is refused: %s", err.text);
    server_free(server);
    check(access(socket_path, F_OK), "the socket's file goes with it");
    server = server_new(loop, socket_path, handler, NULL, &err);
    int a = dial();
    check(server && echoes(a, 2), "and it may start again");
    close(a);
}

int main(void)
{
    char dir[80];
    struct err err = {""};
    signal(SIGPIPE, SIG_IGN);
    snprintf(socket_path, sizeof socket_path, "%s/s", scratch(dir, sizeof dir));
    chmod(dir, 0755);
    loop = loop_new();
    server = server_new(loop, socket_path, handler, NULL, &err);
    check(server != NULL, "it listens %s", err.text);
    test_messages();
    test_descriptors();
    test_lingering();
    test_back_pressure();
    test_lists();
    test_going();
    test_drain();
    test_limits();
    test_overtime();
    test_place();
    test_stuck();
    server_free(server);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}
