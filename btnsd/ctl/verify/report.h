/* Prints each step of btnsctl verify as a line of text or as JSON. */
#ifndef BTNS_CTL_VERIFY_REPORT_H
#define BTNS_CTL_VERIFY_REPORT_H

#include "btnsd/ctl/verify/verify.h"

#define REPORT_STEPS 16

struct report {
    const struct subject *subject;
    bool failed;
    unsigned n;
    struct step {
        bool ok;
        char text[BTNS_TEXT_MAX + 128];
    } step[REPORT_STEPS];
};

/* Reports a step; returns ok. */
bool report_step(struct report *r, bool ok, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void report_print(const struct report *r, bool json);

#endif
