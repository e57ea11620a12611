/* Reads this host's own certificate at start and at each reload, for the key manager. */
#include "btnsd/running/own_certificate.h"
#include "btnsd/base/log.h"
#include "btnsd/state/daemon.h"

#define CERTIFICATE_DIR "/etc/btns"

void own_certificate_load(struct btnsd *d)
{
    struct err err = {""};
    struct own_cert own, old = d->own_cert;
    if (own_cert_load(CERTIFICATE_DIR, &d->host, &own, &err))
        log_warning("this host has no certificate to show: %s", err.text);
    if (own_cert_equal(&own, &old)) {
        own_cert_free(&own);
        return;
    }
    d->own_cert = own;
    if (d->ike)
        ike_set_certificate(d->ike, &d->own_cert);
    own_cert_free(&old);
}
