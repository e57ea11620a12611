/* Which file a program's name stands for, as execvp() would find it. */
#ifndef BTNS_CTL_FIND_H
#define BTNS_CTL_FIND_H

#include "libapi/wire/err.h"

#include <limits.h>

/*
 * 0 with the path (as found: symbolic links are left alone); -ENOENT when there is no such file,
 * -EACCES when there is one but it cannot be executed; err quotes the name.
 */
int find_program(const char *name, char path[PATH_MAX], struct err *err);

#endif
