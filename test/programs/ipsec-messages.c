/*
 * The library's functions for messages, also after fork(): values, errnos, each allocation failing.
 * TAP. Takes no argument; pretend-btnsd.h stands in for btnsd.
 */
#include "test/programs/ipsec-objects.h"

#include <linux/filter.h>
#include <pthread.h>
#include <sys/wait.h>

static void test_messages(int tcp)
{
    char data[] = "hello";
    struct iovec iov = {data, 5};
    const struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    ipsec_policy_t *p = a_policy(), *q = NULL;
    ipsec_channel_info_t *bob = a_channel(2), *carol = a_channel(3), *with = NULL, *again = NULL;
    check(FAILS(ipsec_get_msg_policy(&msg, &q), ENODATA) &&
              FAILS(ipsec_get_msg_channel_info(&msg, &with), ENODATA) &&
              FAILS(ipsec_set_msg_policy(NULL, p), EINVAL),
          "nothing is set");
    check(!ipsec_set_msg_policy(&msg, p) && !ipsec_get_msg_policy(&msg, &q) &&
              !ipsec_cmp_policy(p, q),
          "a policy is");
    check(!ipsec_set_msg_channel_info(&msg, bob) && ipsec_sendmsg(tcp, &msg, MSG_NOSIGNAL) == 5,
          "to bob it is sent");
    check(!ipsec_get_msg_channel_info(&msg, &with) && !ipsec_cmp_channel_info(with, bob),
          "and that it was bob is kept");
    check(!ipsec_set_msg_channel_info(&msg, carol) &&
              FAILS(ipsec_sendmsg(tcp, &msg, MSG_NOSIGNAL), ENOKEY) &&
              FAILS(sendmsg(tcp, &msg, MSG_NOSIGNAL), ENOKEY),
          "to carol it is not, by sendmsg() neither");
    ipsec_set_msg_policy(&msg, NULL);
    ipsec_set_msg_channel_info(&msg, NULL);
    check(sendmsg(tcp, &msg, MSG_NOSIGNAL) == 5 &&
              FAILS(ipsec_get_msg_channel_info(&msg, &again), ENODATA),
          "and again when that is forgotten, with whom the last one was, too");
    ipsec_free_policy(p);
    ipsec_free_policy(q);
    ipsec_free_channel_info(with);
    ipsec_free_channel_info(bob);
    ipsec_free_channel_info(carol);
}

/* heard: the other end's socket */
static void test_datagrams(int heard, const struct sockaddr_in *at)
{
    char data[] = "hello", got[8];
    struct iovec iov = {data, 5};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_name = (void *)(uintptr_t)at,
                         .msg_namelen = sizeof *at};
    struct mmsghdr two[2] = {{.msg_hdr = msg}, {.msg_hdr = msg}};
    ipsec_policy_t *p = a_policy();
    ipsec_channel_info_t *bob = a_channel(2), *with = NULL;
    struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    const struct sock_fprog filter = {1, &all};
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    check(!ipsec_set_socket_policy(udp, p) && !ipsec_get_socket_channel_info(udp, &with) &&
              !ipsec_cmp_channel_info(with, bob),
          "a datagram socket has a policy and a channel");
    ipsec_free_channel_info(with);
    with = NULL;
    check(!ipsec_set_msg_policy(&msg, p) && !ipsec_set_msg_channel_info(&msg, bob) &&
              ipsec_sendmsg(udp, &msg, 0) == 5 && recv(heard, got, sizeof got, 0) == 5,
          "a datagram to bob is sent");
    check(!ipsec_get_msg_channel_info(&msg, &with) && !ipsec_cmp_channel_info(with, bob),
          "and to whom is kept");
    check(sendmmsg(udp, two, 2, 0) == 2 &&
              sendto(udp, data, 5, 0, (const struct sockaddr *)at, sizeof *at) == 5,
          "sendmmsg() and sendto() send, too");
    for (int i = 0; i < 3; i++)
        recv(heard, got, sizeof got, 0);
    pretend_btnsd(EPERM);
    check(FAILS(ipsec_sendmsg(udp, &msg, 0), EPERM) && FAILS(sendmsg(udp, &msg, 0), EPERM) &&
              recv(heard, got, sizeof got, MSG_DONTWAIT) < 0,
          "where btnsd refuses, nothing is");
    check(!ipsec_set_msg_policy(&two[1].msg_hdr, p) && sendmmsg(udp, two, 2, 0) == 1 &&
              !ipsec_set_msg_policy(&two[0].msg_hdr, p) && FAILS(sendmmsg(udp, two, 2, 0), EPERM) &&
              recv(heard, got, sizeof got, 0) == 5 &&
              recv(heard, got, sizeof got, MSG_DONTWAIT) < 0,
          "of several, those before the first that is refused");
    for (int i = 0; i < 2; i++)
        ipsec_set_msg_policy(&two[i].msg_hdr, NULL);
    ipsec_set_msg_policy(&msg, NULL);
    ipsec_set_msg_channel_info(&msg, NULL);
    check(!setsockopt(udp, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) &&
              FAILS(sendto(udp, data, 5, 0, (const struct sockaddr *)at, sizeof *at), EPERM) &&
              FAILS(sendmsg(udp, &msg, 0), EPERM),
          "nor by a socket that btnsd has limited, which its filter shows");
    pretend_btnsd(0);
    ipsec_free_channel_info(with);
    ipsec_free_channel_info(bob);
    ipsec_free_policy(p);
    close(udp);
}

/* One datagram for each test, received in time or not; the stand-in for btnsd knows its sender. */
static void test_received(int heard, const struct sockaddr_in *at)
{
    char got[8], control[IPSEC_MSG_CONTROL];
    struct sockaddr_in from;
    struct iovec iov = {got, sizeof got};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    ipsec_policy_t *p = a_policy(), *none = ipsec_new_policy(IPSEC_DEFAULT_POLICY);
    ipsec_channel_info_t *bob = a_channel(2), *carol = a_channel(3), *with = NULL, *again = NULL;
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    const struct sockaddr *to = (const struct sockaddr *)at;
    ipsec_set_msg_policy(&msg, p);
    check(FAILS(ipsec_recvmsg(heard, &msg, MSG_DONTWAIT), EINVAL), "it has to be prepared");
    check(!ipsec_prepare_recv(heard) && !ipsec_prepare_recv(heard) &&
              FAILS(ipsec_recvmsg(heard, &msg, MSG_DONTWAIT), ENOBUFS),
          "with room in msg_control");
    msg.msg_control = control;
    msg.msg_controllen = sizeof control;
    check(FAILS(ipsec_recvmsg(heard, &msg, MSG_DONTWAIT), EDESTADDRREQ), "and in msg_name");
#define ROOM                                                                                       \
    (msg.msg_name = &from, msg.msg_namelen = sizeof from, msg.msg_controllen = sizeof control,     \
     sendto(udp, "hello", 5, 0, to, sizeof *at))
    check(ROOM == 5 && ipsec_recvmsg(heard, &msg, 0) == 5 && msg.msg_namelen == sizeof from &&
              !ipsec_get_msg_channel_info(&msg, &with) && !ipsec_cmp_channel_info(with, bob),
          "a datagram, and who sent it");
    msg.msg_controllen = sizeof control;
    check(FAILS(ipsec_recvmsg(heard, &msg, MSG_DONTWAIT), EAGAIN) &&
              FAILS(ipsec_get_msg_channel_info(&msg, &again), ENODATA),
          "which is not told again where none came");
    ipsec_set_msg_channel_info(&msg, carol);
    check(ROOM == 5 && FAILS(ipsec_recvmsg(heard, &msg, MSG_DONTWAIT), EAGAIN) &&
              FAILS(recv(heard, got, sizeof got, MSG_DONTWAIT), EAGAIN),
          "what another one sent is dropped");
    check(ROOM == 5 && FAILS(ipsec_recvmsg(heard, &msg, MSG_DONTWAIT | MSG_PEEK), EAGAIN) &&
              FAILS(recv(heard, got, sizeof got, MSG_DONTWAIT), EAGAIN),
          "when it is only looked at, too");
    ipsec_set_msg_channel_info(&msg, NULL);
    pretend_btnsd(EAGAIN);
    check(ROOM == 5 && FAILS(ipsec_recvmsg(heard, &msg, MSG_DONTWAIT), EAGAIN) &&
              FAILS(recv(heard, got, sizeof got, MSG_DONTWAIT), EAGAIN),
          "as what nobody knows who sent");
    ipsec_set_msg_policy(&msg, none);
    ipsec_free_channel_info(with);
    check(ROOM == 5 && ipsec_recvmsg(heard, &msg, 0) == 5 &&
              FAILS(ipsec_get_msg_channel_info(&msg, &with), EAGAIN),
          "but for who takes everybody's, who is told that it is not known");
    pretend_btnsd(EPROTO);
    check(ROOM == 5 && FAILS(ipsec_recvmsg(heard, &msg, 0), EPROTO) &&
              FAILS(ipsec_get_msg_channel_info(&msg, &with), ENODATA),
          "what btnsd cannot say is the call's error");
    pretend_btnsd(0);
    ipsec_set_msg_policy(&msg, NULL);
    msg.msg_control = NULL;
    check(ROOM == 5 && (msg.msg_controllen = 0, ipsec_recvmsg(heard, &msg, 0)) == 5,
          "where nothing is set, nothing is asked");
    ipsec_free_channel_info(bob);
    ipsec_free_channel_info(carol);
    ipsec_free_policy(p);
    ipsec_free_policy(none);
    close(udp);
}

/* ---- each allocation fails in turn: a forbidden message is never sent, and none is lost */

static int tcp_of_all, udp_of_all, heard_of_all;
static struct sockaddr_in at_of_all;
static char data_of_all[] = "hello";

/* Sets a policy and a peer for this message and reads them back; frees the copy of its peer. */
static int use_message(int (*call)(struct msghdr *msg), struct msghdr *msg)
{
    ipsec_policy_t *p = a_policy(), *set = NULL;
    ipsec_channel_info_t *bob = a_channel(2), *with = NULL;
    int rc = p && bob && !ipsec_set_msg_policy(msg, p) && !ipsec_set_msg_channel_info(msg, bob) &&
                     !ipsec_get_msg_policy(msg, &set) && !call(msg) &&
                     !ipsec_get_msg_channel_info(msg, &with) && !ipsec_cmp_channel_info(with, bob)
                 ? 0
                 : -1;
    int error = errno;
    ipsec_set_msg_policy(msg, NULL);
    ipsec_set_msg_channel_info(msg, NULL);
    ipsec_free_channel_info(with);
    ipsec_free_channel_info(bob);
    ipsec_free_policy(set);
    ipsec_free_policy(p);
    errno = error;
    return rc;
}

static int send_stream(struct msghdr *msg)
{
    return ipsec_sendmsg(tcp_of_all, msg, MSG_NOSIGNAL) == 5 ? 0 : -1;
}

static int send_datagram(struct msghdr *msg)
{
    char got[8];
    if (ipsec_sendmsg(udp_of_all, msg, 0) == 5)
        return recv(heard_of_all, got, sizeof got, 0) == 5 ? 0 : -1;
    int error = errno;
    bool silent = recv(heard_of_all, got, sizeof got, MSG_DONTWAIT) < 0;
    errno = silent ? error : EPROTO;
    return -1;
}

static int receive_datagram(struct msghdr *msg)
{
    char got[8];
    if (sendto(udp_of_all, "hello", 5, 0, (struct sockaddr *)&at_of_all, sizeof at_of_all) != 5)
        return -1;
    int rc = ipsec_recvmsg(heard_of_all, msg, 0) == 5 ? 0 : -1, error = errno;
    recv(heard_of_all, got, sizeof got,
         MSG_DONTWAIT); /* the call may have failed before it received */
    errno = error;
    return rc;
}

static int use_stream(void)
{
    struct iovec iov = {data_of_all, 5};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    return use_message(send_stream, &msg);
}

static int use_sent(void)
{
    struct iovec iov = {data_of_all, 5};
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_name = &at_of_all, .msg_namelen = sizeof at_of_all};
    return use_message(send_datagram, &msg);
}

static int use_received(void)
{
    char got[8], control[IPSEC_MSG_CONTROL];
    struct sockaddr_in from;
    struct iovec iov = {got, sizeof got};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_name = &from,
                         .msg_namelen = sizeof from,
                         .msg_control = control,
                         .msg_controllen = sizeof control};
    return use_message(receive_datagram, &msg);
}

/* ---- fork: a child has a copy of what its parent has set, and asks btnsd by itself */

/* Sends and receives under what the parent, or the process itself before a fork, has set. */
static bool works_on(const struct msghdr *msg, const ipsec_channel_info_t *bob)
{
    ipsec_channel_info_t *with = NULL, *of = NULL;
    bool ok = !ipsec_get_socket_channel_info(tcp_of_all, &of) && !ipsec_cmp_channel_info(of, bob) &&
              ipsec_sendmsg(tcp_of_all, msg, MSG_NOSIGNAL) == 5 &&
              !ipsec_get_msg_channel_info(msg, &with) && !ipsec_cmp_channel_info(with, bob) &&
              !use_sent();
    ipsec_free_channel_info(with);
    ipsec_free_channel_info(of);
    return ok;
}

static bool child_works(const struct msghdr *msg, const ipsec_channel_info_t *bob)
{
    int status = -1;
    pid_t child = fork();
    if (!child)
        _exit(!(works_on(msg, bob) && works_on(msg, bob)));
    bool ok = works_on(msg, bob); /* at the same time as the child */
    return waitpid(child, &status, 0) == child && !status && ok;
}

#ifdef LIBC_ALLOCATOR /* valgrind reports the other thread's memory as lost in the child */
static void test_fork_beside_thread(const struct msghdr *msg, const ipsec_channel_info_t *bob)
{
    (void)msg;
    (void)bob;
}
#else
static void *ask_on(void *stop)
{
    while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED))
        use_stream();
    return NULL;
}

static void test_fork_beside_thread(const struct msghdr *msg, const ipsec_channel_info_t *bob)
{
    pthread_t busy;
    bool stop = false, ok = true;
    pthread_create(&busy, NULL, ask_on, &stop);
    for (int i = 0; i < 20; i++)
        ok &= child_works(msg, bob);
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    pthread_join(busy, NULL);
    check(ok, "also when another thread is in the middle of a call at the fork");
}
#endif

static void test_fork(void)
{
    struct iovec iov = {data_of_all, 5};
    const struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    ipsec_policy_t *p = a_policy();
    ipsec_channel_info_t *bob = a_channel(2), *carol = a_channel(3);
    int status = -1;
    ipsec_set_msg_policy(&msg, p);
    ipsec_set_msg_channel_info(&msg, bob);
    check(child_works(&msg, bob), "parent and child both use what was set before the fork");
    test_fork_beside_thread(&msg, bob);
    pid_t child = fork();
    if (!child) {
        ipsec_set_msg_channel_info(&msg, carol);
        _exit(!FAILS(ipsec_sendmsg(tcp_of_all, &msg, MSG_NOSIGNAL), ENOKEY));
    }
    check(waitpid(child, &status, 0) == child && !status && works_on(&msg, bob),
          "what the child sets is the child's");
    ipsec_set_msg_policy(&msg, NULL);
    ipsec_set_msg_channel_info(&msg, NULL);
    ipsec_free_channel_info(bob);
    ipsec_free_channel_info(carol);
    ipsec_free_policy(p);
}

int main(void)
{
    int tcp = tcp_of_all = connected();
    struct sockaddr_in at;
    int heard = bound(&at);
    pretend_btnsd(0);
    test_messages(tcp);
    test_datagrams(heard, &at);
    test_received(heard, &at);
    heard_of_all = bound(&at_of_all);
    udp_of_all = socket(AF_INET, SOCK_DGRAM, 0);
    ipsec_prepare_recv(heard_of_all);
    check_no_memory("a message of TCP", use_stream);
    check_no_memory("a datagram to send", use_sent);
    check_no_memory("a datagram to receive", use_received);
    test_fork();
    return check_end();
}
