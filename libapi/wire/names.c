/* Names for the numbers in wire.h, for people and for JSON. */
#include "libapi/wire/names.h"

#include <stddef.h>

const char *reason_name(uint32_t reason)
{
    static const char *const names[BTNS_REASONS] = {
        [BTNS_R_NONE] = "",
        [BTNS_R_IDENTITY] = "identity-conflict",
        [BTNS_R_WEAKER] = "weaker-sa",
        [BTNS_R_OVERRIDDEN] = "policy-overridden",
        [BTNS_R_PEER_GONE] = "peer-gone",
        [BTNS_R_MANAGER] = "key-manager-lost",
        [BTNS_R_RULE] = "rule-withdrawn",
        [BTNS_R_CONFLICT] = "latch-conflict",
        [BTNS_R_NO_LATCH] = "latching-refused",
        [BTNS_R_OFF] = "latching-off",
        [BTNS_R_RESTARTED] = "restarted",
        [BTNS_R_RESOURCES] = "no-resources",
        [BTNS_R_UNPROTECTED] = "not-protected",
        [BTNS_R_ENDED] = "ended",
        [BTNS_R_BYPASSED] = "bypassed",
        [BTNS_R_REVOKED] = "key-revoked",
    };
    return reason < BTNS_REASONS ? names[reason] : "?";
}

const char *event_name(uint32_t kind)
{
    static const char *const names[BTNS_EVENTS] = {
        [BTNS_E_WATCHING] = "watching",
        [BTNS_E_LOST] = "events-lost",
        [BTNS_E_CREATED] = "latch-created",
        [BTNS_E_ESTABLISHED] = "latch-established",
        [BTNS_E_BROKEN] = "latch-broken",
        [BTNS_E_RECOVERED] = "latch-recovered",
        [BTNS_E_CLOSED] = "latch-closed",
        [BTNS_E_UNPROTECTED] = "unprotected",
        [BTNS_E_PEER_NEW] = "peer-new",
        [BTNS_E_PEER_REFUSED] = "peer-refused",
        [BTNS_E_RULES] = "rules-reloaded",
        [BTNS_E_RULES_REFUSED] = "rules-refused",
        [BTNS_E_MANAGER_LOST] = "key-manager-lost",
        [BTNS_E_MANAGER_BACK] = "key-manager-back",
        [BTNS_E_RESYNC] = "resync",
    };
    return kind && kind < BTNS_EVENTS ? names[kind] : "?";
}

const char *auth_name(uint32_t auth)
{
    static const char *const names[BTNS_AUTHS] = {
        [BTNS_A_NONE] = "",       [BTNS_A_LEAP] = "leap-of-faith",      [BTNS_A_PINNED] = "pinned",
        [BTNS_A_NAMED] = "named", [BTNS_A_CERTIFICATE] = "certificate",
    };
    return auth < BTNS_AUTHS ? names[auth] : "?";
}

const char *state_name(uint32_t state)
{
    static const char *const names[BTNS_STATES] = {
        [BTNS_S_LISTENER] = "listener",       [BTNS_S_LARVAL] = "larval",
        [BTNS_S_ESTABLISHED] = "established", [BTNS_S_FAILED] = "failed",
        [BTNS_S_UNPROTECTED] = "unprotected", [BTNS_S_CLOSED] = "failed",
    };
    if (state == BTNS_S_LINGERING)
        return "lingering";
    return state && state < BTNS_STATES ? names[state] : "?";
}

const char *state08_name(uint32_t state)
{
    static const char *const names[BTNS_STATES] = {
        [BTNS_S_LISTENER] = "listener",
        [BTNS_S_ESTABLISHED] = "established",
        [BTNS_S_FAILED] = "broken",
        [BTNS_S_CLOSED] = "closed",
    };
    return state < BTNS_STATES ? names[state] : NULL;
}
