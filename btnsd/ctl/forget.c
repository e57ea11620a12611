/* btnsctl forget: forgets a peer, given by its name, its host's name, an address or a key. */
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/find_peer.h"
#include "btnsd/ctl/line/own_messages.h"
#include "libapi/client/ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct said {
    char text[FOUND_PEER_MAX * BTNS_TEXT_MAX];
    unsigned done;
};

/* Asks btnsd to forget a peer, and prints btnsd's answer. */
static int forget_one(const struct ctl *c, struct btns_forget *m, struct said *s, struct err *err)
{
    union btns_reply r;
    int rc = ask_one(c->socket, &m->hdr, sizeof *m, BTNS_REQ_FORGET, BTNS_REP_END, &r, err);
    size_t at = strlen(s->text);
    if (rc)
        return rc;
    s->done++;
    snprintf(s->text + at, sizeof s->text - at, "%s", r.end.text);
    return 0;
}

int ctl_forget(const struct ctl *c, struct err *err)
{
    struct found_peer w;
    struct said s = {"", 0};
    struct btns_forget m = {0};
    const char *request = c->request ? c->request : "forget";
    int rc = find_peer(c, request, c->args[0], &w, err);
    if (rc)
        return rc == -EINVAL ? CTL_USAGE : ctl_exit(rc);
    if (w.has_key) {
        memcpy(m.key, w.key.raw, sizeof m.key);
        rc = forget_one(c, &m, &s, err);
    }
    for (size_t i = 0; i < w.n && (!rc || rc == -ENOENT); i++) {
        m.addr = w.addr[i];
        rc = forget_one(c, &m, &s, err);
    }
    if (rc && !(rc == -ENOENT && s.done)) /* some of a host's addresses may be unknown */
        return ctl_exit(rc);
    *err = (struct err){""};
    return ctl_say_done(c, request, c->args[0], s.text);
}
