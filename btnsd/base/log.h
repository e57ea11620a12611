/* The log: one line for each event, to the journal with its priority, or to stderr. */
#ifndef BTNS_BASE_LOG_H
#define BTNS_BASE_LOG_H

#include "btnsd/base/journal.h"

#include <stdbool.h>

extern bool log_verbose;

/* Logs a line always: an error that stops btnsd. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs a line always: something that should work and does not. */
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs a line always: for events that the administrator must know. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs a line with --verbose only. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs a line always, with fields for the journal; the priority is syslog's. */
void log_fields(int priority, const char *text, const struct journal_field *field, size_t n);

#endif
