/* The log: one line for each event, to stderr, where the journal or a terminal takes it. */
#include "btnsd/base/log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

bool log_verbose;

/* Peers and programs choose some of the text: it must not forge a line or control a terminal. */
static void emit_line(const char *fmt, va_list ap)
{
    char line[1024];
    int n = snprintf(line, sizeof line, "btnsd: ");
    vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
    char *end = line;
    for (; *end; end++)
        if (iscntrl((unsigned char)*end))
            *end = '?';
    *end++ = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)(end - line));
    (void)ignored;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void log_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    emit_line(fmt, ap);
    va_end(ap);
}

void log_debug(const char *fmt, ...)
{
    va_list ap;
    if (!log_verbose)
        return;
    va_start(ap, fmt);
    emit_line(fmt, ap);
    va_end(ap);
}
#pragma GCC diagnostic pop
