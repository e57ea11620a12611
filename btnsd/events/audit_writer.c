/* The process that writes the audit log, to a file that is rotated by size and to the journal. */
#include "btnsd/events/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL "/run/systemd/journal/socket" /* the journal's native protocol */

struct writer {
    const char *path;
    int fd; /* of the file, or -1 */
    size_t size;
    int journal;
    unsigned long long lost;
};

static void make_audit_dir(const char *path)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", path);
    mkdir(dirname(copy), 0755);
}

/* Does not follow a link, and does not wait for a FIFO or device in the file's place. */
static void open_audit_file(struct writer *w)
{
    struct stat st;
    if (w->fd >= 0)
        close(w->fd);
    make_audit_dir(w->path);
    w->fd =
        open(w->path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
    if (w->fd >= 0 && (fstat(w->fd, &st) || !S_ISREG(st.st_mode) || st.st_uid != geteuid())) {
        close(w->fd);
        w->fd = -1;
    }
    w->size = w->fd >= 0 ? (size_t)st.st_size : 0;
    if (w->fd >= 0)
        fchmod(w->fd, 0640);
}

static void rotate_audit_log(struct writer *w)
{
    char from[300], to[300];
    for (int i = AUDIT_FILES - 1; i > 0; i--) {
        snprintf(to, sizeof to, "%s.%d", w->path, i);
        snprintf(from, sizeof from, i > 1 ? "%s.%d" : "%s", w->path, i - 1);
        rename(from, to);
    }
    open_audit_file(w);
}

static bool write_audit_line(struct writer *w, const char *line, size_t len)
{
    if (w->size + len > AUDIT_OCTETS)
        rotate_audit_log(w);
    if (w->fd < 0)
        open_audit_file(w);
    if (w->fd < 0)
        return false;
    ssize_t n = write(w->fd, line, len);
    if (n > 0)
        w->size += (size_t)n;
    if (n > 0 && (size_t)n < len) /* the disk is full: takes back half a line */
        if (!ftruncate(w->fd, (off_t)(w->size - (size_t)n)))
            w->size -= (size_t)n;
    return n == (ssize_t)len;
}

static void write_audit_lost_count(struct writer *w)
{
    char line[80];
    int n = snprintf(line, sizeof line, "{\"event\":\"lost\",\"lines\":%llu,\"by\":\"writer\"}\n",
                     w->lost);
    if (write_audit_line(w, line, (size_t)n))
        w->lost = 0;
}

/* Sends the line and its fields to the journal. */
static void tell_journal_of_audit(const struct writer *w, const char *line, size_t len)
{
    static const struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = JOURNAL};
    char message[AUDIT_LINE + 100];
    int n = snprintf(message, sizeof message,
                     "SYSLOG_IDENTIFIER=btnsd-audit\nPRIORITY=5\nMESSAGE=%.*s", (int)len, line);
    sendto(w->journal, message, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL,
           (const struct sockaddr *)&to, sizeof to);
}

static void take_audit_line(struct writer *w, const char *line, size_t len)
{
    if (len == sizeof AUDIT_REOPEN - 1) {
        open_audit_file(w);
        return;
    }
    if (w->lost)
        write_audit_lost_count(w);
    const char *end = memchr(line, '\n', len); /* fields for the journal may follow */
    if (!write_audit_line(w, line, end ? (size_t)(end - line) + 1 : len))
        w->lost++;
    tell_journal_of_audit(w, line, len);
}

static void leave_rest_of_audit(int in)
{
    sigset_t none;
    sigemptyset(&none);
    dup2(in, 3);
    close_range(4, ~0u, 0);
    signal(SIGINT, SIG_IGN); /* Ctrl-C in a terminal ends btnsd, which ends this process */
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_NAME, "btnsd-audit");
    umask(027);
}

void audit_write(int in, const char *path)
{
    char line[AUDIT_LINE];
    struct writer w = {.path = path, .fd = -1};
    leave_rest_of_audit(in);
    fcntl(3, F_SETFL, 0);
    w.journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    open_audit_file(&w);
    for (;;) {
        ssize_t n = read(3, line, sizeof line);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(0);
        take_audit_line(&w, line, (size_t)n);
    }
}
