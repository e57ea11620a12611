/*
 * Measurements of the self-test that take many tries: the throttle of challenge ACKs, and source
 * ports.
 */
#ifndef BTNS_CTL_AUDIT_MEASURES_H
#define BTNS_CTL_AUDIT_MEASURES_H

#include "btnsd/ctl/audit/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEASURE_TEXT 200

/* ---- T7, T8: throttling ---- */

#define BURST 40
struct throttle {
    unsigned burst;      /* challenge ACKs to BURST segments at once */
    uint32_t pause_ms;   /* from the first one to the first after the burst; 0: none came */
    uint32_t watched_ms; /* how long the test waited for that one */
    bool lost;           /* the capture lost packets */
    /* The same burst with another net.ipv4.tcp_invalid_ratelimit, 0 or 500 (T8) */
    enum { TUNE_UNTRIED, TUNE_ABSENT, TUNE_DONE } tuning;
    unsigned tuned_to_ms, tuned_burst;
};
enum verdict throttle_judge(const struct throttle *t, char text[MEASURE_TEXT]);
enum verdict tuning_judge(const struct throttle *t, char text[MEASURE_TEXT]);

/* ---- T9: source ports ---- */

#define PORTS 1000
struct ports {
    unsigned n;
    uint16_t port[PORTS]; /* in the order in which the kernel chose them */
};
/*
 * How many guesses an attacker who knows one port needs to hit the next one half of the time. The
 * best guesser knows which distances are frequent. About PORTS/2: one port says nothing about the
 * next.
 */
unsigned ports_guesses(const struct ports *p);
/* others: the destination changes from one connection to the next. */
enum verdict ports_judge(const struct ports *p, bool others, char text[MEASURE_TEXT]);

#endif
