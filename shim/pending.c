/* Closes the descriptor of a wait that the program left by longjmp(), per thread. */
#include "shim/pending.h"

#include "shim/channel.h"
#include "shim/sock.h"

#include <signal.h>

static __thread struct pending now __attribute__((tls_model("initial-exec"))) = {.fd = -1};

static bool on_own_stack(void)
{
    stack_t alternate;
    return sigaltstack(NULL, &alternate) < 0 || !(alternate.ss_flags & SS_ONSTACK);
}

/*
 * Was the earlier wait left by longjmp()? A wait that is still in progress has its frame above this
 * one, unless the handler runs on a stack of its own.
 */
static bool abandoned(const struct pending *p, uintptr_t frame)
{
    return p->fd >= 0 && frame >= p->frame && on_own_stack();
}

struct pending pending_begin(int fd, uintptr_t frame)
{
    struct pending before = now;
    if (abandoned(&before, frame)) {
        if (sock_cookie(before.fd) == before.cookie)
            channel_close(before.fd);
        before.fd = -1;
    }
    now = (struct pending){fd, sock_cookie(fd), frame};
    return before;
}

void pending_end(struct pending before)
{
    now = before;
}
