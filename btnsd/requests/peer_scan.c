/* btnsctl keyscan: asks a host for its key by an introduction, and stores nothing. */
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_MS 8000 /* less than btnsctl waits for an answer */

struct scan {
    struct client *client;
    struct btns_hdr hdr;
    struct ike_task *task;
};

static void on_scanner_gone(void *arg)
{
    struct scan *s = arg;
    ike_abort_introduction(s->task);
    free(s);
}

static void on_scanned_peer(void *arg, enum ike_result result, const struct btns_key *key,
                            const char *why)
{
    struct scan *s = arg;
    char text[BTNS_KEY_STR];
    bool silent = result == IKE_SILENT || result == IKE_NO_WAY;
    client_on_gone(s->client, NULL, NULL);
    if (result == IKE_OK && key)
        answer_end(s->client, &s->hdr, 0, btns_key_str(key, text));
    else
        answer_end(s->client, &s->hdr, silent ? ETIMEDOUT : EPROTO, why);
    free(s);
}

/* Begins the scan. 0: the answer is sent later. */
static int begin_scan(struct btnsd *d, const struct request *r, const struct btns_addr *remote,
                      struct err *err)
{
    struct route route;
    if (!d->ike || ike_is_off(d->ike)) {
        err_set(err, "btnsd was told to run no IKE daemon (--charon none)");
        return -EOPNOTSUPP;
    }
    int rc = route_lookup(&(struct route_query){.remote = *remote}, &route);
    if (rc || route_is_this_host(&route.local, remote, &route)) {
        err_set(err, rc ? "no route: %s" : "that is this host itself: btnsctl status shows its key",
                strerror(-rc));
        return rc ? rc : -EINVAL;
    }
    if (!ike_room(d->ike, r->from.uid, true, err))
        return -EBUSY;
    struct scan *s = calloc(1, sizeof *s);
    if (s)
        *s = (struct scan){.client = r->client, .hdr = *r->hdr};
    if (s)
        s->task = ike_introduce(d->ike, &route.local, remote, SCAN_MS, on_scanned_peer, s);
    if (!s || !s->task) {
        free(s);
        err_set(err, "the IKE daemon does not run yet, or btnsd is out of memory: try again");
        return -EAGAIN;
    }
    ike_charge(s->task, r->from.uid);
    client_on_gone(r->client, on_scanner_gone, s);
    return 0;
}

bool on_keyscan(struct btnsd *d, struct request *r)
{
    struct btns_keyscan m;
    struct err err = {""};
    memcpy(&m, r->hdr, sizeof m);
    if (client_is_waiting(r->client))
        return false; /* a client may not send a second request before the answer */
    m.addr.port = 0;
    const char *no_host = btns_addr_not_host(&m.addr);
    int rc = no_host ? -EINVAL : begin_scan(d, r, &m.addr, &err);
    if (rc)
        answer_end(r->client, r->hdr, -rc, no_host ? no_host : err.text);
    return true;
}
