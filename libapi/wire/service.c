/* A service at an address, named by transport protocol and port. */
#include "libapi/wire/service.h"

bool service_same(struct service a, struct service b)
{
    return a.protocol == b.protocol && a.port == b.port;
}

bool service_is_ike(struct service s)
{
    return s.protocol == IPPROTO_UDP && (s.port == IKE_PORT || s.port == IKE_NAT_PORT);
}
