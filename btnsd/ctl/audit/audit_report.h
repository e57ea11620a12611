/* Judges the audit's rows, and prints them as text or JSON. */
#ifndef BTNS_CTL_AUDIT_AUDIT_REPORT_H
#define BTNS_CTL_AUDIT_AUDIT_REPORT_H

#include "btnsd/ctl/audit/selftest.h"

struct audit {
    bool here;
    struct settings settings;
    const struct selftest *test;
};

/* One row of the self-test in one pass. */
struct audit_row {
    const char *row, *sent, *expected;
    const struct pass *pass; /* NULL: T9, which belongs to no pass */
    int family;
    enum verdict verdict;
    char came[MEASURE_TEXT];
};

/*
 * Judges all rows, and passes each to fn in the order of the table. Returns how many rows,
 * including the settings, have each verdict.
 */
struct audit_count {
    unsigned of[4];
};
typedef void audit_row_fn(void *arg, const struct audit_row *r);
struct audit_count audit_rows(const struct selftest *t, audit_row_fn *fn, void *arg);

/* Prints the audit; true: nothing is bad. */
bool audit_print(const struct audit *a);
bool audit_print_json(const struct audit *a);

#endif
