/*
 * sendmmsg(): reads its messages once, in batches, as sendmsg() reads one; judges them one by one,
 * and gives the kernel the copies.
 */
#include "shim/calls.h"
#include "shim/datagram_parts.h"
#include "shim/mark.h"
#include "shim/memory.h"
#include "shim/sending.h"

#include <errno.h>
#include <string.h>

enum { SOME = 32, MOST = 1024 }; /* the kernel reads no more than MOST in one call: sendmmsg(2) */

struct some {
    struct mmsghdr msgs[SOME];
    struct sockaddr_in6 names[SOME]; /* long enough for the address of any datagram */
    unsigned count;
    int flags;    /* the call's flags */
    bool other;   /* send without the mark: the supervisor, if there is one, judges this batch */
    bool stopped; /* the message after this batch may not be sent */
    int error;    /* the errno for that message; 0: it could not be read */
};

/*
 * The kernel refuses a longer address or ignores what exceeds this structure, so only its beginning
 * is copied.
 */
static void copy_batch_name(struct some *s, const struct target *t)
{
    struct msghdr *msg = &s->msgs[s->count].msg_hdr;
    struct sockaddr_in6 *name = &s->names[s->count];
    msg->msg_namelen = t->len;
    msg->msg_name = (void *)(uintptr_t)t->addr;
    if (t->addr != (const struct sockaddr *)&t->ss)
        return;
    if (t->len > sizeof *name)
        msg->msg_namelen = sizeof *name;
    memcpy(name, &t->ss, msg->msg_namelen);
    msg->msg_name = name;
}

/* Reads and judges one message. Returns false if the batch has to end before this message. */
static bool take_batch_message(int fd, struct some *s, const struct mmsghdr *from)
{
    struct target t;
    struct mmsghdr *m = &s->msgs[s->count];
    if (!memory_read(fd, m, from, sizeof *m)) {
        s->stopped = true;
        return false;
    }
    if (send_is_diverted(fd, &m->msg_hdr)) {
        s->stopped = true;
        s->error = errno;
        return false;
    }
    if (!m->msg_hdr.msg_name)
        return true;
    target_read_name(&t, fd, &m->msg_hdr);
    enum send_how how = send_may_go(fd, &t, s->flags);
    copy_batch_name(s, &t);
    if (how == SEND_REFUSED) {
        s->stopped = true;
        s->error = errno;
        return false;
    }
    if (!t.remote.family)
        return true; /* the kernel fails at this message, or ignores its address */
    bool other = how == SEND_OTHER, first = !s->count;
    if (first)
        s->other = other;
    return first || s->other == other;
}

static void take_batch(int fd, struct some *s, const struct mmsghdr *from, unsigned count)
{
    s->count = 0;
    s->other = s->stopped = false;
    s->error = 0;
    while (s->count < SOME && s->count < count && take_batch_message(fd, s, &from[s->count]))
        s->count++;
}

static int give_batch_back(int fd, struct some *s, int flags)
{
    return s->other ? REAL(sendmmsg, fd, s->msgs, s->count, flags)
                    : PASS(sendmmsg, fd, s->msgs, s->count, flags);
}

/*
 * Sends the batch and stores the lengths. Returns the number of messages whose length could be
 * stored, or -1 as sendmmsg() does.
 */
static int send_message_batch(int fd, struct some *s, struct mmsghdr *to, int flags)
{
    int sent = give_batch_back(fd, s, flags);
    if (send_met_deleted_sa(sent))
        sent = give_batch_back(fd, s, flags);
    for (int i = 0; i < sent; i++) {
        if (memory_write(fd, &to[i].msg_len, s->msgs[i].msg_len))
            continue;
        errno = EFAULT;
        return i ? i : -1;
    }
    return sent;
}

static int refuse_batch_message(int fd, const struct some *s, int flags)
{
    if (!s->error)
        return REAL(sendmmsg, fd, MEMORY_NONE, 1, flags);
    errno = s->error;
    return -1;
}

static int send_datagram_batch(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
    struct some s;
    s.flags = flags;
    unsigned done = 0;
    int saved = errno;
    if (count > MOST)
        count = MOST;
    while (done < count) {
        take_batch(fd, &s, msgs + done, count - done);
        unsigned wanted = s.count;
        bool stopped = s.stopped;
        int sent = wanted ? send_message_batch(fd, &s, msgs + done, flags)
                          : refuse_batch_message(fd, &s, flags);
        if (sent < 0 && !done)
            return -1;
        errno = saved;
        done += sent < 0 ? 0 : (unsigned)sent;
        if (sent < 0 || (unsigned)sent < wanted || stopped)
            break;
    }
    return (int)done;
}

/* On a stream socket only the first message can open the connection, so it is sent alone. */
static int open_by_first_in_batch(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
    struct mmsghdr first;
    struct target t;
    if (!memory_read(fd, &first, msgs, sizeof first))
        return REAL(sendmmsg, fd, MEMORY_NONE, 1, flags);
    target_read_name(&t, fd, &first.msg_hdr);
    if (!send_may_open(fd, &t))
        return -1;
    first.msg_hdr.msg_name = (void *)(uintptr_t)t.addr;
    first.msg_hdr.msg_namelen = t.len;
    ssize_t sent = REAL(sendmsg, fd, &first.msg_hdr, flags);
    if (sent < 0)
        return -1;
    if (!memory_write(fd, &msgs->msg_len, (unsigned)sent)) {
        errno = EFAULT;
        return -1;
    }
    int saved = errno, more = count > 1 ? REAL(sendmmsg, fd, msgs + 1, count - 1, flags) : 0;
    errno = saved;
    return more > 0 ? more + 1 : 1;
}

/* The number of messages up to the first that the program's own libbtns policy does not allow. */
static unsigned count_allowed_in_batch(int fd, const struct mmsghdr *msgs, unsigned count,
                                       int flags)
{
    /*
     * An integer, because the program's pointer may be invalid. Each mmsghdr begins with its
     * msghdr.
     */
    uintptr_t at = (uintptr_t)msgs;
    unsigned may = 0;
    while (may < count && may < MOST && send_library_allows(fd, (const struct msghdr *)at, flags)) {
        may++;
        at += sizeof *msgs;
    }
    return may;
}

int shim_sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
    unsigned may = count_allowed_in_batch(fd, msgs, count, flags);
    datagram_parts_note(flags);
    if (!count)
        return REAL(sendmmsg, fd, msgs, count, flags);
    if (!may)
        return -1;
    count = may;
    if (sends_to_open(fd, flags))
        return open_by_first_in_batch(fd, msgs, count, flags);
    switch (sends_what(fd)) {
    case SENDS_STREAM:
        return PASS(sendmmsg, fd, msgs, count, flags);
    case SENDS_OTHER:
        return REAL(sendmmsg, fd, msgs, count, flags);
    case SENDS_DATAGRAMS:
        break;
    }
    return send_datagram_batch(fd, msgs, count, flags);
}
