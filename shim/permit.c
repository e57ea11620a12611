/* Gets btnsd's verdict on a socket and caches the verdict if it may be used again. */
#include "shim/permit.h"

#include "libapi/wire/protocol.h"
#include "shim/ask.h"
#include "shim/bypass.h"
#include "shim/channel.h"
#include "shim/epoch.h"
#include "shim/flow.h"
#include "shim/kept_source.h"
#include "shim/known.h"
#include "shim/mark.h"
#include "shim/outcome.h"
#include "shim/pending.h"
#include "shim/prctl.h"
#include "shim/ring.h"
#include "shim/settings.h"
#include "shim/sock.h"
#include "shim/verdicts.h"
#include "shim/warm.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum { PATIENCE = 60000 }; /* milliseconds; the time limits of btnsd's rules are shorter */

/*
 * Opens the link before it asks for the page: the page must not be older than the link (epoch.h).
 */
static enum ask_end permit_ask_with_page(struct ask *a, link_name *link)
{
    *link = link_get(false);
    if (*link && !epoch_known(*link))
        a->flow.flags |= BTNS_F_PAGE;
    enum ask_end end = ask(a);
    if (a->page >= 0) {
        if (end == ASK_ANSWERED)
            epoch_map(*link, a->page);
        channel_close(a->page);
    }
    return end;
}

/*
 * Every question about one of the program's sockets passes through here. While btnsd answers,
 * another thread may close the socket, and the number may get another file: then the call fails
 * with EBADF.
 */
static enum ask_end permit_ask(struct ask *a, link_name *link)
{
    enum ask_end end = permit_ask_with_page(a, link);
    if (sock_cookie(a->fd) == a->flow.cookie)
        return end;
    if (a->channel >= 0)
        channel_close(a->channel);
    a->channel = -1;
    a->error = EBADF;
    return ASK_GIVEN_UP;
}

/*
 * Caches the verdict if the link is in the socket's network namespace: btnsd accepts a link's
 * messages for sockets of that namespace only.
 */
static void keep_permit_for_namespace(int fd, struct cache_key key, link_name link,
                                      const struct btns_verdict_msg *m)
{
    struct verdict v = {link, m->epoch, sock_netns(fd), m->verdict};
    if ((m->flags & BTNS_VF_CACHE) && m->verdict != BTNS_V_DENIED && v.netns &&
        v.netns == link_netns(link) && epoch_holds(link, m->epoch)) {
        verdict_keep(&key, &v);
        if (m->verdict != BTNS_V_CLEAR && !prctl_sandbox_entered())
            ring_offer(link);
    }
}

/*
 * The verdict is bypass: own() sets the bypass policy on the socket, or fails if the kernel does
 * not permit it.
 */
static int permit_by_own_policy(int fd, const struct btns_addr *where, int (*own)(int fd),
                                struct btns_verdict_msg *m)
{
    int rc = m->flags & BTNS_VF_OWN_POLICY && m->verdict != BTNS_V_DENIED ? own(fd) : 0;
    if (rc) {
        m->verdict = BTNS_V_DENIED;
        m->error = (uint32_t)-rc;
        strcpy(m->text, "--bypass needs root or CAP_NET_ADMIN (latching -02, section 3)");
    }
    return outcome_of_verdict(where, m);
}

static enum permit permit_unless_failed(int failure, int *error)
{
    *error = failure;
    return failure ? PERMIT_REFUSE : PERMIT_GO;
}

static enum permit permit_later(int unfinished, int *error)
{
    *error = unfinished;
    return PERMIT_LATER;
}

static enum permit permit_within(int64_t milliseconds, int *error)
{
    *error = milliseconds > 0 ? (int)milliseconds : 1;
    return PERMIT_WITHIN;
}

static void fill_permit_question(struct ask *a, const struct btns_addr *remote, int protocol,
                                 enum permit_how how)
{
    flow_init(&a->flow, BTNS_REQ_CONNECT, protocol, sock_cookie(a->fd));
    a->flow.remote = *remote;
    a->flow.fd_plus_1 = a->fd < UINT16_MAX ? (uint16_t)(a->fd + 1) : 0;
    if (sock_local(a->fd, &a->flow.local) && btns_addr_is_any(&a->flow.local))
        a->flow.local = (struct btns_addr){0};
    if (how == PERMIT_NOW)
        a->flow.flags |= BTNS_F_NONBLOCK;
}

/*
 * A program in a sandbox cannot ask btnsd (the socket's path is missing, or in its user namespace
 * nobody can tell who answers). If there is a supervisor, the call goes on without the mark, so
 * that the supervisor asks from outside the sandbox.
 */
static enum permit permit_without_answer(const struct ask *a, enum ask_end end,
                                         const struct btns_addr *where, int *error)
{
    if (end == ASK_AWAY && a->unasked && mark_is_drawn()) {
        *error = ENETDOWN;
        return PERMIT_OTHER;
    }
    return permit_unless_failed(outcome_without(where, a->why, a->advice), error);
}

static enum permit ask_connect_permit(int fd, const struct btns_addr *remote, int protocol,
                                      enum permit_how how, int *error)
{
    int64_t limit = how == PERMIT_NOW ? ASK_SOON : PATIENCE;
    int64_t own = how == PERMIT_WAIT ? sock_timeout(fd) : 0;
    struct ask a = {.fd = fd,
                    .limit = own && own < limit ? own : limit,
                    .interruptible = how == PERMIT_WAIT,
                    .limited = own,
                    .cancellable = true};
    link_name link;
    fill_permit_question(&a, remote, protocol, how);
    enum ask_end end = permit_ask(&a, &link);
    if (end == ASK_GIVEN_UP)
        return permit_unless_failed(a.error, error);
    if (end == ASK_INTERRUPTED)
        return permit_later(EINTR, error);
    if (end == ASK_LATE && own && own < limit)
        return permit_later(EINPROGRESS, error);
    if (end != ASK_ANSWERED)
        return permit_without_answer(&a, end, remote, error);
    if (a.channel >= 0)
        pending_watch(fd, &a.flow, a.channel);
    if (protocol_known(protocol))
        keep_permit_for_namespace(fd, verdict_key_remote(protocol, remote), link, &a.reply);
    int failure = permit_by_own_policy(fd, remote, bypass_set, &a.reply);
    return own && !failure ? permit_within(a.left, error) : permit_unless_failed(failure, error);
}

/*
 * Under --require, the supervisor judges datagrams to port 53 that nothing protects: a program must
 * be able to look up the addresses of the hosts that it talks to. Without a supervisor such a
 * datagram is refused, because nobody would check that it goes to a name server of resolv.conf.
 */
static bool is_permit_left_to_supervisor(const struct ask *a)
{
    return mark_is_drawn() && settings()->flags & BTNS_F_REQUIRE && a->flow.remote.port == 53;
}

/*
 * Caches the verdict for this socket only: btnsd keeps the guard for as long as the socket is open.
 */
static void keep_permit_for_socket(const struct ask *a, uint32_t name, link_name link)
{
    struct cache_key key;
    const struct btns_verdict_msg *m = &a->reply;
    struct verdict v = {link, m->epoch, sock_netns(a->fd), m->verdict};
    bool may = (m->flags & BTNS_VF_CACHE) && m->verdict != BTNS_V_DENIED &&
               m->verdict != BTNS_V_UNPROTECTED && v.netns && v.netns == link_netns(link);
    if (may && name && known_datagrams(a->fd) == name && epoch_holds(link, m->epoch) &&
        verdict_key_datagram(&key, name, &a->flow.remote))
        verdict_keep(&key, &v);
}

/* A call that connects a datagram socket or sends from it. */
struct datagram_call {
    bool sends;
    uint32_t name; /* the socket's name (known.h), for cached verdicts; 0: none */
    int flags;     /* MSG_DONTWAIT: the call must not block, even if the socket is blocking */
};

/*
 * btnsd answers questions about datagrams at once, because the kernel holds the datagrams. If btnsd
 * is busy, a call that may block waits as connect() does, within the socket's own time limit.
 */
static struct ask permit_question_of_datagrams(int fd, const struct datagram_call *call)
{
    bool waits = !(call->flags & MSG_DONTWAIT) && !sock_nonblocking(fd);
    int64_t own = waits ? sock_timeout(fd) : 0;
    return (struct ask){.fd = fd,
                        .limit = !waits                  ? ASK_SOON
                                 : own && own < PATIENCE ? own
                                                         : PATIENCE,
                        .interruptible = waits,
                        .limited = own,
                        .cancellable = true};
}

/* A program that must not wait tries again; the second time it learns that btnsd hangs. */
static bool is_permit_merely_late(const struct ask *a, const struct btns_addr *remote)
{
    return a->limit == ASK_SOON && !a->doubted && !outcome_goes_on(remote);
}

static enum permit ask_datagram_permit(int fd, const struct btns_addr *remote,
                                       const struct datagram_call *call, int *error)
{
    struct ask a = permit_question_of_datagrams(fd, call);
    link_name link;
    if (call->sends && call->name)
        source_keep(fd, call->name);
    fill_permit_question(&a, remote, IPPROTO_UDP, PERMIT_NOW);
    if (call->sends)
        a.flow.flags |= BTNS_F_SENDS;
    bool left = is_permit_left_to_supervisor(&a);
    if (left)
        a.flow.flags &= ~BTNS_F_REQUIRE;
    enum ask_end end = permit_ask(&a, &link);
    if (end == ASK_GIVEN_UP)
        return permit_unless_failed(a.error, error);
    if (end == ASK_INTERRUPTED)
        return permit_unless_failed(EINTR, error);
    if (end == ASK_LATE && call->sends && (a.limited || is_permit_merely_late(&a, remote)))
        return permit_unless_failed(EAGAIN, error); /* as where the socket's buffer is full */
    if (end != ASK_ANSWERED)
        return left ? PERMIT_OTHER : permit_without_answer(&a, end, remote, error);
    if (a.channel >= 0 && call->sends)
        channel_close(a.channel);
    else if (a.channel >= 0)
        pending_watch(fd, &a.flow, a.channel);
    if (call->sends)
        keep_permit_for_socket(&a, call->name, link);
    int failure = outcome_of_verdict(remote, &a.reply);
    if (!failure && left && a.reply.verdict != BTNS_V_PROTECTED)
        return PERMIT_OTHER;
    return permit_unless_failed(failure, error);
}

/*
 * The name under which the socket's verdicts are cached (known.h); 0: none. *others is set if fd is
 * no datagram socket.
 */
static uint32_t permit_name_of_datagrams(int fd, bool *others)
{
    uint32_t name = known_datagrams(fd);
    uint64_t mark = known_mark(fd);
    *others = !name && (known_is_other(fd) || !protocol_is_datagrams(sock_protocol(fd)));
    if (name || *others)
        return name;
    known_has_datagrams(fd, mark);
    return known_datagrams(fd);
}

enum permit permit_send(int fd, const struct btns_addr *remote, int flags, int *error)
{
    bool others;
    uint32_t name = permit_name_of_datagrams(fd, &others);
    if (others)
        return PERMIT_OTHER;
    if (name && known_is_shared(fd) && !source_is_kept(fd, name)) {
        known_moved(fd); /* the cached verdicts are for another source address */
        name = known_datagrams(fd);
    }
    const struct datagram_call call = {.sends = true, .name = name, .flags = flags};
    return warm_send(name, remote) ? PERMIT_GO : ask_datagram_permit(fd, remote, &call, error);
}

static enum permit permit_cold(int fd, const struct btns_addr *remote, enum permit_how how,
                               int *error)
{
    int protocol = sock_protocol(fd);
    if (!protocol)
        return PERMIT_OTHER;
    if (protocol_is_datagrams(protocol))
        return ask_datagram_permit(
            fd, remote, &(struct datagram_call){.flags = how == PERMIT_NOW ? MSG_DONTWAIT : 0},
            error);
    if (!sock_idle(fd))
        return PERMIT_GO; /* already connecting: this call opens no connection */
    if (sock_nonblocking(fd))
        how = PERMIT_NOW;
    return ask_connect_permit(fd, remote, protocol, how, error);
}

bool permit_is_supervisors(void)
{
    return mark_is_drawn() && !link_get(false);
}

enum permit permit_connect(int fd, const struct btns_addr *remote, enum permit_how how, int *error)
{
    int failed = pending_failed(fd); /* the outcome of a connection that an earlier call began */
    enum permit p = failed ? permit_unless_failed(failed, error) : PERMIT_GO;
    if (!failed && !warm_connect(fd, remote))
        p = permit_cold(fd, remote, how, error);
    return p;
}

enum permit permit_listen(int fd, const struct btns_addr *local, int protocol, int *error)
{
    struct ask a = {.fd = fd, .limit = ASK_SOON};
    struct cache_key key = verdict_key_listener(sock_cookie(fd));
    link_name link;
    flow_init(&a.flow, BTNS_REQ_LISTEN, protocol, sock_cookie(fd));
    a.flow.local = *local;
    enum ask_end end = permit_ask(&a, &link);
    if (end == ASK_GIVEN_UP)
        return permit_unless_failed(a.error, error);
    if (end != ASK_ANSWERED)
        return permit_without_answer(&a, end, local, error);
    keep_permit_for_namespace(fd, key, link, &a.reply);
    return permit_unless_failed(permit_by_own_policy(fd, local, bypass_try, &a.reply), error);
}

enum permit permit_accepted(int fd, const struct btns_addr *local, const struct btns_addr *remote,
                            int protocol, int *error)
{
    struct ask a = {.fd = fd, .limit = ASK_SOON};
    link_name link;
    flow_init(&a.flow, BTNS_REQ_ACCEPTED, protocol, sock_cookie(fd));
    a.flow.local = *local;
    a.flow.remote = *remote;
    enum ask_end end = permit_ask(&a, &link);
    return permit_unless_failed(end == ASK_ANSWERED   ? outcome_of_verdict(remote, &a.reply)
                                : end == ASK_GIVEN_UP ? a.error
                                                      : outcome_without(remote, a.why, a.advice),
                                error);
}
