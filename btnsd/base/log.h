/* The log: one line for each event, to stderr, where the journal or a terminal takes it. */
#ifndef BTNS_BASE_LOG_H
#define BTNS_BASE_LOG_H

#include <stdbool.h>

extern bool log_verbose;

/* Logs a line always: for events that the administrator must know. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs a line with --verbose only. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
