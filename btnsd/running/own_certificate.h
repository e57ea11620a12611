/* This host's own certificate. */
#ifndef BTNS_RUNNING_OWN_CERTIFICATE_H
#define BTNS_RUNNING_OWN_CERTIFICATE_H

#include "btnsd/state/daemon.h"

/* Reads it again and hands it to charon. Anything wrong with it is logged, and leaves the host
 * without a certificate. */
void btnsd_load_certificate(struct btnsd *d);

#endif
