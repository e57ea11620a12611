/*
 * Names inside the private charon's run directory, for the files that start, configure and end it.
 */
#ifndef BTNS_IKE_CHARON_CHARON_RUN_H
#define BTNS_IKE_CHARON_CHARON_RUN_H

#include "btnsd/ike/charon/charon.h"

/*
 * Debian's AppArmor profile for charon allows /run/charon.* and no other names there. charon's /run
 * is charon_paths.run.
 */
#define CHARON_CONF   "/run/charon.conf"
#define CHARON_PID    "charon.pid"
#define CHARON_SOCKET "charon.vici"
#define CHARON_LOG    "charon.log"

/* Writes charon.conf (mode 0600) into paths->run, which is made if needed. 0 or -errno with err. */
int charon_conf_write(const struct charon_paths *paths, struct err *err);

#endif
