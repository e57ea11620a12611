/* What /etc/hosts calls an address. */
#ifndef BTNS_BASE_HOSTS_FILE_H
#define BTNS_BASE_HOSTS_FILE_H

#include "libapi/wire/addr.h"

#include <stdbool.h>

#define HOSTS_FILE      "/etc/hosts"
#define HOSTS_FILE_NAME 64

/*
 * The first name that the file gives the address (its port is ignored). False: none that fits and
 * has only letters, digits, dots, dashes and underscores. Of a long file the beginning is read.
 */
bool hosts_file_name(const char *path, const struct btns_addr *a, char name[HOSTS_FILE_NAME]);

#endif
