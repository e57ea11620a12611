/*
 * A non-blocking connect() returns before btnsd knows whether there will be protection. btnsd tells
 * it on the connection that the question went over, before it disconnects the socket: so it is
 * there when the program takes notice by SO_ERROR, a second connect() or close(). btnsd also learns
 * from the connection's end that the program has given up.
 */
#include "shim/why.h"

#include "shim/ask.h"
#include "shim/channel.h"
#include "shim/flow.h"
#include "shim/outcome.h"
#include "shim/raw.h"
#include "shim/sock.h"

#include <netinet/in.h>
#include <poll.h>
#include <time.h>

/* Each holds a descriptor. Of more at a time, nobody is told why. */
enum { WATCHED = 64 };

enum state { FREE, BUSY, USED };

static struct watched {
    uint32_t state;
    int fd; /* the program's, at that time */
    uint64_t cookie;
    struct btns_flow question;
    int channel;
    uint64_t channel_cookie;
    pid_t pid; /* whose descriptors these are: a vfork()ed child has others */
} watched[WATCHED];

static int count;

bool why_any(void)
{
    return __atomic_load_n(&count, __ATOMIC_RELAXED) != 0;
}

/* Nobody waits for an entry that somebody else has in hand. */
static bool take_entry(struct watched *w, uint32_t from)
{
    return __atomic_compare_exchange_n(&w->state, &from, BUSY, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

static void put_back(struct watched *w)
{
    __atomic_store_n(&w->state, USED, __ATOMIC_SEQ_CST);
}

/* What a vfork()ed child sees are its parent's entries, for descriptors of which it has copies. */
static bool take_own(struct watched *w)
{
    if (!take_entry(w, USED))
        return false;
    if (w->pid == (pid_t)RAW(getpid))
        return true;
    put_back(w);
    return false;
}

static void drop_entry(struct watched *w)
{
    if (sock_cookie(w->channel) == w->channel_cookie)
        channel_close(w->channel);
    __atomic_sub_fetch(&count, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&w->state, FREE, __ATOMIC_SEQ_CST);
}

/* The guard may have been up before it failed: of several answers the last one holds. */
static enum ask_end last_answer(struct ask *a, int channel)
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

/* What btnsd has told by now. The entry is dropped, unless that is nothing and it is to be kept. */
static int settle_entry(struct watched *w, bool keep)
{
    struct ask a = {.flow = w->question};
    struct btns_addr remote = w->question.remote;
    enum ask_end end = ASK_AWAY;
    if (sock_cookie(w->channel) == w->channel_cookie)
        end = last_answer(&a, w->channel);
    if (end == ASK_LATE && keep) {
        put_back(w);
        return 0;
    }
    drop_entry(w);
    bool told = end == ASK_ANSWERED &&
                (a.reply.verdict == BTNS_V_DENIED || a.reply.verdict == BTNS_V_UNPROTECTED);
    return told ? outcome_of_verdict(&remote, &a.reply) : 0;
}

/* Calls that make room: outcomes that are there already are said. */
static void settle_all(void)
{
    for (int i = 0; why_any() && i < WATCHED; i++)
        if (take_own(&watched[i]))
            settle_entry(&watched[i], true);
}

static bool keep_entry(int fd, const struct btns_flow *question, int channel)
{
    for (int i = 0; i < WATCHED; i++) {
        struct watched *w = &watched[i];
        if (!take_entry(w, FREE))
            continue;
        w->fd = fd;
        w->cookie = question->cookie;
        w->question = *question;
        w->channel = channel;
        w->channel_cookie = sock_cookie(channel);
        w->pid = (pid_t)RAW(getpid);
        __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
        put_back(w);
        return true;
    }
    return false;
}

void why_watch(int fd, const struct btns_flow *question, int channel)
{
    settle_all();
    if (!keep_entry(fd, question, channel))
        channel_close(channel);
}

int why_failed(int fd)
{
    uint64_t cookie = why_any() ? sock_cookie(fd) : 0;
    for (int i = 0; cookie && i < WATCHED; i++) {
        struct watched *w = &watched[i];
        if (w->cookie != cookie || !take_own(w))
            continue;
        if (w->cookie == cookie)
            return settle_entry(w, true);
        put_back(w);
    }
    return 0;
}

void why_closing(unsigned first, unsigned last)
{
    for (int i = 0; why_any() && i < WATCHED; i++) {
        struct watched *w = &watched[i];
        if ((unsigned)w->fd < first || (unsigned)w->fd > last || !take_own(w))
            continue;
        if (sock_cookie(w->fd) == w->cookie)
            settle_entry(w, false);
        else
            put_back(w);
    }
}

void why_forked(void)
{
    for (int i = 0; why_any() && i < WATCHED; i++)
        if (__atomic_load_n(&watched[i].state, __ATOMIC_SEQ_CST) != FREE)
            drop_entry(&watched[i]);
}
