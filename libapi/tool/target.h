/* Parses HOST:PORT as a person writes it and looks up the addresses. */
#ifndef BTNS_LIBAPI_TOOL_TARGET_H
#define BTNS_LIBAPI_TOOL_TARGET_H

#include "libapi/wire/addr.h"
#include "libapi/wire/err.h"

#include <stddef.h>

#define TARGET_MAX 8

/*
 * Parses "10.0.0.1:80", "[fd00::1]:80", "name:80" or "name:http"; names are looked up. Returns 0
 * with up to TARGET_MAX addresses; -EINVAL if the text has another form, -ENOENT if the name has no
 * address; err then quotes the text.
 */
int target_parse(const char *text, struct btns_addr out[TARGET_MAX], size_t *n, struct err *err);

#endif
