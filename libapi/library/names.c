/* Names for the API's numbers, and the library's version. */
#include "libapi/wire/names.h"
#include "libapi/library/object.h"

EXPORT uint32_t ipsec_api_version(void)
{
    return IPSEC_API_VERSION;
}

EXPORT const char *ipsec_reason_name(uint32_t reason)
{
    return reason_name(reason);
}

EXPORT const char *ipsec_state_name(uint32_t state)
{
    static const char *const names[] = {
        [IPSEC_STATE_LISTENER] = "LISTENER",
        [IPSEC_STATE_LARVAL] = "LARVAL",
        [IPSEC_STATE_ESTABLISHED] = "ESTABLISHED",
        [IPSEC_STATE_BROKEN] = "BROKEN",
        [IPSEC_STATE_CLEAR] = "CLEAR",
        [IPSEC_STATE_CLOSED] = "CLOSED",
    };
    return state && state < sizeof names / sizeof *names ? names[state] : "?";
}

EXPORT const char *ipsec_auth_name(uint32_t auth)
{
    static const char *const names[] = {
        [IPSEC_AUTH_NONE] = "none",
        [IPSEC_AUTH_BTNS] = "first contact",
        [IPSEC_AUTH_LEAP_OF_FAITH] = "leap of faith",
        [IPSEC_AUTH_PRESHARED_KEY] = "pre-shared key",
        [IPSEC_AUTH_GROUP_KEY] = "group key",
        [IPSEC_AUTH_XAUTH] = "XAUTH",
        [IPSEC_AUTH_EAP] = "EAP",
        [IPSEC_AUTH_PKIX_TRUSTED] = "certificate",
        [IPSEC_AUTH_PKIX_INLINE] = "certificate, inline",
        [IPSEC_AUTH_PKIX_OFFLINE] = "certificate, offline",
    };
    if (auth == IPSEC_AUTH_PINNED_KEY)
        return "pinned key";
    if (auth == IPSEC_AUTH_TLS_BOUND)
        return "bound to TLS";
    return auth < sizeof names / sizeof *names ? names[auth] : "?";
}
