/* The private charon, strongSwan's IKE daemon, as a process. */
#ifndef BTNS_IKE_CHARON_CHARON_H
#define BTNS_IKE_CHARON_CHARON_H

#include "libapi/wire/err.h"

#include <stddef.h>
#include <sys/types.h>

struct charon_paths {
    const char *run;    /* the directory that becomes charon's /run: VICI socket, log, pid file */
    const char *binary; /* /usr/lib/ipsec/charon */
};
/*
 * Writes charon's configuration into paths->run and starts charon in a mount namespace of its own,
 * with paths->run bound over /run. Returns the pid, or -errno with err. charon is ready when its
 * VICI socket accepts a connection.
 */
pid_t charon_start(const struct charon_paths *paths, struct err *err);
/* Ends a charon left over by a killed btnsd. Its pid file names it; the program is checked. */
void charon_end_stale(const struct charon_paths *paths);
/*
 * The last lines of charon's log that say what failed, separated by "; ", for an error message.
 * Returns buf ("" if there are none).
 */
const char *charon_log_tail(const struct charon_paths *paths, char *buf, size_t size);
/* Empties the log when it has grown past some megabytes. Call it now and then. */
void charon_log_trim(const struct charon_paths *paths);

#endif
