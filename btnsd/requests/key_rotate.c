/* btnsctl key rotate: replaces the host key by one for which it vouches. */
#include "btnsd/base/log.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/inner_host.h"
#include "btnsd/running/own_certificate.h"
#include "libapi/wire/key_words.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <time.h>

static int may_rotate_key(const struct btnsd *d, struct err *err)
{
    if (!d->ike || ike_is_off(d->ike)) {
        err_set(err, "btnsd was told to run no IKE daemon (--charon none)");
        return -EOPNOTSUPP;
    }
    if (d->own_cert.certs && !d->own_cert.key) {
        err_set(err, "/etc/btns/host.crt certifies the host key: give it a key of its own "
                     "(host.crt.key), or move it away, and run btnsctl reload");
        return -EBUSY;
    }
    if (ike_old_key_needed(d->ike)) {
        err_set(err, "peers are still latched to the key before this one: try again when their "
                     "connections have ended");
        return -EBUSY;
    }
    return 0;
}

static int rotate_host_key(struct btnsd *d, struct hostkey *old, struct err *err)
{
    struct hostkey next;
    const uint64_t until = (uint64_t)time(NULL) + ROTATION_DAYS * 86400ull;
    int rc = may_rotate_key(d, err);
    if (!rc)
        rc = hostkey_rotate(d->state_dir, &d->host, until, &next, err);
    if (rc)
        return rc;
    *old = d->host;
    d->host = next;
    OPENSSL_cleanse(&next, sizeof next);
    ike_rotated(d->ike, old);
    inner_host_follow(d);
    return 0;
}

bool on_rotate(struct btnsd *d, struct request *r)
{
    struct err err = {""};
    struct hostkey old = {0};
    char text[BTNS_TEXT_MAX], was[BTNS_KEY_STR], is[BTNS_KEY_STR], words[BTNS_KEY_WORDS];
    int rc = rotate_host_key(d, &old, &err);
    if (!rc) {
        btns_key_str(&old.pub, was);
        btns_key_str(&d->host.pub, is);
        snprintf(text, sizeof text,
                 "the host key is now %s\n  in words: %s\nthe old one, %s, vouches for it for %d "
                 "days\n",
                 is, btns_key_words(&d->host.pub, words), was, ROTATION_DAYS);
        log_note("the host key is now %s; the old one, %s, vouches for it", is, was);
    }
    OPENSSL_cleanse(&old, sizeof old);
    answer_end(r->client, r->hdr, -rc, rc ? err.text : text);
    return true;
}
