/* Looks an address up in /etc/hosts. */
#ifndef BTNS_BASE_HOSTS_FILE_H
#define BTNS_BASE_HOSTS_FILE_H

#include "libapi/wire/addr.h"

#include <stdbool.h>

#define HOSTS_FILE      "/etc/hosts"
#define HOSTS_FILE_NAME 64

/*
 * Gets the first name that the file gives the address, whose port is ignored. False: the file has
 * no name that fits and consists of letters, digits, dots, dashes and underscores only. Only the
 * beginning of a long file is read.
 */
bool hosts_file_name(const char *path, const struct btns_addr *a, char name[HOSTS_FILE_NAME]);

#endif
