/* Finds the file for a program's name, as execvp() does. */
#ifndef BTNS_LIBAPI_TOOL_FIND_H
#define BTNS_LIBAPI_TOOL_FIND_H

#include "libapi/wire/err.h"

#include <limits.h>

/*
 * Returns 0 with the path (symbolic links are not resolved); -ENOENT if there is no such file,
 * -EACCES if the file cannot be executed. err quotes the name.
 */
int find_program(const char *name, char path[PATH_MAX], struct err *err);

#endif
