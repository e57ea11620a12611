/* Sends one question about a socket to btnsd and waits for the verdict. */
#include "shim/ask.h"

#include "libapi/wire/passing.h"
#include "shim/channel.h"
#include "shim/interrupt.h"
#include "shim/own_descriptors.h"
#include "shim/patience.h"
#include "shim/raw.h"
#include "shim/settings.h"
#include "shim/socket_pair.h"
#include "shim/wait.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void set_asked_reason(struct ask *a, const char *what, int error)
{
    const char *path = settings()->daemon.sun_path;
    if (error)
        snprintf(a->why, sizeof a->why, "%s (%s: %s)", what, path, strerrordesc_np(error));
    else
        snprintf(a->why, sizeof a->why, "%s (%s)", what, path);
}

/*
 * Sets the reason and the advice for a person when btnsd cannot be reached or the question cannot
 * be sent.
 */
static void explain_asking_failure(struct ask *a, int error, const char *otherwise)
{
    static const struct {
        int error;
        bool other_root; /* applies only after the program's chroot() */
        const char *what, *advice;
    } table[] = {
        {EMFILE, false, "no descriptor is left to ask btnsd with", "raise the limit (ulimit -n)"},
        {ENFILE, false, "no descriptor is left to ask btnsd with", "raise the limit (ulimit -n)"},
        {ETOOMANYREFS, false,
         "more descriptors of this user are on their way between programs than the limit of open "
         "files lets the program add to",
         "raise the limit (ulimit -n)"},
        {EPERM, false, "the process that answers on btnsd's socket is not root", NULL},
        {EUNATCH, false,
         "root, as whom btnsd runs, has no number in the program's user namespace, so nobody can "
         "tell whether btnsd answers",
         "start btns-run outside of that namespace, with --supervise"},
        {EAFNOSUPPORT, false, "the program may make no AF_UNIX socket to ask btnsd with",
         "add AF_UNIX to RestrictAddressFamilies= of its unit"},
        {ENOENT, true,
         "the program has changed its root directory, btnsd's socket is not in it, and no "
         "connection to btnsd is left from before",
         "restart the program, or mount btnsd's directory there (mount --bind)"},
        {ECONNREFUSED, true,
         "the program has changed its root directory, and btnsd does not answer on the socket in "
         "it",
         "mount btnsd's directory there (mount --bind)"},
        {ENOENT, false, "btnsd is not running", "start it (systemctl start btnsd)"},
        {ECONNREFUSED, false, "btnsd is not running", "start it (systemctl start btnsd)"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].error != error || (table[i].other_root && !settings_other_root()))
            continue;
        set_asked_reason(a, table[i].what, error == EPERM || error == EUNATCH ? 0 : error);
        a->advice = table[i].advice ? table[i].advice : a->advice;
        return;
    }
    set_asked_reason(a, otherwise, error);
}

static bool is_ask_interrupted(const struct ask *a)
{
    return a->interruptible && interrupt_ends_connect(a->limited);
}

/* A message with a descriptor: the question, or a channel's other end. */
struct handover {
    const struct ask *ask;
    struct patience *patience;
    int fd;
    const struct msghdr *msg;
};

static long pause_asking_handover(void *arg)
{
    const struct handover *h = arg;
    long rc = patience_pause(h->patience, PASS_AGAIN_MS);
    return rc == -EINTR && !is_ask_interrupted(h->ask) ? 0 : rc;
}

static long open_asking_handover(void *arg)
{
    (void)arg;
    return socket_pair_open();
}

static int open_asking_channel(struct ask *a, struct patience *p)
{
    static const char unknown[] = "btnsd cannot be reached";
    int fd = channel_open(p);
    bool full = fd == -EMFILE || fd == -ENFILE;
    if (fd >= 0 || full || fd == -EINTR) {
        if (full)
            explain_asking_failure(a, -fd, unknown);
        return fd;
    }
    struct handover h = {.ask = a, .patience = p};
    int own =
        (int)pass_when_allowed(&(struct passing){open_asking_handover, pause_asking_handover, &h});
    bool told = own == -EMFILE || own == -ETOOMANYREFS;
    if (own < 0)
        explain_asking_failure(a, told ? -own : -fd, unknown);
    return own >= 0 || own == -EMFILE || own == -EINTR ? own : fd;
}

static void attach_asked_descriptor(struct msghdr *msg, struct cmsghdr *c, int fd)
{
    *c = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    msg->msg_control = c;
    msg->msg_controllen = CMSG_SPACE(sizeof fd);
}

static long send_question_once(void *arg)
{
    const struct handover *h = arg;
    return RAW(sendmsg, h->fd, h->msg, MSG_NOSIGNAL);
}

static long ask_with_descriptor(int fd, struct ask *a, struct patience *p)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {&a->flow, sizeof a->flow};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (a->fd >= 0)
        attach_asked_descriptor(&msg, &control.align, a->fd);
    struct handover h = {a, p, fd, &msg};
    return pass_when_allowed(&(struct passing){send_question_once, pause_asking_handover, &h});
}

/* Keeps the first descriptor of a message and closes the others. */
static void take_answers_descriptors(struct msghdr *msg, int *page)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
            if (*page < 0)
                *page = fd;
            else
                channel_close(fd);
        }
    }
}

static bool is_asked_answer(const struct ask *a, long len)
{
    const struct btns_verdict_msg *r = &a->reply;
    return len == (long)sizeof *r && r->hdr.version == BTNS_WIRE_VERSION &&
           r->hdr.type == BTNS_REP_VERDICT && r->hdr.id == a->flow.hdr.id &&
           r->cookie == a->flow.cookie && r->verdict >= BTNS_V_CLEAR && r->verdict <= BTNS_V_DENIED;
}

static enum ask_end receive_asked_answer(int fd, struct ask *a)
{
    union {
        char bytes[CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control;
    char excess; /* filled only by a message that is too long */
    struct iovec iov[] = {{&a->reply, sizeof a->reply}, {&excess, 1}};
    struct msghdr msg = {
        .msg_iov = iov, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof control};
    long len = RAW(recvmsg, fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (len >= 0)
        take_answers_descriptors(&msg, &a->page);
    a->reply.text[sizeof a->reply.text - 1] = '\0';
    if (is_asked_answer(a, len))
        return ASK_ANSWERED;
    if (len == -EAGAIN)
        return ASK_LATE;
    if (len > 0)
        set_asked_reason(a, "btnsd gave an answer that makes no sense: is it of another version?",
                         0);
    else
        set_asked_reason(a, "btnsd went away without an answer", 0);
    return ASK_AWAY;
}

enum ask_end ask_again(struct ask *a, int channel)
{
    a->page = -1;
    enum ask_end end = receive_asked_answer(channel, a);
    if (a->page >= 0)
        channel_close(a->page);
    return end;
}

/*
 * Further results of one attempt, which callers of ask() never see. ASK_ANEW: the program closed
 * the channel during the question; ask again. ASK_FULL: the program has no descriptor left.
 */
enum { ASK_ANEW = ASK_GIVEN_UP + 1, ASK_FULL, ATTEMPTS = 3 };

static int wait_for_asked_answer(int fd, struct ask *a, struct patience *p)
{
    for (;;) {
        long rc = patience_wait(p, fd);
        if (rc == -EINTR && !is_ask_interrupted(a))
            continue;
        if (rc == -EINTR)
            return ASK_INTERRUPTED;
        if (!wait_has_channel())
            return ASK_ANEW;
        if (rc > 0)
            return receive_asked_answer(fd, a);
        if (rc == -ETIME)
            break;
        set_asked_reason(a, "waiting for btnsd failed", (int)-rc);
        return ASK_AWAY;
    }
    set_asked_reason(a, "btnsd did not answer in time", 0);
    return ASK_LATE;
}

static int ask_once(struct ask *a, struct patience *p)
{
    int end = ASK_AWAY, fd;
    do
        fd = open_asking_channel(a, p);
    while (fd == -EINTR && !is_ask_interrupted(a));
    if (fd == -EMFILE)
        return ASK_FULL;
    a->unasked = fd < 0 && fd != -EINTR;
    if (fd < 0)
        return fd == -EINTR ? ASK_INTERRUPTED : ASK_AWAY;
    struct wait before =
        wait_begin(a->fd < 0 ? 0 : a->flow.cookie, fd, (uintptr_t)__builtin_frame_address(0));
    long rc = ask_with_descriptor(fd, a, p);
    if (rc == (long)sizeof a->flow)
        end = wait_for_asked_answer(fd, a, p);
    else if (rc == -EINTR)
        end = ASK_INTERRUPTED;
    else
        explain_asking_failure(a, (int)-rc, "btnsd cannot be asked");
    bool keep = end == ASK_ANSWERED && (a->reply.flags & BTNS_VF_LARVAL);
    a->error = wait_end(before, keep);
    a->channel = keep && !a->error ? fd : -1;
    return a->error ? ASK_GIVEN_UP : end;
}

/*
 * When btnsd last did not answer a call that must not block (patience_seconds()); 0: it has
 * answered one since. Meanwhile such a call waits a tenth of its limit, and a tenth more for each
 * second since then. So a btnsd that hangs stops an event loop for about a tenth of its time, and
 * one that is only slow is not given up for good.
 */
static uint64_t late;
enum { TENTHS = 10 };

static int64_t limit_doubtful_ask(int64_t limit, uint64_t since)
{
    uint64_t now = patience_seconds(), tenths = now - since + 1;
    return now >= since && tenths < TENTHS ? limit * (int64_t)tenths / TENTHS : limit;
}

static int ask_often(struct ask *a, struct patience *p)
{
    int end, left = ATTEMPTS;
    do
        end = ask_once(a, p);
    while (end == ASK_ANEW && --left > 0);
    return end;
}

struct question {
    struct ask *ask;
    struct patience *patience;
    int end;
};

static void ask_apart(void *arg)
{
    struct question *q = arg;
    q->end = ask_often(q->ask, q->patience);
}

/*
 * Asks from a thread with its own descriptor table (own_descriptors.c), so neither the epoch page
 * nor the channel for the outcome can be kept.
 */
static int ask_without_room(struct ask *a, struct patience *p)
{
    struct question q = {a, p, ASK_FULL};
    a->flow.flags &= ~BTNS_F_PAGE;
    a->interruptible = p->cancellable = false;
    own_descriptors_run(a->fd, ask_apart, &q);
    a->channel = -1;
    return q.end;
}

static enum ask_end ask_until(struct ask *a, struct patience *p)
{
    int end = ask_often(a, p);
    if (end == ASK_FULL)
        end = ask_without_room(a, p);
    if (end == ASK_ANEW)
        set_asked_reason(a, "the program closed the connection to btnsd", 0);
    return end == ASK_ANEW || end == ASK_FULL ? ASK_AWAY : (enum ask_end)end;
}

enum ask_end ask(struct ask *a)
{
    bool soon = a->limit == ASK_SOON;
    int64_t limit = soon ? settings()->soon : a->limit;
    uint64_t since = soon ? __atomic_load_n(&late, __ATOMIC_RELAXED) : 0;
    struct patience p = patience(since ? limit_doubtful_ask(limit, since) : limit, a->cancellable);
    a->page = a->channel = -1;
    a->advice = "find out what is wrong with it (systemctl status btnsd)";
    a->doubted = since != 0;
    enum ask_end end = ask_until(a, &p);
    if (end == ASK_LATE && soon)
        a->advice =
            "find out what is wrong with it (systemctl status btnsd), or, on a slow machine, "
            "set BTNS_WAIT (btns-shim(7))";
    a->left = p.left / 1000000;
    if (end == ASK_ANSWERED || (end == ASK_LATE && soon))
        __atomic_store_n(&late, end == ASK_LATE ? patience_seconds() : 0, __ATOMIC_RELAXED);
    return end;
}
