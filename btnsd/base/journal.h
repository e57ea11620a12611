/* The journal: lines of the log with their fields, if it takes our stderr. */
#ifndef BTNS_BASE_JOURNAL_H
#define BTNS_BASE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

struct journal_field {
    const char *name;  /* capitals, digits, _ */
    const char *value; /* NULL or empty: the field is left out */
};

/*
 * Is stderr the journal's, as JOURNAL_STREAM says? Then lines go to the socket at path, with their
 * fields. Called once, at the start.
 */
void journal_find(const char *path);
/* Does the journal take the lines? */
bool journal_takes(void);
/* Appends NAME=VALUE and a newline to the text in data, of which `at` octets are used; returns how
 * many are used then. A field without a value, with a newline in it, or that does not fit, is left
 * out. */
size_t journal_add_field(char *data, size_t size, size_t at, const char *name, const char *value);
/* Sends a line. False if it did not arrive: the caller writes it to stderr. */
bool journal_send(int priority, const char *text, const struct journal_field *field, size_t n);

#endif
