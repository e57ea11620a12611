/* Reads this host's own certificate for the key manager. */
#ifndef BTNS_RUNNING_OWN_CERTIFICATE_H
#define BTNS_RUNNING_OWN_CERTIFICATE_H

#include "btnsd/state/daemon.h"

/*
 * Reads the certificate again and gives it to charon. A fault is logged and leaves the host without
 * a certificate.
 */
void own_certificate_load(struct btnsd *d);

#endif
