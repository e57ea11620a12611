/* btnsctl reload, nolatch and key: commands that change the host's state, and are for root only. */
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/line/own_messages.h"
#include "libapi/client/ask.h"
#include "libapi/tool/choice.h"

#include "libapi/wire/key.h"

#include <string.h>

static int send_admin_change(const struct ctl *c, struct btns_hdr *msg, size_t len,
                             enum btns_type type, const char *request, struct err *err)
{
    union btns_reply r;
    int rc = ask_one(c->socket, msg, len, type, BTNS_REP_END, &r, err);
    return rc ? ctl_exit(rc) : ctl_say_done(c, request, c->n ? c->args[0] : "", "");
}

int ctl_reload(const struct ctl *c, struct err *err)
{
    struct btns_hdr msg;
    return send_admin_change(c, &msg, sizeof msg, BTNS_REQ_RELOAD, "reload", err);
}

int ctl_key(const struct ctl *c, struct err *err)
{
    static const struct {
        const char *name;
    } verbs[] = {{"rotate"}};
    const struct choices known = CHOICES(verbs, 1, "command", "key ");
    struct btns_hdr msg;
    union btns_reply r;
    if (choice_find(&known, c->args[0], err) < 0)
        return CTL_USAGE;
    int rc = ask_one(c->socket, &msg, sizeof msg, BTNS_REQ_ROTATE, BTNS_REP_END, &r, err);
    return rc ? ctl_exit(rc) : ctl_say_done(c, "key rotate", "", r.end.text);
}

int ctl_nolatch(const struct ctl *c, struct err *err)
{
    struct btns_nolatch msg = {.on = !strcmp(c->args[1], "on")};
    struct btns_key key;
    const char *request = c->request ? c->request : "nolatch";

    if (!btns_key_parse(&key, c->args[0])) {
        err_set(err, "%s: '%.80s' is not a key (ed25519:...)", request, c->args[0]);
        return CTL_USAGE;
    }
    if (!msg.on && strcmp(c->args[1], "off")) {
        err_set(err, "%s: '%.80s' is neither on nor off", request, c->args[1]);
        return CTL_USAGE;
    }
    memcpy(msg.key, key.raw, sizeof msg.key);
    return send_admin_change(c, &msg.hdr, sizeof msg, BTNS_REQ_NOLATCH, request, err);
}
