/* The private charon, strongSwan's IKE daemon, as a process. */
#ifndef BTNS_CHARON_H
#define BTNS_CHARON_H

#include "libapi/wire/err.h"

#include <stddef.h>
#include <sys/types.h>

struct charon_paths {
    const char *run; /* directory that becomes charon's /run: vici socket "charon.vici", log, pid */
    const char *binary; /* /usr/lib/ipsec/charon */
};
/*
 * Writes charon's configuration into paths->run and starts it in a mount namespace of its own, with
 * paths->run bound over /run. Returns the pid, or -errno with err. It is ready when its VICI socket
 * accepts a connection.
 */
pid_t charon_start(const struct charon_paths *paths, struct err *err);
/* Ends a charon left over by a killed btnsd (by its pid file, checked to be charon). */
void charon_end_stale(const struct charon_paths *paths);
/* The last telling lines of its log, "; " between, for an error message; returns buf ("" if none).
 */
const char *charon_log_tail(const struct charon_paths *paths, char *buf, size_t size);
/* Empties the log when it has grown past some megabytes: to be called now and then. */
void charon_log_trim(const struct charon_paths *paths);

#endif
