/* Remembers why btnsd refused a socket's last connect() or listen(), for libbtns. */
#include "btnsd/state/refused_sockets.h"

#include "btnsd/base/intern.h"

#include <stddef.h>

static struct refused_socket *refused_socket_slot(const struct refused_sockets *f, uint64_t cookie)
{
    return (struct refused_socket *)&f->item[cookie & (REFUSED_SOCKETS - 1)];
}

void refused_socket_set(struct refused_sockets *f, uint64_t cookie, const char *why)
{
    struct refused_socket *s = refused_socket_slot(f, cookie);
    if (!cookie || (!why && s->cookie != cookie))
        return;
    s->cookie = why ? cookie : 0;
    intern_set(&s->why, why);
}

const char *refused_socket_find(const struct refused_sockets *f, uint64_t cookie)
{
    const struct refused_socket *s = refused_socket_slot(f, cookie);
    return cookie && s->cookie == cookie ? s->why : NULL;
}

void refused_sockets_free(struct refused_sockets *f)
{
    for (struct refused_socket *s = f->item; s < f->item + REFUSED_SOCKETS; s++) {
        s->cookie = 0;
        intern_set(&s->why, NULL);
    }
}
