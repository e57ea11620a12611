/* Faults in policies: writing the reason, and quoting the text that caused it. */
#include "btnsd/rules/read/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int policy_fault(struct policy_fault *f, unsigned line, const char *form, ...)
{
    va_list ap;
    va_start(ap, form);
    vsnprintf(f->reason, sizeof f->reason, form, ap);
    va_end(ap);
    f->line = line;
    return -EINVAL;
}

const char *fault_quote(char buf[POLICY_QUOTED], const char *text)
{
    const int most = POLICY_QUOTED - 6; /* two quotes, three dots, NUL */
    int cut = strlen(text) > (size_t)most;
    snprintf(buf, POLICY_QUOTED, "\"%.*s%s\"", most, text, cut ? "..." : "");
    fault_printable(buf);
    return buf;
}

void fault_printable(char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e)
            *text = '?';
}
