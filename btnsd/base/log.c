/* The log: one line for each event, to the journal with its priority, or to stderr. */
#include "btnsd/base/log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_SIZE 1024

bool log_verbose;

/* The journal knows which program writes, and takes a line's priority from the line's beginning. */
static void log_line_to_journal(int priority, const char *text)
{
    char line[LINE_SIZE + 16];
    int n = journal_takes() ? snprintf(line, sizeof line, "<%d>%s\n", priority, text)
                            : snprintf(line, sizeof line, "btnsd: %s\n", text);
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)n);
    (void)ignored;
}

/*
 * Peers and programs choose parts of the text, which must not forge a line or control a terminal.
 */
static void emit_log_line(int priority, char line[LINE_SIZE], const struct journal_field *field,
                          size_t n)
{
    for (char *at = line; *at; at++)
        if (iscntrl((unsigned char)*at))
            *at = '?';
    if (!journal_send(priority, line, field, n))
        log_line_to_journal(priority, line);
}

void log_fields(int priority, const char *text, const struct journal_field *field, size_t n)
{
    char line[LINE_SIZE];
    snprintf(line, sizeof line, "%s", text);
    emit_log_line(priority, line, field, n);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void emit_log_format(int priority, const char *fmt, va_list ap)
{
    char line[LINE_SIZE];
    vsnprintf(line, sizeof line, fmt, ap);
    emit_log_line(priority, line, NULL, 0);
}

#define EMIT(priority, fmt)                                                                        \
    do {                                                                                           \
        va_list ap;                                                                                \
        va_start(ap, fmt);                                                                         \
        emit_log_format(priority, fmt, ap);                                                        \
        va_end(ap);                                                                                \
    } while (0)

void log_error(const char *fmt, ...)
{
    EMIT(LOG_ERR, fmt);
}

void log_warning(const char *fmt, ...)
{
    EMIT(LOG_WARNING, fmt);
}

void log_note(const char *fmt, ...)
{
    EMIT(LOG_NOTICE, fmt);
}

void log_debug(const char *fmt, ...)
{
    if (log_verbose)
        EMIT(LOG_DEBUG, fmt);
}
#pragma GCC diagnostic pop
