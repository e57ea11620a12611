/* Checks, before any handler runs, that a request comes from a sender who may make it. Pure. */
#include "btnsd/requests/gate.h"

#include <errno.h>
#include <stddef.h>

static enum gate gate_place(enum netns n)
{
    switch (n) {
    case NETNS_OURS:
        return GATE_PASS;
    case NETNS_OTHER:
        return GATE_ELSEWHERE;
    case NETNS_UNKNOWN:
        break;
    }
    return GATE_UNKNOWABLE;
}

/* A privileged program can be tricked into writing another user's message to its descriptor. */
bool gate_is_root(uid_t sender, uid_t opener)
{
    return !sender && !opener;
}

enum gate gate_decide(unsigned needs, const struct gate_facts *f)
{
    if (!(needs & (GATE_SOCKET | GATE_MEMORY | GATE_PROCESS | GATE_CHANNEL)) != !f->attached)
        return GATE_CLOSE;
    if (f->shared && !(needs & GATE_SHARED))
        return GATE_CLOSE;
    if ((needs & GATE_OPENER) && f->sender != f->opener)
        return GATE_CLOSE;
    if ((needs & GATE_ROOT) && !gate_is_root(f->sender, f->opener))
        return GATE_ROOT_ONLY;
    if ((f->spoken || (needs & GATE_PROCESS)) && f->kin != KIN_DESCENDANT)
        return f->kin == KIN_NONE ? GATE_STRANGER : GATE_NO_PROCESS;
    if ((needs & GATE_SOCKET) && !f->is_socket)
        return GATE_NO_SOCKET;
    enum gate g = needs & GATE_SOCKET ? gate_place(f->socket) : GATE_PASS;
    return g == GATE_PASS && (needs & GATE_HERE) ? gate_place(f->client) : g;
}

const char *gate_text(enum gate g, int *error)
{
    static const struct {
        int error;
        const char *text;
    } said[] = {
        [GATE_ROOT_ONLY] = {EPERM, "only root may do this"},
        [GATE_NO_SOCKET] = {ENOTSOCK, "what was passed is no socket"},
        [GATE_ELSEWHERE] = {ENETDOWN,
                            "btnsd of another network namespace: it cannot protect what is sent "
                            "from this one. Start a btnsd in this namespace, with a /run/btns of "
                            "its own"},
        [GATE_UNKNOWABLE] = {ENETDOWN,
                             "this kernel does not tell of which network namespace the socket is, "
                             "so it is not taken for one of btnsd's own"},
        [GATE_NO_PROCESS] = {ESRCH, "what was passed is no process, or the process has ended"},
        [GATE_STRANGER] = {EPERM, "a program may ask in the name of a process below it that has "
                                  "the same user and group and no privilege, and of no other"},
    };
    *error = said[g].error;
    return said[g].text;
}
