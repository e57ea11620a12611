/* A fault in a policy: its reason and its place. */
#ifndef BTNS_RULES_READ_FAULT_H
#define BTNS_RULES_READ_FAULT_H

#include <stdarg.h>
#include <stddef.h>

struct policy_fault {
    unsigned file;    /* index of the text */
    unsigned line;    /* 0: the file as a whole */
    char reason[240]; /* short enough for a struct err with file and line */
};

/* Fills in f, but not f->file; returns -EINVAL, so that a checker can return the call. */
int policy_fault(struct policy_fault *f, unsigned line, const char *form, ...)
    __attribute__((format(printf, 3, 4)));

#define POLICY_QUOTED 72
/* Quotes the text, shortened if necessary, with unprintable octets replaced; returns buf. */
const char *fault_quote(char buf[POLICY_QUOTED], const char *text);
/* Replaces each octet that is not printable ASCII by `?`, for terminals and logs. */
void fault_printable(char *text);

#endif
