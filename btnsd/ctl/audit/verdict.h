/* The verdict on a row of the audit. */
#ifndef BTNS_CTL_AUDIT_VERDICT_H
#define BTNS_CTL_AUDIT_VERDICT_H

/*
 * WEAK: something that the documents only recommend is missing. UNKNOWN: it could not be observed,
 * and the row says why. Only BAD makes the audit fail.
 */
enum verdict { VERDICT_GOOD, VERDICT_WEAK, VERDICT_UNKNOWN, VERDICT_BAD };

static inline const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {"good", "weak", "unknown", "bad"};
    return names[v];
}

#endif
