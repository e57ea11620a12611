/* Reads a text of the administrator's line by line. */
#ifndef BTNS_IKE_PEERS_TEXT_LINES_H
#define BTNS_IKE_PEERS_TEXT_LINES_H

#include "libapi/wire/err.h"

#include <stdbool.h>
#include <stddef.h>

#define LINES_LONGEST 1024

/*
 * Calls each() for every line of a text, without its newline and what it is indented by; comments
 * and empty lines are passed over. The text is changed, and text[len] must exist. False at the
 * first line that has a NUL octet, is too long or that each() refuses: err says PATH:LINE and why.
 */
typedef bool line_each(void *arg, char *line, size_t number, struct err *why);
bool lines_each(const char *path, char *text, size_t len, line_each *each, void *arg,
                struct err *err);

#endif
