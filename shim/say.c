/* Writes lines to standard error, as long as descriptor 2 still is the program's standard error. */
#include "shim/say.h"

#include "libapi/wire/fnv.h"
#include "shim/raw.h"
#include "shim/settings.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { SAID_SLOTS = 1024, LINES_A_SECOND = 10 };

/* A hash of the last line about each destination. */
static uint64_t said[SAID_SLOTS];

struct line {
    size_t len;
    char text[800]; /* less than PIPE_BUF, so that a pipe takes the whole line or nothing */
};

static void add_said_text(struct line *l, const char *text)
{
    for (; *text && l->len < sizeof l->text - 1; text++)
        l->text[l->len++] = (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text;
}

/*
 * Is the file as long as the program's files may be (RLIMIT_FSIZE)? Then SIGXFSZ would end the
 * program.
 */
static bool is_said_line_full(const struct stat *st)
{
    struct rlimit limit;
    if (!S_ISREG(st->st_mode) || getrlimit(RLIMIT_FSIZE, &limit) < 0)
        return false;
    off_t at = lseek(STDERR_FILENO, 0, SEEK_CUR);
    return (rlim_t)(at > st->st_size ? at : st->st_size) >= limit.rlim_cur;
}

/*
 * May the shim write to descriptor 2? The program may have put one of its own connections, pipes or
 * files there. The file that was there at the start, or a terminal, may be written to, nothing
 * else; and no write may block (a full pipe) or raise SIGPIPE (a pipe without a reader).
 */
static bool may_say_to_stderr(void)
{
    struct stat st;
    if (fstat(STDERR_FILENO, &st) < 0 || is_said_line_full(&st))
        return false;
    if (!settings_is_stderr(&st) && !(S_ISCHR(st.st_mode) && isatty(STDERR_FILENO)))
        return false;
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
    struct timespec now = {0};
    return RAW(ppoll, &p, 1, &now, NULL, 0) == 1 && p.revents == POLLOUT;
}

static bool end_said_line(struct line *l)
{
    l->text[l->len++] = '\n';
    return RAW(write, STDERR_FILENO, l->text, l->len) == (long)l->len;
}

/* Returns true if the line was written. */
static bool write_said_line(const char *where, const char *what, const char *text)
{
    struct line l = {0};
    if (!may_say_to_stderr())
        return false;
    add_said_text(&l, "btns: ");
    add_said_text(&l, settings()->program);
    add_said_text(&l, ": ");
    add_said_text(&l, where);
    add_said_text(&l, what);
    add_said_text(&l, text);
    return end_said_line(&l);
}

void say_to_person(const char *text)
{
    struct line l = {0};
    if (!may_say_to_stderr())
        return;
    add_said_text(&l, "btns: ");
    add_said_text(&l, text);
    end_said_line(&l);
}

/* The number of lines that the limit has suppressed since one was written. */
static unsigned left_out;

static void say_left_out(void)
{
    char text[48];
    unsigned count = __atomic_exchange_n(&left_out, 0, __ATOMIC_RELAXED);
    if (!count)
        return;
    snprintf(text, sizeof text, "%u more line%s left out", count, count == 1 ? " was" : "s were");
    if (!write_said_line("", "", text))
        __atomic_add_fetch(&left_out, count, __ATOMIC_RELAXED);
}

void say_forked(void)
{
    __atomic_store_n(&left_out, 0, __ATOMIC_RELAXED);
}

__attribute__((destructor)) static void say_at_end(void)
{
    int saved = errno;
    say_left_out();
    errno = saved;
}

static bool say_about(const struct btns_addr *where, const char *what, const char *text)
{
    char host[BTNS_ADDR_STR + 2];
    btns_addr_str(where, host);
    strcat(host, ": ");
    return write_said_line(host, what, text);
}

bool say(const struct btns_addr *where, const char *what, const char *text)
{
    return say_about(where, what, text);
}

static uint64_t hash_said_where(const struct btns_addr *where)
{
    return fnv1a(FNV_BEGIN, where, sizeof *where);
}

/* Limits the lines a second: a scan of a whole network must not fill a terminal. */
static bool too_many_said(void)
{
    static uint64_t second;
    static unsigned lines;
    struct timespec now = {0};
    RAW(clock_gettime, CLOCK_MONOTONIC, &now);
    uint64_t this = (uint64_t)now.tv_sec;
    if (__atomic_exchange_n(&second, this, __ATOMIC_RELAXED) != this)
        __atomic_store_n(&lines, 0, __ATOMIC_RELAXED);
    return __atomic_add_fetch(&lines, 1, __ATOMIC_RELAXED) > LINES_A_SECOND;
}

/* A line that could not be written is not remembered, so the next one like it is written. */
void say_once(const struct btns_addr *where, const char *what, const char *text)
{
    uint64_t h = hash_said_where(where);
    uint64_t *slot = &said[h % SAID_SLOTS];
    h = fnv1a(fnv1a(h, what, strlen(what)), text, strlen(text));
    if (__atomic_exchange_n(slot, h, __ATOMIC_RELAXED) == h)
        return;
    bool kept_back = too_many_said();
    if (kept_back)
        __atomic_add_fetch(&left_out, 1, __ATOMIC_RELAXED);
    else
        say_left_out();
    if (kept_back || !say_about(where, what, text))
        __atomic_compare_exchange_n(slot, &h, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

void say_forget(const struct btns_addr *where)
{
    __atomic_store_n(&said[hash_said_where(where) % SAID_SLOTS], 0, __ATOMIC_RELAXED);
}
