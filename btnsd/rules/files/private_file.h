/* Reads a file that only root can have written. */
#ifndef BTNS_RULES_FILES_PRIVATE_FILE_H
#define BTNS_RULES_FILES_PRIVATE_FILE_H

#include "libapi/wire/err.h"

#include <stddef.h>

/*
 * Reads dir/name, which only root may be able to read; dir and all directories above it must be
 * root's. The caller frees *data. 0; -ENOENT: there is no such file; else -errno with err.
 */
int private_file_read(const char *dir, const char *name, size_t max, char **data, size_t *len,
                      struct err *err);
/* The same for a file that others may read. */
int private_file_read_roots(const char *dir, const char *name, size_t max, char **data, size_t *len,
                            struct err *err);

#endif
