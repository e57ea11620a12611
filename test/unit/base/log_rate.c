/*
 * The limit on log lines that others can cause: a number of lines in a span of time, then the count
 * of the rest. TAP.
 */
#include "btnsd/base/log_rate.h"
#include "test/unit/check.h"

#include <string.h>
#include <unistd.h>

enum { MANY = 3 * LOG_RATE_LINES };

static struct loop *loop;
static struct log_rate flood = {.kind = "of the flood"}, other = {.kind = "of others"};

static void write_lines(struct log_rate *r, unsigned n)
{
    while (n--)
        if (log_rate_admits(r))
            log_note("%s", r->kind);
}

static void stop(struct timer *t)
{
    loop_stop(t->arg);
}

/* Ends the present span. */
static void end_span(struct log_rate *r)
{
    struct timer end = {0};
    loop_after(loop, &r->timer, 0, r->timer.fire, r->timer.arg);
    loop_after(loop, &end, 1, stop, loop);
    loop_run(loop);
}

/* How many lines with this text have been written since the last call. */
static unsigned written(int log, const char *text)
{
    static char all[1 << 16];
    unsigned n = 0;
    ssize_t len = pread(log, all, sizeof all - 1, 0);
    all[len > 0 ? len : 0] = '\0';
    for (const char *at = all; (at = strstr(at, text)); at++)
        n++;
    return n;
}

static void forget(int log)
{
    if (ftruncate(log, 0) || lseek(log, 0, SEEK_SET))
        abort();
}

int main(void)
{
    char dir[200], path[250];
    snprintf(path, sizeof path, "%s/log", scratch(dir, sizeof dir));
    FILE *f = fopen(path, "w+");
    loop = loop_new();
    if (!f || !loop || dup2(fileno(f), STDERR_FILENO) < 0)
        return 1;
    int log = STDERR_FILENO;
    write_lines(&flood, MANY);
    check(written(log, flood.kind) == MANY, "without a loop, every line is written");
    forget(log);
    log_rates_begin(loop);
    write_lines(&flood, MANY);
    write_lines(&other, 1);
    check(written(log, flood.kind) == LOG_RATE_LINES, "a flood: %d lines", LOG_RATE_LINES);
    check(written(log, other.kind) == 1, "which take nothing from other kinds");
    forget(log);
    end_span(&flood);
    check(written(log, "200 more lines were left out: of the flood") == 1,
          "how many were left out is said when the time is over, though nothing more comes");
    forget(log);
    end_span(&other);
    check(!written(log, "left out"), "nothing is said where none was");
    write_lines(&flood, MANY);
    check(written(log, flood.kind) == LOG_RATE_LINES, "the next span has as many again");
    forget(log);
    log_rates_end();
    check(written(log, "200 more lines were left out: of the flood") == 1,
          "and when btnsd ends, it is said as well");
    fclose(f);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}
