/* Starts and ends the private charon (strongSwan's IKE daemon), and reads its log. */
#ifndef BTNS_IKE_CHARON_CHARON_H
#define BTNS_IKE_CHARON_CHARON_H

#include "btnsd/base/file.h"
#include "libapi/wire/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct charon_paths {
    const char *run;    /* the directory that becomes charon's /run: VICI socket, log, pid file */
    const char *binary; /* /usr/lib/ipsec/charon */
    bool beet;          /* some of its SAs are in BEET mode */
};
/*
 * Writes charon's configuration into paths->run and starts charon in a mount namespace of its own,
 * with paths->run bound over /run (or in btnsd's, if it is bound there already). Returns the pid,
 * or -errno with err. charon is ready when its VICI socket accepts a connection.
 */
pid_t charon_start(const struct charon_paths *paths, struct err *err);
/*
 * Has btnsd's unit bound paths->run over /run? Then btnsd does not need the privileges for that,
 * and the host's /run is at /run/host.
 */
bool charon_run_is_ours(const struct charon_paths *paths);
/*
 * The path at which btnsd finds a file of the host: `path` itself, or, written to `out`, its place
 * in /run/host.
 */
const char *charon_host_path(const struct charon_paths *paths, const char *path,
                             char out[FILE_PATH]);
/*
 * Ends a charon that a killed btnsd has left. Its pid file names the process, whose program is
 * checked.
 */
void charon_end_stale(const struct charon_paths *paths);
/*
 * The last lines of charon's log that say what failed, separated by "; ", for an error message.
 * Returns buf ("" if there are none).
 */
const char *charon_log_tail(const struct charon_paths *paths, char *buf, size_t size);
/* Empties the log when it has grown past some megabytes. Call it now and then. */
void charon_log_trim(const struct charon_paths *paths);

#endif
