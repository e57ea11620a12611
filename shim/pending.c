/*
 * A non-blocking connect() returns before btnsd knows whether there will be protection. btnsd sends
 * the outcome on the connection that carried the question, before it disconnects the socket: so the
 * outcome is there when the program asks by SO_ERROR, a second connect() or close(). If that
 * connection is closed, btnsd knows that the program has given up.
 */
#include "shim/pending.h"

#include "shim/ask.h"
#include "shim/channel.h"
#include "shim/flow.h"
#include "shim/outcome.h"
#include "shim/raw.h"
#include "shim/sock.h"

#include <netinet/in.h>
#include <poll.h>
#include <time.h>

/*
 * Each entry holds a descriptor. If more connections are pending, nobody is told why the others
 * failed.
 */
enum { WATCHED = 64 };

enum state { FREE, BUSY, USED };

static struct watched {
    uint32_t state;
    int fd; /* the socket's descriptor when the entry was made */
    uint64_t cookie;
    struct btns_flow question;
    int channel;
    uint64_t channel_cookie;
    pid_t pid; /* the process that owns the descriptors: a vfork()ed child has copies */
} watched[WATCHED];

static int count;

bool pending_any(void)
{
    return __atomic_load_n(&count, __ATOMIC_RELAXED) != 0;
}

/* Never waits: fails if another thread has the entry. */
static bool take_pending(struct watched *w, uint32_t from)
{
    return __atomic_compare_exchange_n(&w->state, &from, BUSY, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

static void put_pending_back(struct watched *w)
{
    __atomic_store_n(&w->state, USED, __ATOMIC_SEQ_CST);
}

/*
 * A vfork()ed child sees its parent's entries, but has only copies of their descriptors, so it
 * leaves them alone.
 */
static bool take_own_pending(struct watched *w)
{
    if (!take_pending(w, USED))
        return false;
    if (w->pid == (pid_t)RAW(getpid))
        return true;
    put_pending_back(w);
    return false;
}

static void drop_pending(struct watched *w)
{
    if (sock_cookie(w->channel) == w->channel_cookie)
        channel_close(w->channel);
    __atomic_sub_fetch(&count, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&w->state, FREE, __ATOMIC_SEQ_CST);
}

/*
 * btnsd may have sent several answers, for example if the guard was up before it failed: the last
 * one counts.
 */
static enum ask_end last_pending_answer(struct ask *a, int channel)
{
    enum ask_end end = ask_again(a, channel);
    struct ask next = *a;
    if (end == ASK_ANSWERED)
        outcome_first_contact(&a->reply);
    while (end == ASK_ANSWERED && ask_again(&next, channel) == ASK_ANSWERED) {
        *a = next;
        outcome_first_contact(&a->reply);
    }
    return end;
}

/*
 * Reads the outcome that btnsd has sent and drops the entry. If nothing has come and `keep` is set,
 * the entry stays.
 */
static int settle_pending_entry(struct watched *w, bool keep)
{
    struct ask a = {.flow = w->question};
    struct btns_addr remote = w->question.remote;
    enum ask_end end = ASK_AWAY;
    if (sock_cookie(w->channel) == w->channel_cookie)
        end = last_pending_answer(&a, w->channel);
    if (end == ASK_LATE && keep) {
        put_pending_back(w);
        return 0;
    }
    drop_pending(w);
    bool told = end == ASK_ANSWERED &&
                (a.reply.verdict == BTNS_V_DENIED || a.reply.verdict == BTNS_V_UNPROTECTED);
    return told ? outcome_of_verdict(&remote, &a.reply) : 0;
}

/* Makes room: reports the outcomes that have come and drops their entries. */
static void settle_all_pending(void)
{
    for (int i = 0; pending_any() && i < WATCHED; i++)
        if (take_own_pending(&watched[i]))
            settle_pending_entry(&watched[i], true);
}

static bool keep_pending(int fd, const struct btns_flow *question, int channel)
{
    for (int i = 0; i < WATCHED; i++) {
        struct watched *w = &watched[i];
        if (!take_pending(w, FREE))
            continue;
        w->fd = fd;
        w->cookie = question->cookie;
        w->question = *question;
        w->channel = channel;
        w->channel_cookie = sock_cookie(channel);
        w->pid = (pid_t)RAW(getpid);
        __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
        put_pending_back(w);
        return true;
    }
    return false;
}

void pending_watch(int fd, const struct btns_flow *question, int channel)
{
    settle_all_pending();
    if (!keep_pending(fd, question, channel))
        channel_close(channel);
}

int pending_failed(int fd)
{
    uint64_t cookie = pending_any() ? sock_cookie(fd) : 0;
    for (int i = 0; cookie && i < WATCHED; i++) {
        struct watched *w = &watched[i];
        if (w->cookie != cookie || !take_own_pending(w))
            continue;
        if (w->cookie == cookie)
            return settle_pending_entry(w, true);
        put_pending_back(w);
    }
    return 0;
}

void pending_closing(unsigned first, unsigned last)
{
    for (int i = 0; pending_any() && i < WATCHED; i++) {
        struct watched *w = &watched[i];
        if ((unsigned)w->fd < first || (unsigned)w->fd > last || !take_own_pending(w))
            continue;
        if (sock_cookie(w->fd) == w->cookie)
            settle_pending_entry(w, false);
        else
            put_pending_back(w);
    }
}

void pending_forked(void)
{
    for (int i = 0; pending_any() && i < WATCHED; i++)
        if (__atomic_load_n(&watched[i].state, __ATOMIC_SEQ_CST) != FREE)
            drop_pending(&watched[i]);
}
