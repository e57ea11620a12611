/* Why btnsd has refused a socket's last connect() or listen(), for libbtns to tell its program. */
#ifndef BTNS_STATE_REFUSED_SOCKETS_H
#define BTNS_STATE_REFUSED_SOCKETS_H

#include <stdint.h>

#define REFUSED_SOCKETS 256 /* a power of two; a later refusal may take an older one's place */

struct refused_sockets {
    struct refused_socket {
        uint64_t cookie;
        const char *why; /* text of intern_set() */
    } item[REFUSED_SOCKETS];
};

/* why NULL: the socket's last request was not refused. */
void refused_socket_set(struct refused_sockets *f, uint64_t cookie, const char *why);
/* NULL: the socket was not refused, or the reason is forgotten. */
const char *refused_socket_find(const struct refused_sockets *f, uint64_t cookie);
void refused_sockets_free(struct refused_sockets *f);

#endif
