/* Describes a request in words: command, service, user and outcome (RFC 3838, section 5.3). */
#include "btnsd/ctl/about.h"

#include "libapi/tool/text.h"

#include <stdio.h>
#include <string.h>

/* The name of a request: its command, or the call that the shim makes. */
static const char *const requests[BTNS_REQ_LAST + 1] = {
    [BTNS_REQ_CONNECT] = "connect",
    [BTNS_REQ_LISTEN] = "listen",
    [BTNS_REQ_CONNECT_FAILURE] = "why",
    [BTNS_REQ_EXPLAIN] = "explain",
    [BTNS_REQ_POLICY] = "policy",
    [BTNS_REQ_STATUS] = "status",
    [BTNS_REQ_LATCHES] = "latches",
    [BTNS_REQ_PEERS] = "peers",
    [BTNS_REQ_RELOAD] = "reload",
    [BTNS_REQ_FORGET] = "forget",
    [BTNS_REQ_CANDIDATES] = "explain",
    [BTNS_REQ_WATCH] = "watch",
    [BTNS_REQ_TRY] = "verify",
    [BTNS_REQ_NOLATCH] = "nolatch",
    [BTNS_REQ_POLICY_ADD] = "policy add",
    [BTNS_REQ_POLICY_REMOVE] = "policy remove",
    [BTNS_REQ_POLICY_BLOCK] = "policy block",
    [BTNS_REQ_POLICY_LIST] = "policy list",
    [BTNS_REQ_PIN] = "peers pin",
    [BTNS_REQ_IMPORT] = "peers import",
    [BTNS_REQ_KEYSCAN] = "keyscan",
    [BTNS_REQ_ROTATE] = "key rotate",
    [BTNS_REQ_SPEAK] = "speak",
};

static const struct {
    const char *name, *words;
} outcomes[BTNS_OUTCOMES] = {
    [BTNS_O_DONE] = {"done", "done"},
    [BTNS_O_UNKNOWN] = {"unknown", "service unknown"},
    [BTNS_O_DENIED] = {"denied", "denied by policy"},
    [BTNS_O_FAILED] = {"failed", "failed"},
};

static const char *about_request_name(const struct btns_about *about)
{
    const char *name = about->request <= BTNS_REQ_LAST ? requests[about->request] : NULL;
    return name ? name : "request";
}

void about_json(struct json *j, const struct btns_about *about)
{
    unsigned outcome = about->outcome < BTNS_OUTCOMES ? about->outcome : 0;
    json_number(j, "requestor", about->requestor);
    json_string(j, "request", about_request_name(about));
    json_string_or_null(j, "service", about->service);
    json_string(j, "outcome", outcomes[outcome].name);
}

const char *about_line(const struct btns_about *about, char buf[ABOUT_LINE])
{
    unsigned outcome = about->outcome < BTNS_OUTCOMES ? about->outcome : 0;
    char clean[4 * BTNS_SERVICE_MAX + 32];
    text_clean(clean, sizeof clean, about->service);
    snprintf(buf, ABOUT_LINE, "%s%s%.300s for user %u: %s", about_request_name(about),
             *clean ? " of " : "", clean, about->requestor,
             outcome ? outcomes[outcome].words : "?");
    return buf;
}

void about_refusal(const struct btns_about *about, struct err *err)
{
    char line[ABOUT_LINE];
    struct err reason = *err;
    if (!about->outcome || about->outcome == BTNS_O_DONE)
        return;
    err_set(err, "%s: %s", about_line(about, line), reason.text);
}
