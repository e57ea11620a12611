/*
 * on HOST COMMAND [ARG...]: becomes COMMAND in the network, mount and hostname namespaces of a host
 * of the lab.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Lab scripts call this thousands of times, and a shell takes 30 ms to start in user-mode Linux:
 * hence a program, linked statically.
 */

#define FAILED    1
#define USAGE     2
#define NOT_FOUND 127
#define NOT_RUN   126

/* The process that holds the host's namespaces; 0 if there is no such host. */
static int host_pid(const char *host)
{
    char path[PATH_MAX], text[16] = "";
    snprintf(path, sizeof path, "%s/hosts/%s.pid", getenv("BTNS_LAB") ? getenv("BTNS_LAB") : "",
             host);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) < 0)
        return 0;
    close(fd);
    return atoi(text);
}

/* All namespaces are opened before the first is entered: afterwards /proc is the host's. */
static int enter_namespaces(int pid)
{
    static const char *const names[] = {"net", "uts", "mnt"};
    int fds[3];
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, names[i]);
        if ((fds[i] = open(path, O_RDONLY | O_CLOEXEC)) < 0)
            return -errno;
    }
    for (int i = 0; i < 3; i++)
        if (setns(fds[i], 0))
            return -errno;
    return 0;
}

int main(int argc, char **argv)
{
    char directory[PATH_MAX];
    if (argc < 3) {
        fprintf(stderr, "usage: on HOST COMMAND [ARG...]\n");
        return USAGE;
    }
    int pid = host_pid(argv[1]);
    if (pid <= 0) {
        fprintf(stderr, "on: no such host: %s\n", argv[1]);
        return USAGE;
    }
    bool known = getcwd(directory, sizeof directory) != NULL;
    int rc = enter_namespaces(pid);
    if (!rc && known && chdir(directory))
        rc = -errno;
    if (rc) {
        fprintf(stderr, "on: cannot enter the host %s in %s: %s\n", argv[1],
                known ? directory : "/", strerror(-rc));
        return FAILED;
    }
    execvp(argv[2], argv + 2);
    fprintf(stderr, "on: cannot run %s: %s\n", argv[2], strerror(errno));
    return errno == ENOENT ? NOT_FOUND : NOT_RUN;
}
