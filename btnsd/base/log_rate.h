/*
 * Limits log lines that users and peers can cause as often as they like: in each time span, so many
 * lines of each kind are written. At its end one line says how many were left out.
 */
#ifndef BTNS_BASE_LOG_RATE_H
#define BTNS_BASE_LOG_RATE_H

#include "btnsd/base/log.h"
#include "btnsd/base/loop.h"

#define LOG_RATE_LINES 100
#define LOG_RATE_MS    10000

/* One kind of line; in static storage. */
struct log_rate {
    const char *kind; /* "N more lines were left out: KIND" */
    struct log_rate *next;
    unsigned lines, left_out; /* since the timer was armed */
    struct timer timer;
};

/* From now on lines are counted. Before this, and after log_rates_end(), every line is written. */
void log_rates_begin(struct loop *l);
void log_rates_end(void);
/* May one more line of this kind be written? */
bool log_rate_admits(struct log_rate *r);

/* write: log_note or log_warning; what: the kind. */
#define log_rated(write, what, ...)                                                                \
    do {                                                                                           \
        static struct log_rate log_rate_ = {.kind = what};                                         \
        if (log_rate_admits(&log_rate_))                                                           \
            write(__VA_ARGS__);                                                                    \
    } while (0)

#endif
