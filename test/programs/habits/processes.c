/* Programs that fork, vfork, exec, or clear the environment of their children. */
#include "test/programs/habits/habits.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The output is flushed, so that no child has a copy of it to write. */
static void print_visit(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
}

/* In the child (pid 0): visits and ends. In the parent: waits for it. */
static void visit_in_child(pid_t pid)
{
    if (!pid) {
        print_visit();
        _exit(0);
    }
    connect_wait_for_guard(pid);
}

void forks(void)
{
    print_visit();
    for (int i = 0; i < 3; i++)
        visit_in_child(fork());
    print_visit();
}

/* The child shares the parent's memory, but not its descriptors. */
void vforks(void)
{
    print_visit();
    pid_t pid = vfork();
    if (!pid) {
        close_range(3, ~0u, 0);
        execl("/proc/self/exe", "habits", "counts", arguments[2], arguments[3], NULL);
        _exit(99);
    }
    connect_wait_for_guard(pid);
    print_visit();
}

void connects_in_vfork(void)
{
    print_visit();
    pid_t pid = vfork();
    if (!pid) {
        int fd = tcp_socket(&server);
        close_range((unsigned)fd + 1, ~0u, 0);
        _exit(connect_place(fd, &server) < 0);
    }
    connect_wait_for_guard(pid);
    print_visit();
    print_visit();
}

void execs(void)
{
    print_visit();
    execl("/proc/self/exe", "habits", "lists", arguments[2], arguments[3], NULL);
}

void clears_environment(void)
{
    clearenv();
    print_visit();
}

/*
 * The shim does not notice a fork by system call number; the child lacks the memory that its parent
 * shares with btnsd.
 */
void forks_by_number(void)
{
    print_visit();
    print_visit();
    visit_in_child((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    print_visit();
}
