/*
 * Sends lines to the journal with fields of their own: a datagram of NAME=VALUE lines (systemd's
 * JOURNAL_NATIVE_PROTOCOL, without libsystemd).
 */
#include "btnsd/base/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define DATAGRAM 4096

static struct sockaddr_un to = {.sun_family = AF_UNIX};
static bool found;

static bool stderr_is_journal(const char *stream)
{
    struct stat st;
    unsigned long long dev, ino;
    return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && !fstat(STDERR_FILENO, &st) &&
           st.st_dev == dev && st.st_ino == ino;
}

void journal_find(const char *path)
{
    found = stderr_is_journal(getenv("JOURNAL_STREAM")) && strlen(path) < sizeof to.sun_path;
    if (found)
        strcpy(to.sun_path, path);
}

bool journal_takes(void)
{
    return found;
}

size_t journal_add_field(char *data, size_t size, size_t at, const char *name, const char *value)
{
    if (!value || !*value || strchr(value, '\n'))
        return at;
    int n = snprintf(data + at, size - at, "%s=%s\n", name, value);
    return n > 0 && (size_t)n < size - at ? at + (size_t)n : at;
}

bool journal_send(int priority, const char *text, const struct journal_field *field, size_t n)
{
    char data[DATAGRAM], number[16];
    size_t len = 0;
    if (!found)
        return false;
    snprintf(number, sizeof number, "%d", priority);
    len = journal_add_field(data, sizeof data, len, "SYSLOG_IDENTIFIER", "btnsd");
    len = journal_add_field(data, sizeof data, len, "PRIORITY", number);
    len = journal_add_field(data, sizeof data, len, "MESSAGE", text);
    for (size_t i = 0; i < n; i++)
        len = journal_add_field(data, sizeof data, len, field[i].name, field[i].value);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool sent = fd >= 0 && sendto(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT,
                                  (struct sockaddr *)&to, sizeof to) == (ssize_t)len;
    if (fd >= 0)
        close(fd);
    return sent;
}
