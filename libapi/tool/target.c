/* Parses HOST:PORT as a person writes it and looks up the addresses. */
#include "libapi/tool/target.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

#define HOST_MAX 256

/* Splits at the last colon. An IPv6 address must be in brackets, because it contains colons. */
static int split_target(const char *text, char host[HOST_MAX], const char **port)
{
    const char *from = text, *colon = strrchr(text, ':'), *to = colon;
    if (!colon || !colon[1])
        return -EINVAL;
    if (*text == '[') {
        from = text + 1;
        to = colon - 1;
        if (to < from || *to != ']')
            return -EINVAL;
    } else if (memchr(text, ':', (size_t)(colon - text))) {
        return -EINVAL;
    }
    if (to == from || (size_t)(to - from) >= HOST_MAX)
        return -EINVAL;
    memcpy(host, from, (size_t)(to - from));
    host[to - from] = '\0';
    *port = colon + 1;
    return 0;
}

static bool target_already_in(const struct btns_addr *list, size_t n, const struct btns_addr *a)
{
    for (size_t i = 0; i < n; i++)
        if (btns_addr_equal(&list[i], a))
            return true;
    return false;
}

int target_parse(const char *text, struct btns_addr out[TARGET_MAX], size_t *n, struct err *err)
{
    char host[HOST_MAX];
    const char *port;
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

    *n = 0;
    if (split_target(text, host, &port)) {
        err_set(err, "'%s' is no HOST:PORT (an IPv6 address wants brackets: [fd00::1]:80)", text);
        return -EINVAL;
    }
    int gai = getaddrinfo(host, port, &hints, &found);
    if (gai) {
        err_set(err, "'%s': %s", text, gai_strerror(gai));
        return gai == EAI_SERVICE ? -EINVAL : -ENOENT;
    }
    for (const struct addrinfo *ai = found; ai && *n < TARGET_MAX; ai = ai->ai_next) {
        struct btns_addr a;
        if (btns_addr_from_sa(&a, ai->ai_addr, ai->ai_addrlen) && !target_already_in(out, *n, &a))
            out[(*n)++] = a;
    }
    freeaddrinfo(found);
    if (*n && out[0].port)
        return 0;
    err_set(err, "'%s': no such address and port", text);
    return -EINVAL;
}
