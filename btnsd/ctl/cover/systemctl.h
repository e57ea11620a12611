/* Runs systemctl and btns-run for `btnsctl cover`. */
#ifndef BTNS_CTL_COVER_SYSTEMCTL_H
#define BTNS_CTL_COVER_SYSTEMCTL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Runs a program (argv, ended by NULL; looked for in the system's directories) and keeps what it
 * writes to stdout, and to stderr with both: at most size - 1 octets. Returns its exit status, or
 * -errno.
 */
int systemctl_run(const char *const argv[], bool both, char *out, size_t size);

#endif
