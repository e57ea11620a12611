/* Answers a program's requests with the script's verdict, the same for all connections. */
#include "test/mock/mock.h"

#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

bool is_flow_request(const struct request *r)
{
    switch (r->hdr.type) {
    case BTNS_REQ_CONNECT:
    case BTNS_REQ_LISTEN:
    case BTNS_MSG_CONNECTING:
    case BTNS_MSG_ACCEPTED:
    case BTNS_REQ_CONNECT_FAILURE:
    case BTNS_REQ_ACCEPTED:
        return r->len == sizeof r->flow;
    default:
        return false;
    }
}

static void sleep_ms(int milliseconds)
{
    struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

static uint32_t verdict_number(const char *name)
{
    static const char *const names[] = {"", "clear", "protected", "unprotected", "denied"};
    for (uint32_t i = 1; i < 5; i++)
        if (!strcmp(name, names[i]))
            return i;
    errx(2, "what is %s?", name);
}

static struct btns_verdict_msg verdict_for(const struct btns_flow *f, const struct btns_page *page)
{
    struct btns_verdict_msg m = {
        .verdict = verdict_number(script.verdict),
        .error = script.error,
        .flags = script.cache ? BTNS_VF_CACHE : 0,
        .cookie = f->cookie,
        .epoch = __atomic_load_n(&page->epoch, __ATOMIC_SEQ_CST),
    };
    if (f->hdr.type == BTNS_REQ_ACCEPTED && script.older)
        m.verdict = verdict_number(script.older);
    if (f->hdr.type == BTNS_REQ_CONNECT_FAILURE && script.fail)
        m.verdict = BTNS_V_DENIED;
    if (f->hdr.type == BTNS_REQ_CONNECT && script.fail && (f->flags & BTNS_F_NONBLOCK))
        m.flags = BTNS_VF_LARVAL;
    if (script.translates && m.verdict == BTNS_V_PROTECTED)
        m.flags = (m.flags & ~BTNS_VF_CACHE) | BTNS_VF_TRANSLATES;
    snprintf(m.text, sizeof m.text, "%s", script.text);
    if (script.first && f->hdr.type == BTNS_REQ_CONNECT && m.verdict == BTNS_V_PROTECTED) {
        m.flags |= BTNS_VF_FIRST_CONTACT;
        strncat(m.text, "\nfirst contact with bob", sizeof m.text - strlen(m.text) - 1);
    }
    m.cookie += is_broken("cookie");
    m.verdict = is_broken("verdict") ? 77 : m.verdict;
    return m;
}

static void send_verdict(const struct request *r, struct btns_verdict_msg *m, int page_fd)
{
    bool wants_page = (r->flow.flags & BTNS_F_PAGE) && script.page;
    send_answer_with(r, m, sizeof *m, BTNS_REP_VERDICT,
                     wants_page || is_broken("descriptors") ? page_fd : -1);
}

/* A copy of the program's socket for a moment; -1: the program has closed it. */
static int borrow_socket(const struct request *r)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    int process = (int)syscall(SYS_pidfd_open, r->pid, 0);
    int fd = (int)syscall(SYS_pidfd_getfd, process, r->flow.fd_plus_1 - 1, 0);
    close(process);
    if (fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) &&
        cookie == r->flow.cookie)
        return fd;
    close(fd);
    return -1;
}

static bool has_begun(const struct request *r)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    int fd = borrow_socket(r);
    bool begun = fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
                 info.tcpi_state != TCP_CLOSE;
    close(fd);
    return begun;
}

/*
 * Like btnsd with a non-blocking connection that it cannot protect: sends the reason and
 * disconnects the socket, but not before the connection attempt has begun.
 */
static void disconnect_late(const struct request *r, const struct btns_page *page, int page_fd)
{
    struct sockaddr unspec = {.sa_family = AF_UNSPEC};
    sleep_ms(
        script
            .fail); /* before borrowing, because a borrowed socket outlives the program's close() */
    while (!has_begun(r))
        sleep_ms(5);
    struct btns_verdict_msg m = verdict_for(&r->flow, page);
    m.verdict = BTNS_V_DENIED;
    m.flags = 0;
    send_verdict(r, &m, page_fd);
    int fd = borrow_socket(r);
    if (fd >= 0)
        connect(fd, &unspec, sizeof unspec);
    close(fd);
}

void answer_flow(const struct request *r, const struct btns_page *page, int page_fd)
{
    bool connects = r->hdr.type == BTNS_REQ_CONNECT;
    bool waits = !(r->flow.flags & BTNS_F_NONBLOCK);
    if (r->hdr.type == BTNS_MSG_CONNECTING || r->hdr.type == BTNS_MSG_ACCEPTED)
        return; /* these messages get no answer */
    if (connects && waits)
        sleep_ms(script.delay);
    struct btns_verdict_msg m = verdict_for(&r->flow, page);
    send_verdict(r, &m, page_fd);
    if (connects && !waits && script.fail)
        disconnect_late(r, page, page_fd);
}
