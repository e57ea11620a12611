/* Reads the files of a unit in another root directory. */
#ifndef BTNS_CTL_COVER_UNIT_FILES_H
#define BTNS_CTL_COVER_UNIT_FILES_H

#include "libapi/wire/err.h"

#include <stddef.h>

/*
 * Reads the unit and its drop-ins in root, in systemd's order, at most size - 1 octets. For an
 * instance (NAME@INSTANCE.service) without a file of its own, reads the template's. 0, or -errno
 * with a reason.
 */
int unit_files_read(const char *root, const char *unit, char *text, size_t size, struct err *err);

#endif
