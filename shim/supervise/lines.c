/*
 * Writes the supervisor's lines. The supervisor keeps no descriptor of the program open, because
 * whoever reads the program's output waits for its end. So it borrows descriptor 2 of the process
 * that the line is about.
 */
#include "shim/supervise/lines.h"
#include "libapi/wire/fnv.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SAID = 1024, LINES_A_SECOND = 10, LINE = 800 };

static struct stat standard_error;
static bool known;
static uint64_t said[SAID]; /* a hash of the last line about each destination */

void lines_begin(void)
{
    known = !fstat(STDERR_FILENO, &standard_error);
}

static bool is_lines_stderr(int fd)
{
    struct stat st;
    if (fstat(fd, &st))
        return false;
    return (known && st.st_dev == standard_error.st_dev && st.st_ino == standard_error.st_ino) ||
           (S_ISCHR(st.st_mode) && isatty(fd));
}

/* A write must not block. */
static bool line_has_room_on_stderr(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && p.revents == POLLOUT;
}

static size_t clean_line_text(char *to, size_t size, const char *text)
{
    size_t len = 0;
    for (; *text && len < size - 1; text++)
        to[len++] = (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text;
    to[len++] = '\n';
    return len;
}

static void write_line(const struct caller *c, const char *line)
{
    char clean[LINE];
    int fd = caller_standard_error(c);
    if (fd < 0)
        return;
    if (is_lines_stderr(fd) && line_has_room_on_stderr(fd)) {
        ssize_t n = write(fd, clean, clean_line_text(clean, sizeof clean, line));
        (void)n; /* a reader whose pipe is full misses the line */
    }
    close(fd);
}

void line_write(const struct caller *c, const struct btns_addr *where, const char *what,
                const char *text)
{
    char host[BTNS_ADDR_STR] = "", name[64], line[LINE];
    caller_name(c, name, sizeof name);
    if (where)
        btns_addr_str(where, host);
    snprintf(line, sizeof line, "btns: %s: %s%s%s%s", name, host, where ? ": " : "", what, text);
    write_line(c, line);
}

void line_to_person(const struct caller *c, const char *text)
{
    char line[LINE];
    snprintf(line, sizeof line, "btns: %s", text);
    write_line(c, line);
}

static uint64_t hash_line_where(const struct btns_addr *where)
{
    return fnv1a(FNV_BEGIN, where, sizeof *where);
}

static bool too_many_lines(void)
{
    static uint64_t second;
    static unsigned lines;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t this = (uint64_t)now.tv_sec;
    if (__atomic_exchange_n(&second, this, __ATOMIC_RELAXED) != this)
        __atomic_store_n(&lines, 0, __ATOMIC_RELAXED);
    return __atomic_add_fetch(&lines, 1, __ATOMIC_RELAXED) > LINES_A_SECOND;
}

void line_once(const struct caller *c, const struct btns_addr *where, const char *what,
               const char *text)
{
    /* A line without a destination is written once in a process. */
    uint64_t h = where ? hash_line_where(where) : fnv1a(FNV_BEGIN, &c->pid, sizeof c->pid);
    if (!where)
        h = fnv1a(h, text, strlen(text));
    uint64_t *slot = &said[h % SAID];
    h = fnv1a(fnv1a(h, what, strlen(what)), text, strlen(text));
    if (__atomic_exchange_n(slot, h, __ATOMIC_RELAXED) == h)
        return;
    if (too_many_lines())
        __atomic_store_n(slot, 0, __ATOMIC_RELAXED);
    else
        line_write(c, where, what, text);
}

void line_forget(const struct btns_addr *where)
{
    __atomic_store_n(&said[hash_line_where(where) % SAID], 0, __ATOMIC_RELAXED);
}
