/*
 * A log line goes to the journal with its priority and fields, or to stderr with its priority. TAP.
 */
#include "btnsd/base/log.h"
#include "test/unit/check.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

static char path[120];

static const struct journal_field fields[] = {
    {"BTNS_EVENT", "latch-broken"},    {"BTNS_PEER", "ed25519:x"}, {"BTNS_RULE", ""},
    {"BTNS_PROGRAM", "a\nPRIORITY=0"}, {"BTNS_SUITE", NULL},
};

/* Logs from a child whose stderr is the pipe; JOURNAL_STREAM names that pipe, or another file. */
static void log_from_child(int to, bool ours, void (*write_log)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        char stream[64];
        struct stat st;
        dup2(to, STDERR_FILENO);
        fstat(STDERR_FILENO, &st);
        snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev,
                 (unsigned long long)st.st_ino + !ours);
        setenv("JOURNAL_STREAM", stream, 1);
        alarm(300);
        journal_find(path);
        write_log();
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

static void log_event(void)
{
    log_fields(LOG_WARNING, "it broke\nPRIORITY=0", fields, sizeof fields / sizeof *fields);
}

static void log_kinds(void)
{
    log_error("one");
    log_note("two");
    log_debug("three");
}

static void read_text(int fd, char *text, size_t size)
{
    ssize_t n = read(fd, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
}

int main(void)
{
    char dir[80], text[4096];
    int err[2];
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    snprintf(path, sizeof path, "%s/socket", scratch(dir, sizeof dir));
    snprintf(sa.sun_path, sizeof sa.sun_path, "%.100s", path);
    if (bind(fd, (struct sockaddr *)&sa, sizeof sa) || pipe2(err, 04000 /* O_NONBLOCK */))
        return 1;

    log_from_child(err[1], true, log_event);
    read_text(fd, text, sizeof text);
    check(!strcmp(text, "SYSLOG_IDENTIFIER=btnsd\nPRIORITY=4\nMESSAGE=it broke?PRIORITY=0\n"
                        "BTNS_EVENT=latch-broken\nBTNS_PEER=ed25519:x\n"),
          "the journal gets the fields that have a value, and none that a value forges");
    read_text(err[0], text, sizeof text);
    check(!*text, "stderr does not get it twice");

    log_from_child(err[1], false, log_event);
    read_text(err[0], text, sizeof text);
    check(!strcmp(text, "btnsd: it broke?PRIORITY=0\n"), "a stderr that is not the journal's");
    read_text(fd, text, sizeof text);
    check(!*text, "and the journal does not get it");

    close(fd);
    unlink(path);
    log_from_child(err[1], true, log_kinds);
    read_text(err[0], text, sizeof text);
    check(
        !strcmp(text, "<3>one\n<5>two\n"),
        "while the journal's socket is away, stderr gets lines with their priority, and one name");
    scratch_remove(dir);
    return check_end();
}
