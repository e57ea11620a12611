/*
 * A TCP server: sends "hello" to COUNT connections (0: without end), and prints
 * "accepted HOST:PORT" for each.
 *
 *     greeter HOST COUNT [fork|exec]
 *
 * Prints "port N" first. fork: a child accepts. exec: the program executes itself again and accepts
 * on the inherited socket.
 */
#include "test/shim/tool.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int make_listener(const char *host)
{
    struct place p = place_of(host, "0");
    int fd = tcp_socket(&p);
    if (bind(fd, (struct sockaddr *)&p.ss, p.len) < 0 || listen(fd, 128) < 0)
        err(1, "listen");
    getsockname(fd, (struct sockaddr *)&p.ss, &p.len);
    printf("port %u\n", ntohs(((struct sockaddr_in *)&p.ss)->sin_port));
    return fd;
}

static void greet(int listener)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    errno = 0;
    int fd = accept(listener, (struct sockaddr *)&from, &len), error = errno;
    if (fd < 0)
        err(1, "accept");
    printf("accepted %u", ntohs(((struct sockaddr_in *)&from)->sin_port));
    if (error)
        printf(" but errno is %s", strerrorname_np(error));
    putchar('\n');
    if (write(fd, "hello\n", 6) != 6)
        warn("write");
    close(fd);
}

static void serve(int listener, int count)
{
    for (int i = 0; !count || i < count; i++)
        greet(listener);
}

static void serve_by_exec(int listener, char *count)
{
    char number[16];
    snprintf(number, sizeof number, "%d", listener);
    fcntl(listener, F_SETFD, 0);
    execl("/proc/self/exe", "greeter", "inherited", count, number, NULL);
    err(1, "exec");
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 3)
        errx(2, "usage: greeter HOST COUNT [fork|exec]");
    const char *how = argc > 3 ? argv[3] : "";
    int count = atoi(argv[2]);
    if (!strcmp(argv[1], "inherited")) {
        serve(atoi(how), count);
        return 0;
    }
    int listener = make_listener(argv[1]);
    if (!strcmp(how, "exec"))
        serve_by_exec(listener, argv[2]);
    if (!strcmp(how, "fork") && fork() > 0)
        return wait(NULL) < 0;
    if (!strcmp(how, "fork"))
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* ends with the test */
    serve(listener, count);
    return 0;
}
