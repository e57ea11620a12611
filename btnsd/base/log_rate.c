/* Limits log lines that users and peers can cause as often as they like. */
#include "btnsd/base/log_rate.h"

#include <stddef.h>

static struct loop *loop;
static struct log_rate *counting; /* kinds whose timer is armed */

void log_rates_begin(struct loop *l)
{
    loop = l;
}

static void close_rate_span(struct log_rate *r)
{
    struct log_rate **p = &counting;
    while (*p != r)
        p = &(*p)->next;
    *p = r->next;
    if (r->left_out)
        log_note("%u more lines were left out: %s", r->left_out, r->kind);
    r->lines = r->left_out = 0;
}

static void on_rate_span_over(struct timer *t)
{
    close_rate_span(t->arg);
}

void log_rates_end(void)
{
    while (counting) {
        loop_cancel(loop, &counting->timer);
        close_rate_span(counting);
    }
    loop = NULL;
}

bool log_rate_admits(struct log_rate *r)
{
    if (!loop)
        return true;
    if (!r->timer.slot) {
        r->next = counting;
        counting = r;
        loop_after(loop, &r->timer, LOG_RATE_MS, on_rate_span_over, r);
    }
    if (r->lines < LOG_RATE_LINES) {
        r->lines++;
        return true;
    }
    r->left_out++;
    return false;
}
