/* Runs systemctl or btns-run, and keeps its output. */
#include "btnsd/ctl/cover/systemctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void __attribute__((noreturn)) exec_systemctl(const char *const argv[], int out, bool both)
{
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(both ? out : null, STDERR_FILENO);
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
    setenv("SYSTEMD_PAGER", "", 1);
    setenv("SYSTEMD_COLORS", "0", 1);
    execvp(argv[0], (char *const *)(size_t)argv);
    _exit(errno == ENOENT ? 127 : 126);
}

/* Reads the output to its end, but keeps only the beginning. */
static void keep_systemctl_output(int fd, char *out, size_t size)
{
    char rest[4096];
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 || (n < 0 && errno == EINTR)) {
        bool full = len + 1 >= size;
        n = read(fd, full ? rest : out + len, full ? sizeof rest : size - 1 - len);
        len += n > 0 && !full ? (size_t)n : 0;
    }
    out[len] = '\0';
}

int systemctl_run(const char *const argv[], bool both, char *out, size_t size)
{
    int line[2], status;
    if (pipe2(line, O_CLOEXEC))
        return -errno;
    pid_t pid = fork();
    if (pid == 0)
        exec_systemctl(argv, line[1], both);
    close(line[1]);
    if (pid > 0)
        keep_systemctl_output(line[0], out, size);
    close(line[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
