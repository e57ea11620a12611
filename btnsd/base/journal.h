/* Sends lines of the log with their fields to systemd's journal, if stderr goes there. */
#ifndef BTNS_BASE_JOURNAL_H
#define BTNS_BASE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

struct journal_field {
    const char *name;  /* capitals, digits, _ */
    const char *value; /* NULL or empty: the field is left out */
};

/*
 * Finds out from JOURNAL_STREAM whether stderr is the journal's. If so, lines go to the socket at
 * path, with their fields. Call it once, at the start.
 */
void journal_find(const char *path);
/* Does the journal take the lines? */
bool journal_takes(void);
/*
 * Appends NAME=VALUE and a newline to the text in data, of which `at` octets are used. Returns how
 * many are used then. A field is left out if it has no value, contains a newline or does not fit.
 */
size_t journal_add_field(char *data, size_t size, size_t at, const char *name, const char *value);
/* Sends a line. False if the journal did not take it: the caller then writes it to stderr. */
bool journal_send(int priority, const char *text, const struct journal_field *field, size_t n);

#endif
