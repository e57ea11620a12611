/* What is wrong with a policy, and where, before it becomes a sentence for a person. */
#ifndef BTNS_RULES_FAULT_H
#define BTNS_RULES_FAULT_H

#include <stdarg.h>
#include <stddef.h>

struct policy_fault {
    unsigned file;    /* which of the texts */
    unsigned line;    /* 0: the file as a whole */
    char reason[240]; /* with a file's name and line still a struct err */
};

/* Fills f (file stays as it is); returns -EINVAL, so that a checker can return the call. */
int policy_fault(struct policy_fault *f, unsigned line, const char *form, ...)
    __attribute__((format(printf, 3, 4)));

#define POLICY_QUOTED 72
/* text in quotes, cut short if need be, nothing unprintable left in it; returns buf. */
const char *policy_quote(char buf[POLICY_QUOTED], const char *text);
/* Puts `?` for every octet that could do something to a terminal or a log. */
void policy_printable(char *text);

#endif
