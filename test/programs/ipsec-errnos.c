/*
 * The errnos that btnsd, the system and a process's limits give the library's socket functions, and
 * the reason that ipsec_get_reason() then gives. TAP. Takes no argument; pretend-btnsd.h stands in
 * for btnsd.
 */
#include "test/programs/ipsec-objects.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>

static struct pretended an_event(void)
{
    struct pretended p = {.len = 8};
    const uint16_t version = 1, type = 97;
    memcpy(p.bytes, &version, 2);
    memcpy(p.bytes + 2, &type, 2);
    pretend_number(&p, 0x10007, IPSEC_EVENT_STATE);
    pretend_number(&p, IPSEC_CHANNEL_STATE, IPSEC_STATE_BROKEN);
    return p;
}

static void test_watches(int tcp)
{
    struct ipsec_event e = {.size = sizeof e}, small = {.size = 8};
    struct pretended cut = an_event();
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    check(FAILS(ipsec_watch(udp), ENOTCONN) && FAILS(ipsec_watch_add(1, udp), ENOTCONN),
          "a datagram socket that is not connected cannot be watched");
    close(udp);
    pretend_answers(an_event());
    int watch = ipsec_watch(tcp);
    check(watch > 2 && fcntl(watch, F_GETFD) == FD_CLOEXEC, "a watch");
    check(FAILS(ipsec_read_event(watch, NULL), EINVAL) &&
              FAILS(ipsec_read_event(watch, &small), EINVAL),
          "no event without room for it");
    check(ipsec_read_event(watch, &e) == 1 && e.state == IPSEC_STATE_BROKEN, "an event");
    struct pollfd readable = {.fd = watch, .events = POLLIN};
    poll(&readable, 1, 60000);
    check(FAILS(ipsec_read_event(watch, &e), EPIPE), "btnsd is gone");
    close(watch);
    check(FAILS(ipsec_read_event(watch, &e), EBADF) && FAILS(ipsec_watch_add(watch, tcp), EBADF),
          "a watch that is closed");
    pretend_btnsd(EBUSY);
    check(FAILS(ipsec_watch(tcp), EBUSY), "too many watchers");
    memset(cut.bytes + 12, 0xff, 4);
    pretend_answers(cut);
    watch = ipsec_watch(tcp);
    check(FAILS(ipsec_read_event(watch, &e), EPROTO), "what is not understood");
    close(watch);
}

static bool each_fails(int fd, int error)
{
    ipsec_policy_t *p = a_policy(), *q;
    ipsec_channel_info_t *ci = a_channel(2), *got;
    char text[64];
    bool all = FAILS(ipsec_set_socket_policy(fd, p), error) &&
               FAILS(ipsec_get_socket_policy(fd, &q), error) &&
               FAILS(ipsec_set_socket_channel_info(fd, ci), error) &&
               FAILS(ipsec_get_socket_channel_info(fd, &got), error) &&
               FAILS(ipsec_watch(fd), error) && FAILS(ipsec_expect(fd, pretended_id), error) &&
               FAILS(ipsec_check_socket(fd, NULL), error) &&
               FAILS(ipsec_who(fd, text, sizeof text), error);
    ipsec_free_policy(p);
    ipsec_free_channel_info(ci);
    return all;
}

/* The errnos that only btnsd can cause, and those of the process's own limits. */
static void test_each_errno(int tcp)
{
    static const int errors[] = {ENOTCONN, EISCONN, ENOENT,   EOPNOTSUPP, ENOSPC,
                                 ENODATA,  EBUSY,   ENETDOWN, EPERM};
    struct rlimit limit, none;
    char text[64];
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        pretend_btnsd((uint32_t)errors[i]);
        check(each_fails(tcp, errors[i]), "btnsd says %s, and so does each function",
              strerrorname_np(errors[i]));
    }
    pretend_answers((struct pretended){.len = 0});
    check(each_fails(tcp, EPROTO), "one that closes the connection does not understand it: EPROTO");
    getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    bool all = each_fails(tcp, EMFILE);
    setrlimit(RLIMIT_NOFILE, &limit);
    check(all, "without a descriptor: EMFILE");
    check(FAILS(ipsec_who(tcp, NULL, 64), EINVAL) && FAILS(ipsec_who(tcp, text, 0), EINVAL) &&
              FAILS(ipsec_expect(tcp, NULL), EINVAL) && FAILS(ipsec_expect(tcp, ""), EINVAL) &&
              FAILS(ipsec_expect(tcp, "btns1:AA"), EINVAL) &&
              FAILS(ipsec_expect(tcp, "btns2:AA"), ENOTSUP) &&
              FAILS(ipsec_get_socket_policy(tcp, NULL), EINVAL) &&
              FAILS(ipsec_get_socket_channel_info(tcp, NULL), EINVAL) &&
              FAILS(ipsec_sendmsg(tcp, NULL, 0), EINVAL) &&
              FAILS(ipsec_recvmsg(tcp, NULL, 0), EINVAL),
          "NULL, and what is no peer");
}

/* A call that the system refuses, as under a supervisor, and for which btnsd knows the reason. */

static int connect_to(int type, uint32_t address)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    to.sin_addr.s_addr = htonl(address);
    int fd = socket(AF_INET, type, 0);
    int rc = connect(fd, (struct sockaddr *)&to, sizeof to), error = errno;
    close(fd);
    errno = error;
    return rc;
}

static bool reason_is(const char *words)
{
    char text[128] = "?";
    int error = errno = EDOM;
    return ipsec_get_reason(text, sizeof text) == strlen(words) && !strcmp(text, words) &&
           errno == error;
}

static void test_refused(void)
{
    struct pretended p = pretended_answer(ENOTCONN);
    pretend_attr(&p, IPSEC_CHANNEL_REASON, "a rule", 6);
    pretend_answers(p);
    check(FAILS(connect_to(SOCK_DGRAM, 0x7fffffff), EACCES) && reason_is("connect: a rule"),
          "a connect() that was refused: btnsd is asked why");
    check(FAILS(connect_to(SOCK_STREAM, 0x7f000001), ECONNREFUSED) && reason_is(""),
          "one that failed otherwise has no reason, and not the last one's");
    pretend_btnsd(ENOTCONN);
    ipsec_new_policy(4711);
    check(FAILS(connect_to(SOCK_DGRAM, 0x7fffffff), EACCES) && reason_is(""),
          "nor one that btnsd knows nothing of");
    setenv("BTNS_SOCKET_PATH", "/nonexistent/btnsd.sock", 1);
    ipsec_new_policy(4711);
    check(FAILS(connect_to(SOCK_DGRAM, 0x7fffffff), EACCES) && reason_is(""),
          "nor where there is no btnsd");
}

static void *cancelled_thread(void *arg)
{
    char text[64];
    int tcp = *(int *)arg, old;
    pthread_cancel(pthread_self());
    bool whole = !ipsec_who(tcp, text, sizeof text);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    *(int *)arg = whole && old == PTHREAD_CANCEL_ENABLE;
    pthread_setcancelstate(old, &old);
    pthread_testcancel();
    return NULL;
}

/* A thread that was cancelled while it asks would leak its descriptor and memory. */
static void test_cancelled(int tcp)
{
    pthread_t t;
    void *end = NULL;
    int arg = tcp;
    pretend_btnsd(0);
    pthread_create(&t, NULL, cancelled_thread, &arg);
    pthread_join(t, &end);
    check(arg == 1 && end == PTHREAD_CANCELED, "a thread that is cancelled asks to the end first");
}

int main(void)
{
    int tcp = connected();
    test_watches(tcp);
    test_each_errno(tcp);
    test_refused();
    test_cancelled(tcp);
    return check_end();
}
