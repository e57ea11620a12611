/* A throw-away connection over the loopback link, and its exact sequence numbers. */
#include "btnsd/ctl/audit/victim.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SMALL_WINDOW 4096 /* the peer's receive buffer */
#define PIECE        512
#define PIECES_MAX   4096
#define WAIT_MS      5000

/* Leaves repair mode without the probe that TCP_REPAIR = 0 sends (linux/tcp.h). */
#define REPAIR_ON         1
#define REPAIR_OFF_SILENT (-1)

static int set_victim_option(int fd, int option, int value)
{
    return setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value);
}

int victim_loopback_listener(int family, int backlog, struct btns_addr *at)
{
    struct sockaddr_storage ss;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    btns_addr_parse(at, family == AF_INET ? "127.0.0.1" : "::1");
    socklen_t len = btns_addr_to_sa(at, family, &ss);
    if (!bind(fd, (struct sockaddr *)&ss, len) && !listen(fd, backlog) &&
        !getsockname(fd, (struct sockaddr *)&ss, &len) &&
        btns_addr_from_sa(at, (struct sockaddr *)&ss, len))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int victim_accepts_within(int listener)
{
    struct pollfd p = {listener, POLLIN, 0};
    if (poll(&p, 1, WAIT_MS) == 1)
        return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    errno = ETIMEDOUT;
    return -1;
}

/* connect() with a time limit: a firewall may drop the SYN. */
static bool victim_connects_within(int fd, const struct btns_addr *to)
{
    struct sockaddr_storage ss;
    socklen_t len = btns_addr_to_sa(to, to->family, &ss);
    struct timeval limit = {WAIT_MS / 1000, 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return !connect(fd, (struct sockaddr *)&ss, len);
}

static bool make_victim_pair(struct victim *v, int family)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    int small = SMALL_WINDOW, listener = victim_loopback_listener(family, 1, &v->at);
    if (listener < 0)
        return false;
    v->peer = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = v->peer >= 0 && !setsockopt(v->peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof small) &&
              victim_connects_within(v->peer, &v->at) &&
              (v->fd = victim_accepts_within(listener)) >= 0 &&
              !getsockname(v->peer, (struct sockaddr *)&ss, &len) &&
              btns_addr_from_sa(&v->peer_at, (struct sockaddr *)&ss, len);
    int error = errno;
    close(listener);
    errno = error;
    return ok;
}

static uint64_t victim_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Waits until everything that was sent has been acknowledged. */
static bool wait_victim_acknowledged(int fd)
{
    int left = 1;
    uint64_t until = victim_clock_ms() + WAIT_MS;
    while (!ioctl(fd, SIOCOUTQ, &left) && left && victim_clock_ms() < until)
        usleep(200);
    return !left;
}

/* Sends one piece of data from the victim to its peer. */
static bool victim_sends_piece(struct victim *v)
{
    char piece[PIECE] = "";
    struct pollfd p = {v->peer, POLLIN, 0};
    if (send(v->fd, piece, sizeof piece, MSG_NOSIGNAL) != sizeof piece)
        return false;
    set_victim_option(v->peer, TCP_QUICKACK, 1);
    for (size_t got = 0; got < sizeof piece;) {
        ssize_t n = poll(&p, 1, WAIT_MS) == 1 ? recv(v->peer, piece, sizeof piece - got, 0) : -1;
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return wait_victim_acknowledged(v->fd);
}

static bool victim_sends_window(struct victim *v, struct err *err)
{
    struct numbers n;
    if (!victim_numbers(v, &n, err))
        return false;
    uint32_t first = n.snd_una;
    for (unsigned i = 0; i < PIECES_MAX; i++) {
        if (!victim_sends_piece(v)) {
            err_set(err, "the throw-away connection carries no data");
            return false;
        }
        if (!victim_numbers(v, &n, err))
            return false;
        if (n.snd_una - first > n.max_snd_wnd + PIECE)
            return true;
    }
    err_set(err, "the throw-away connection's window grows faster than it is filled");
    return false;
}

/*
 * Sends a few octets from the peer to the victim: after that, Linux takes its fast path for data.
 * The victim acknowledges them with the next data that it sends, so none of its segments without
 * data is needed.
 */
static bool victim_receives_piece(struct victim *v)
{
    char piece[16] = "";
    struct pollfd p = {v->fd, POLLIN, 0};
    set_victim_option(v->fd, TCP_QUICKACK, 0);
    return send(v->peer, piece, sizeof piece, MSG_NOSIGNAL) == sizeof piece &&
           poll(&p, 1, WAIT_MS) == 1 && recv(v->fd, piece, sizeof piece, 0) == sizeof piece;
}

bool victim_new(struct victim *v, struct tap *t, int family, struct err *err)
{
    struct segment s;
    bool lost = false, seen = false;
    *v = (struct victim){.fd = -1, .peer = -1};
    tap_drain(t);
    if (!make_victim_pair(v, family)) {
        err_set(err, "no connection over the loopback link: %s", strerror(errno));
        return false;
    }
    if (!victim_receives_piece(v)) {
        err_set(err, "the throw-away connection carries no data to its program");
        return false;
    }
    if (!victim_sends_window(v, err))
        return false;
    if (!wait_victim_acknowledged(v->peer)) {
        err_set(err, "the throw-away connection acknowledges nothing to its peer");
        return false;
    }
    while (tap_next(t, &v->peer_at, &v->at, &s, &lost)) {
        v->last = s;
        seen = true;
    }
    if (!seen)
        err_set(err, "the capture of the loopback link does not show the throw-away connection");
    return seen;
}

void victim_free(struct victim *v)
{
    int fds[] = {v->peer, v->fd};
    for (size_t i = 0; i < 2; i++) {
        if (fds[i] < 0)
            continue;
        set_victim_option(fds[i], TCP_REPAIR, REPAIR_ON); /* closed without a packet */
        close(fds[i]);
    }
    v->fd = v->peer = -1;
}

static bool victim_queue_seq(int fd, int queue, uint32_t *seq)
{
    socklen_t len = sizeof *seq;
    return !set_victim_option(fd, TCP_REPAIR_QUEUE, queue) &&
           !getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, seq, &len);
}

bool victim_numbers(const struct victim *v, struct numbers *n, struct err *err)
{
    struct tcp_repair_window w;
    socklen_t len = sizeof w;
    int left = 0;
    bool ok = !set_victim_option(v->fd, TCP_REPAIR, REPAIR_ON) &&
              victim_queue_seq(v->fd, TCP_RECV_QUEUE, &n->rcv_nxt) &&
              victim_queue_seq(v->fd, TCP_SEND_QUEUE, &n->snd_nxt) &&
              !getsockopt(v->fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, &w, &len) &&
              !ioctl(v->fd, SIOCOUTQ, &left);
    int error = errno;
    set_victim_option(v->fd, TCP_REPAIR, REPAIR_OFF_SILENT);
    if (!ok) {
        err_set(err, "exact sequence numbers cannot be read (TCP_REPAIR): %s", strerror(error));
        return false;
    }
    n->snd_una = n->snd_nxt - (uint32_t)left;
    n->rcv_wnd = w.rcv_wup + w.rcv_wnd - n->rcv_nxt;
    n->max_snd_wnd = w.max_window;
    return true;
}

bool victim_alive(const struct victim *v)
{
    struct tcp_info info;
    socklen_t len = sizeof info;
    memset(&info, 0, sizeof info);
    return !getsockopt(v->fd, IPPROTO_TCP, TCP_INFO, &info, &len) &&
           info.tcpi_state == TCP_ESTABLISHED;
}

uint32_t victim_taken(const struct victim *v)
{
    char data[256];
    ssize_t n = recv(v->fd, data, sizeof data, MSG_DONTWAIT);
    return n > 0 ? (uint32_t)n : 0;
}
