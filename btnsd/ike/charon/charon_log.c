/* Reads the last lines of the private charon's log that say what failed, and limits its size. */
#include "btnsd/base/file.h"
#include "btnsd/ike/charon/charon_run.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL      8192
#define LINES     3
#define TRIM_SIZE (4 * 1024 * 1024)

/* Words of log lines that say why something did not work. */
static const char *const telling[] = {"fail",      "error",   "unable", "could not",
                                      "cannot",    "already", "denied", "no such",
                                      "not found", "invalid", "refus",  NULL};

static bool line_says_why(const char *line)
{
    for (const char *const *word = telling; *word; word++)
        if (strcasestr(line, *word))
            return true;
    return false;
}

/* "2026-11-21T11:12:45 00[NET] text": the text. */
static const char *log_message(const char *line)
{
    const char *bracket = strstr(line, "] ");
    return bracket ? bracket + 2 : line;
}

static size_t read_log_tail(const struct charon_paths *paths, char *text, size_t size)
{
    char path[FILE_PATH];
    struct stat st;
    ssize_t n = -1;
    int fd = file_path(path, paths->run, CHARON_LOG)
                 ? -1
                 : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return 0;
    if (!fstat(fd, &st)) {
        off_t from = st.st_size > (off_t)size - 1 ? st.st_size - (off_t)(size - 1) : 0;
        n = pread(fd, text, size - 1, from);
    }
    close(fd);
    return n > 0 ? (size_t)n : 0;
}

/*
 * Keeps the last LINES lines that have such words, or of all lines; each is a string, one after the
 * other.
 */
static size_t last_log_lines(const char *text, size_t len, const char *last[LINES], bool all)
{
    size_t n = 0;
    for (const char *line = text; line < text + len; line += strlen(line) + 1) {
        if (!*line || (!all && !line_says_why(line)))
            continue;
        if (n == LINES)
            memmove(last, last + 1, (--n) * sizeof *last);
        last[n++] = line;
    }
    return n;
}

const char *charon_log_tail(const struct charon_paths *paths, char *buf, size_t size)
{
    char text[TAIL + 1];
    const char *last[LINES];
    size_t len = read_log_tail(paths, text, TAIL), at = 0;
    if (!size)
        return buf;
    buf[0] = '\0';
    text[len] = '\0';
    for (char *end = text; (end = memchr(end, '\n', (size_t)(text + len - end)));)
        *end = '\0';
    size_t n = last_log_lines(text, len, last, false);
    if (!n)
        n = last_log_lines(text, len, last, true);
    for (size_t i = 0; i < n && at < size; i++)
        at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? "; " : "", log_message(last[i]));
    return buf;
}

void charon_log_trim(const struct charon_paths *paths)
{
    char path[FILE_PATH];
    struct stat st;
    if (file_path(path, paths->run, CHARON_LOG) || lstat(path, &st) || !S_ISREG(st.st_mode) ||
        st.st_size <= TRIM_SIZE)
        return;
    /* charon opened the log for appending, so it goes on at the new end. */
    if (truncate(path, 0))
        return;
}
