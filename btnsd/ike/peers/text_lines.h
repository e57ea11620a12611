/* Splits a text that an administrator wrote into lines, without comments. */
#ifndef BTNS_IKE_PEERS_TEXT_LINES_H
#define BTNS_IKE_PEERS_TEXT_LINES_H

#include "libapi/wire/err.h"

#include <stdbool.h>
#include <stddef.h>

#define LINES_LONGEST 1024

/*
 * Calls each() for every line of a text, without its newline and its indentation; skips comments
 * and empty lines. The text is changed, and text[len] must exist. Stops at the first line that has
 * a NUL octet, is too long or is refused by each(): returns false, and err says PATH:LINE and why.
 */
typedef bool line_each(void *arg, char *line, size_t number, struct err *why);
bool lines_each(const char *path, char *text, size_t len, line_each *each, void *arg,
                struct err *err);

#endif
