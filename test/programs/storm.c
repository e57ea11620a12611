/*
 * storm ADDRESS PORT PROCESSES: runs PROCESSES processes one after the other, each with 16 threads
 * that connect without end, and kills each after a millisecond. Then makes one more connection and
 * prints "ok" or the errno.
 */
#include "test/shim/tool.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static struct place to;

static void *connect_on(void *arg)
{
    for (;;) {
        int fd = tcp_socket(&to);
        connect_place(fd, &to);
        close(fd);
    }
    return arg;
}

static void run_threads(void)
{
    pthread_t thread;
    for (int i = 0; i < 15; i++)
        if (pthread_create(&thread, NULL, connect_on, NULL))
            _exit(1);
    connect_on(NULL);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    to = place_of(argv[1], argv[2]);
    for (int i = 0; i < atoi(argv[3]); i++) {
        const struct timespec moment = {0, 1000000};
        pid_t pid = fork();
        if (!pid)
            run_threads();
        nanosleep(&moment, NULL);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    int fd = tcp_socket(&to);
    puts(connect_place(fd, &to) ? strerrorname_np(errno) : "ok");
    return 0;
}
