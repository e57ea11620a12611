/*
 * One pass of the self-test: each attack on a connection of its own, and the test of the throttle.
 */
#include "btnsd/ctl/audit/selftest.h"
#include "btnsd/ctl/audit/tap.h"
#include "btnsd/ctl/audit/victim.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define RATELIMIT "net.ipv4.tcp_invalid_ratelimit"
#define WATCH_MS  1500

static uint64_t pass_clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void collect_pass_answers(struct tap *t, const struct victim *v, struct aftermath *seen)
{
    struct segment s;
    while (tap_next(t, &v->at, &v->peer_at, &s, &seen->lost)) {
        if (seen->answers < ANSWERS)
            seen->answer[seen->answers] = s;
        seen->answers++;
    }
}

/* Sends the attack's segment, and records the victim's reaction. */
static bool pass_attack_victim(struct tap *t, struct victim *v, const struct attack *a,
                               struct aftermath *seen, struct err *err)
{
    if (!victim_new(v, t, v->last.from.family, err) || !victim_numbers(v, &seen->before, err))
        return false;
    struct segment s = attack_segment(a, &seen->before, &v->last);
    tap_drain(t);
    if (!tap_send(t, &s) || !tap_fence(t)) {
        err_set(err, "a raw segment cannot be sent over the loopback link");
        return false;
    }
    collect_pass_answers(t, v, seen);
    seen->alive = victim_alive(v);
    seen->taken = victim_taken(v);
    if (seen->taken) /* after this, the two ends disagree for good */
        victim_free(v);
    return true;
}

/* Counts the challenge ACKs to a burst of RSTs in the window. */
static unsigned pass_send_burst(struct tap *t, const struct victim *v, const struct segment *s,
                                unsigned segments, bool *lost)
{
    struct aftermath seen = {0};
    tap_drain(t);
    for (unsigned i = 0; i < segments; i++)
        tap_send(t, s);
    tap_fence(t);
    collect_pass_answers(t, v, &seen);
    *lost |= seen.lost;
    return seen.answers;
}

static bool open_pass_target(struct tap *t, int family, struct victim *v, struct segment *s,
                             struct err *err)
{
    static const struct attack rst = {.flags = SEG_RST, .seq_from = RCV_MIDDLE};
    struct numbers n;
    if (!victim_new(v, t, family, err) || !victim_numbers(v, &n, err))
        return false;
    *s = attack_segment(&rst, &n, &v->last);
    return true;
}

static bool pass_measure_throttle(struct tap *t, int family, struct throttle *m, struct err *err)
{
    struct victim v;
    struct segment s;
    bool ok = open_pass_target(t, family, &v, &s, err);
    uint64_t start = pass_clock_us();
    if (ok)
        m->burst = pass_send_burst(t, &v, &s, BURST, &m->lost);
    while (ok && m->burst && !m->pause_ms && m->watched_ms < WATCH_MS) {
        usleep(5000);
        unsigned more = pass_send_burst(t, &v, &s, 1, &m->lost);
        m->watched_ms = (uint32_t)((pass_clock_us() - start) / 1000);
        if (more)
            m->pause_ms = m->watched_ms ? m->watched_ms : 1;
    }
    victim_free(&v);
    return ok;
}

static bool pass_measure_tuning(struct tap *t, int family, struct throttle *m, struct err *err)
{
    struct victim v;
    struct segment s;
    char before[SETTING_VALUE];
    m->tuning = TUNE_ABSENT;
    if (!setting_read_sysctl(RATELIMIT, before))
        return true;
    m->tuned_to_ms = atol(before) ? 0 : 500;
    if (!setting_write_sysctl(RATELIMIT, m->tuned_to_ms ? "500" : "0"))
        return true;
    bool ok = open_pass_target(t, family, &v, &s, err);
    if (ok)
        m->tuned_burst = pass_send_burst(t, &v, &s, BURST, &m->lost);
    m->tuning = TUNE_DONE;
    victim_free(&v);
    setting_write_sysctl(RATELIMIT, before);
    return ok;
}

static bool run_pass_attacks(struct tap *t, struct pass *p, struct victim *victims)
{
    for (unsigned i = 0; i < attacks_n; i++) {
        const struct attack *a = &attacks[i];
        if (a->stamps != STAMPS_RIGHT && !p->stamps)
            continue;
        victims[i].last.from.family = (uint16_t)p->family;
        p->tried[i] = pass_attack_victim(t, &victims[i], a, &p->after[i], &p->why);
        if (!p->tried[i])
            return false;
    }
    return true;
}

void selftest_pass(struct pass *p, bool tunable)
{
    struct tap t;
    static struct victim victims[ATTACKS_MAX];
    for (unsigned i = 0; i < ATTACKS_MAX; i++)
        victims[i].fd = victims[i].peer = -1;
    if (!tap_open(&t, &p->why))
        return;
    p->done = run_pass_attacks(&t, p, victims) &&
              pass_measure_throttle(&t, p->family, &p->throttle, &p->why) &&
              (!tunable || pass_measure_tuning(&t, p->family, &p->throttle, &p->why));
    /* By now, a host that answers challenge ACKs would have answered. */
    for (unsigned i = 0; i < attacks_n; i++) {
        p->after[i].alive_later = victims[i].fd >= 0 && victim_alive(&victims[i]);
        victim_free(&victims[i]);
    }
    tap_close(&t);
}
