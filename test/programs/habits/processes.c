/* Programs that fork, vfork, exec, or clear the environment of their children. */
#include "test/programs/habits/habits.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

void forks(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        pid_t pid = fork();
        if (!pid) {
            printf("%s\n", visit(&server));
            fflush(stdout);
            _exit(0);
        }
        wait_for(pid);
    }
    printf("%s\n", visit(&server));
}

/* The child shares the parent's memory, but not its descriptors. */
void vforks(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = vfork();
    if (!pid) {
        close_range(3, ~0u, 0);
        execl("/proc/self/exe", "habits", "counts", arguments[2], arguments[3], NULL);
        _exit(99);
    }
    wait_for(pid);
    printf("%s\n", visit(&server));
}

void connects_in_vfork(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = vfork();
    if (!pid) {
        int fd = tcp_socket(&server);
        close_range((unsigned)fd + 1, ~0u, 0);
        _exit(connect_place(fd, &server) < 0);
    }
    wait_for(pid);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
}

void execs(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    execl("/proc/self/exe", "habits", "lists", arguments[2], arguments[3], NULL);
}

void clears_environment(void)
{
    clearenv();
    printf("%s\n", visit(&server));
}

/*
 * The shim does not notice a fork by system call number; the child lacks the memory that its parent
 * shares with btnsd.
 */
void forks_by_number(void)
{
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (!pid) {
        printf("%s\n", visit(&server));
        fflush(stdout);
        _exit(0);
    }
    wait_for(pid);
    printf("%s\n", visit(&server));
}
