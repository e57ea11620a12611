/* Gets btnsd's verdict on a socket and caches the verdict if it may be used again. */
#include "shim/permit.h"

#include "shim/ask.h"
#include "shim/bypass.h"
#include "shim/channel.h"
#include "shim/epoch.h"
#include "shim/flow.h"
#include "shim/outcome.h"
#include "shim/sock.h"
#include "shim/verdicts.h"
#include "shim/warm.h"
#include "shim/why.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum { PATIENCE = 60000 }; /* milliseconds; the time limits of btnsd's rules are shorter */

/*
 * Opens the link before it asks for the page: the page must not be older than the link (epoch.h).
 */
static enum ask_end ask_with_page(struct ask *a, link_name *link)
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
 * Caches the verdict if the link is in the socket's network namespace: btnsd accepts a link's
 * messages for sockets of that namespace only.
 */
static void keep_verdict(int fd, struct cache_entry key, link_name link,
                         const struct btns_verdict_msg *m)
{
    struct verdict v = {link, m->epoch, sock_netns(fd), m->verdict};
    if ((m->flags & BTNS_VF_CACHE) && m->verdict != BTNS_V_DENIED && v.netns &&
        v.netns == link_netns(link) && epoch_holds(link, m->epoch))
        verdict_keep(&key, &v);
}

/*
 * A verdict of bypass takes effect here: the kernel decides whether the program may set the
 * socket's policy.
 */
static int outcome_of_own(int fd, const struct btns_addr *where, int (*own)(int fd),
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

static enum permit decide(int failure, int *error)
{
    *error = failure;
    return failure ? PERMIT_REFUSE : PERMIT_GO;
}

static enum permit later(int unfinished, int *error)
{
    *error = unfinished;
    return PERMIT_LATER;
}

static enum permit ask_connect(int fd, const struct btns_addr *remote, int protocol,
                               enum permit_how how, int *error)
{
    int64_t own_limit = how == PERMIT_WAIT ? sock_timeout(fd) : 0;
    bool own = own_limit > 0 && own_limit < PATIENCE;
    struct ask a = {
        .fd = fd, .limit = own ? own_limit : PATIENCE, .interruptible = how == PERMIT_WAIT};
    link_name link;
    flow_init(&a.flow, BTNS_REQ_CONNECT, protocol, sock_cookie(fd));
    a.flow.remote = *remote;
    if (sock_local(fd, &a.flow.local) && btns_addr_is_any(&a.flow.local))
        a.flow.local = (struct btns_addr){0};
    if (how == PERMIT_NOW)
        a.flow.flags |= BTNS_F_NONBLOCK;
    enum ask_end end = ask_with_page(&a, &link);
    if (end == ASK_INTERRUPTED)
        return later(EINTR, error);
    if (end == ASK_LATE && own)
        return later(EINPROGRESS, error);
    if (end != ASK_ANSWERED)
        return decide(outcome_without(remote, a.why, a.advice), error);
    if (a.reply.flags & BTNS_VF_LARVAL)
        why_watch(a.flow.cookie, remote);
    if (protocol == IPPROTO_TCP)
        keep_verdict(fd, verdict_key_remote(remote), link, &a.reply);
    return decide(outcome_of_own(fd, remote, bypass_set, &a.reply), error);
}

static enum permit permit_cold(int fd, const struct btns_addr *remote, enum permit_how how,
                               int *error)
{
    int protocol = sock_protocol(fd);
    if (!protocol || !sock_idle(fd))
        return PERMIT_GO; /* not TCP, or already connecting: this call opens no connection */
    if (sock_nonblocking(fd))
        how = PERMIT_NOW;
    return ask_connect(fd, remote, protocol, how, error);
}

enum permit permit_connect(int fd, const struct btns_addr *remote, enum permit_how how, int *error)
{
    int failed = why_failed(fd); /* the outcome of a connection that an earlier call began */
    enum permit p = failed ? decide(failed, error) : PERMIT_GO;
    if (!failed && !warm_connect(fd, remote))
        p = permit_cold(fd, remote, how, error);
    return p;
}

enum permit permit_listen(int fd, const struct btns_addr *local, int protocol, int *error)
{
    struct ask a = {.fd = fd, .limit = PATIENCE};
    struct cache_entry key = verdict_key_listener(sock_cookie(fd));
    link_name link;
    flow_init(&a.flow, BTNS_REQ_LISTEN, protocol, sock_cookie(fd));
    a.flow.local = *local;
    enum ask_end end = ask_with_page(&a, &link);
    int failure = end == ASK_ANSWERED ? outcome_of_own(fd, local, bypass_try, &a.reply)
                                      : outcome_without(local, a.why, a.advice);
    if (end == ASK_ANSWERED)
        keep_verdict(fd, key, link, &a.reply);
    return decide(failure, error);
}
