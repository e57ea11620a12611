/* After a restart, loads the host key from before the last rotation. */
#include "btnsd/running/old_key.h"

#include "btnsd/base/log.h"

#include <openssl/crypto.h>

void old_key_load(struct btnsd *d, const char *path)
{
    struct hostkey old;
    struct err err;
    bool has = hostkey_load_old(d->state_dir, &d->host, &old, &err);
    if (err.text[0])
        log_warning("%s: what is latched to the host key before this one ends", err.text);
    ike_old_key(d->ike, has ? &old : NULL, path);
    OPENSSL_cleanse(&old, sizeof old);
}
