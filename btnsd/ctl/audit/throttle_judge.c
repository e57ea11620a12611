/* T7, T8: are challenge ACKs throttled, and can the throttle be tuned? Pure. */
#include "btnsd/ctl/audit/measures.h"

#include <stdio.h>

#define WINDOW_MS 5000 /* tcpsecure, 2.2: no more than 10 in a 5 second window */
#define MOST      10

enum verdict throttle_judge(const struct throttle *t, char text[MEASURE_TEXT])
{
    if (t->lost) {
        snprintf(text, MEASURE_TEXT, "the capture lost packets: run it again on a quieter host");
        return VERDICT_UNKNOWN;
    }
    if (!t->burst) {
        snprintf(text, MEASURE_TEXT, "no challenge ACK to %u segments", BURST);
        return VERDICT_BAD;
    }
    /* Rounded: with a clock of 10 ms, a pause of 500 ms may be measured as 490. */
    uint32_t pause = t->pause_ms ? t->pause_ms : t->watched_ms;
    uint32_t in_window = pause ? (t->burst * WINDOW_MS + pause / 2) / pause : t->burst;
    if (in_window < t->burst)
        in_window = t->burst;
    if (t->pause_ms)
        snprintf(text, MEASURE_TEXT,
                 "%u challenge ACK%s to %u segments, the next after %u ms: %u in 5 s", t->burst,
                 t->burst == 1 ? "" : "s", BURST, t->pause_ms, in_window);
    else
        snprintf(text, MEASURE_TEXT, "%u challenge ACK%s to %u segments, and none for %u ms",
                 t->burst, t->burst == 1 ? "" : "s", BURST, t->watched_ms);
    return in_window <= MOST ? VERDICT_GOOD : VERDICT_BAD;
}

enum verdict tuning_judge(const struct throttle *t, char text[MEASURE_TEXT])
{
    if (t->tuning == TUNE_UNTRIED) {
        snprintf(text, MEASURE_TEXT, "not tried: settings of this namespace are left alone");
        return VERDICT_UNKNOWN;
    }
    if (t->tuning == TUNE_ABSENT) {
        snprintf(text, MEASURE_TEXT, "net.ipv4.tcp_invalid_ratelimit cannot be set");
        return VERDICT_BAD;
    }
    snprintf(text, MEASURE_TEXT,
             "with tcp_invalid_ratelimit = %u, %u challenge ACK%s to %u segments", t->tuned_to_ms,
             t->tuned_burst, t->tuned_burst == 1 ? "" : "s", BURST);
    bool follows = t->tuned_to_ms ? t->tuned_burst < t->burst : t->tuned_burst > t->burst;
    return follows ? VERDICT_GOOD : VERDICT_BAD;
}
