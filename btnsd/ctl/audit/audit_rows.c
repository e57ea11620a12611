/* Judges the self-test's observations, row by row. */
#include "btnsd/ctl/audit/audit_report.h"

#include <stdio.h>
#include <string.h>

struct walk {
    audit_row_fn *fn;
    void *arg;
    struct audit_count count;
};

static void give_audit_row(struct walk *w, const struct audit_row *r)
{
    w->count.of[r->verdict]++;
    w->fn(w->arg, r);
}

static void give_audit_attack_row(struct walk *w, const struct pass *p, unsigned i)
{
    struct audit_row r = {
        attacks[i].row, attacks[i].sent, attacks[i].expected, p, p->family, 0, ""};
    char came[CAME_BACK];
    if (!p->tried[i])
        return;
    r.verdict = attack_judge(&attacks[i], &p->after[i], came);
    snprintf(r.came, sizeof r.came, "%s", came);
    give_audit_row(w, &r);
}

static void give_audit_throttle_row(struct walk *w, const struct pass *p)
{
    struct audit_row r = {"T7",
                          "40 RST at once in the window, then one each 5 ms",
                          "no more than 10 challenge ACKs in 5 s (2.2)",
                          p,
                          p->family,
                          0,
                          ""};
    r.verdict = throttle_judge(&p->throttle, r.came);
    give_audit_row(w, &r);
    struct audit_row tuning = {
        "T8", "the same 40, with another limit", "the limit is tunable (2.2)", p, p->family, 0, ""};
    tuning.verdict = tuning_judge(&p->throttle, tuning.came);
    give_audit_row(w, &tuning);
}

static void give_audit_ports_row(struct walk *w, const struct port_runs *runs, int i)
{
    int family = i ? AF_INET6 : AF_INET;
    struct audit_row one = {"T9",
                            "1000 connections to one destination",
                            "source ports should be random (1; RFC 6056). Where one port tells "
                            "the next to the same destination, use the action random-port",
                            NULL,
                            family,
                            0,
                            ""};
    struct audit_row others = {"T9",
                               "1000 connections to 100 destinations in turn",
                               "a port seen at one destination does not tell the port to another "
                               "(1; RFC 6056, 3.3.3)",
                               NULL,
                               family,
                               0,
                               ""};
    one.verdict = ports_judge(&runs->one[i], false, one.came);
    give_audit_row(w, &one);
    others.verdict = ports_judge(&runs->others[i], true, others.came);
    give_audit_row(w, &others);
}

struct audit_count audit_rows(const struct selftest *t, audit_row_fn *fn, void *arg)
{
    struct walk w = {.fn = fn, .arg = arg};
    for (unsigned a = 0; a < attacks_n; a++)
        for (unsigned i = 0; i < PASSES; i++)
            give_audit_attack_row(&w, &t->pass[i], a);
    for (unsigned i = 0; i < PASSES; i++)
        if (t->pass[i].done)
            give_audit_throttle_row(&w, &t->pass[i]);
    for (int i = 0; i < 2; i++)
        if (t->ports.done[i])
            give_audit_ports_row(&w, &t->ports, i);
    return w.count;
}
