/* What the files about the private charon share: names inside its run directory, its configuration.
 */
#ifndef BTNS_CHARON_RUN_H
#define BTNS_CHARON_RUN_H

#include "btnsd/ike/charon/charon.h"

/*
 * Debian's AppArmor profile for charon allows it /run/charon.* and no other name there; its /run is
 * charon_paths.run.
 */
#define CHARON_CONF   "/run/charon.conf"
#define CHARON_PID    "charon.pid"
#define CHARON_SOCKET "charon.vici"
#define CHARON_LOG    "charon.log"

/* Writes charon.conf (mode 0600) into paths->run, which is made if need be. 0 or -errno with err.
 */
int charon_conf_write(const struct charon_paths *paths, struct err *err);

#endif
