/* Sends one request to btnsd and accepts only a well-formed answer. */
#include "libapi/client/ask.h"

#include "libapi/client/conversation.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#define SOCKET_SECONDS 65 /* for requests about a socket: longer than any profile's limit */

const char *ask_socket(void)
{
    const char *path = getenv("BTNS_SOCKET_PATH");
    return path && *path ? path : BTNS_SOCKET;
}

static int ask_for_one(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                       enum btns_type want, int with, union btns_reply *reply, struct err *err)
{
    const struct timeval patience = {.tv_sec = SOCKET_SECONDS};
    struct conversation c;
    int ret = open_conversation(&c, path, err);
    if (!ret && with >= 0)
        setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (!ret)
        ret = conversation_send(&c, msg, len, type, with, err);
    if (!ret)
        ret = conversation_receive(&c, reply, err);
    if (!ret && reply->hdr.type == BTNS_REP_END)
        ret = end_of_answer(&reply->end, err);
    if (!ret && reply->hdr.type != want)
        ret = refuse_answer(&c, "of the wrong type", err);
    close_conversation(&c);
    return ret;
}

int ask_one(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
            enum btns_type want, union btns_reply *reply, struct err *err)
{
    return ask_for_one(path, msg, len, type, want, -1, reply, err);
}

int ask_with_socket(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                    enum btns_type want, int with, union btns_reply *reply, struct err *err)
{
    return ask_for_one(path, msg, len, type, want, with, reply, err);
}

static int receive_asked_list(const struct conversation *c, enum btns_type want,
                              enum btns_type last, union btns_reply *end, ask_each *each, void *arg,
                              struct err *err)
{
    union btns_reply r;
    for (unsigned n = 0; n <= ASK_RECORDS_MAX; n++) {
        int ret = conversation_receive(c, &r, err);
        if (ret == -ECONNRESET && n)
            err_set(err, "the list broke off after %u entries: btnsd closed the connection", n);
        if (ret)
            return ret;
        if (r.hdr.type == last)
            *end = r;
        if (r.hdr.type == BTNS_REP_END)
            ret = end_of_answer(&r.end, err);
        if (ret || r.hdr.type == last)
            return ret;
        if (r.hdr.type != want)
            return refuse_answer(c, "of the wrong type", err);
        ret = each(arg, &r, err);
        if (ret)
            return ret;
    }
    return refuse_answer(c, "a list without an end", err);
}

int ask_records(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                enum btns_type want, enum btns_type last, union btns_reply *end, ask_each *each,
                void *arg, struct err *err)
{
    struct conversation c;
    int ret = open_conversation(&c, path, err);
    if (!ret)
        ret = conversation_send(&c, msg, len, type, -1, err);
    if (!ret)
        ret = receive_asked_list(&c, want, last, end, each, arg, err);
    close_conversation(&c);
    return ret;
}

int ask_list(const char *path, enum btns_type type, enum btns_type want, ask_each *each, void *arg,
             struct err *err)
{
    struct btns_hdr msg;
    union btns_reply end;
    return ask_records(path, &msg, sizeof msg, type, want, BTNS_REP_END, &end, each, arg, err);
}

static volatile sig_atomic_t interrupted;

static void interrupt_ask(int sig)
{
    (void)sig;
    interrupted = 1;
}

/* Blocks SIGINT and SIGTERM, except while ppoll() waits for the next answer. */
static void hold_asking_signals(sigset_t *before)
{
    const struct sigaction act = {.sa_handler = interrupt_ask};
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, before);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

int ask_stream(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
               enum btns_type want, ask_each *each, void *arg, struct err *err)
{
    struct conversation c;
    union btns_reply r;
    sigset_t before;
    int ret = open_conversation(&c, path, err);
    if (!ret)
        ret = conversation_send(&c, msg, len, type, -1, err);
    hold_asking_signals(&before);
    for (struct pollfd p = {c.fd, POLLIN, 0}; !ret && !interrupted;) {
        if (ppoll(&p, 1, NULL, &before) < 0)
            continue;
        ret = conversation_receive(&c, &r, err);
        if (ret == -ECONNRESET)
            err_set(err, "btnsd at %s has ended", path);
        if (!ret && r.hdr.type == BTNS_REP_END)
            ret = end_of_answer(&r.end, err);
        else if (!ret)
            ret = r.hdr.type == want ? each(arg, &r, err)
                                     : refuse_answer(&c, "of the wrong type", err);
    }
    close_conversation(&c);
    return ret;
}
