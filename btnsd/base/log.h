/* One line a thing that happened, to stderr: the journal or a terminal takes it from there. */
#ifndef BTNS_LOG_H
#define BTNS_LOG_H

#include <stdbool.h>

extern bool log_verbose;

/* Always shown: what a person running the host must know. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Shown with --verbose. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
