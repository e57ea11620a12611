/*
 * The log: one line for each thing that happened, to stderr, where the journal or a terminal takes
 * it.
 */
#ifndef BTNS_LOG_H
#define BTNS_LOG_H

#include <stdbool.h>

extern bool log_verbose;

/* Always shown: what the administrator must know. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Shown with --verbose. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
