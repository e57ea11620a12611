/*
 * The library's functions, each with what it promises: values, errnos, no memory at every place,
 * threads. TAP. Without an argument; btnsd is pretended.
 */
#include "test/programs/failing-allocator.h"
#include "test/programs/pretend-btnsd.h"
#include "test/unit/check.h"

#include <dirent.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <pthread.h>

/* ---- objects */

static ipsec_policy_t *a_policy(void)
{
    uint32_t on = 1;
    ipsec_policy_t *p = ipsec_new_policy(IPSEC_DEFAULT_POLICY);
    if (p && ipsec_set_policy_attr(p, IPSEC_BTNS_STANDALONE, sizeof on, &on)) {
        ipsec_free_policy(p);
        p = NULL;
    }
    return p;
}

static ipsec_channel_info_t *a_channel(int octet)
{
    unsigned char key[32];
    memset(key, octet, sizeof key);
    ipsec_channel_info_t *ci = ipsec_create_channel_info();
    if (ci && ipsec_set_channel_attr(ci, IPSEC_CHANNEL_PEER_KEY, sizeof key, key)) {
        ipsec_free_channel_info(ci);
        ci = NULL;
    }
    return ci;
}

#define FAILS(call, error) (errno = 0, (call) == -1 && errno == (error))

static void test_policies(void)
{
    uint32_t on = 1, two = 2, len = 0;
    void *value = NULL;
    ipsec_policy_t *p = a_policy(), *q = NULL;
    check(!ipsec_create_policy(1) && errno == EINVAL, "no policy of another type");
    check(!ipsec_get_policy_attr(p, IPSEC_BTNS_STANDALONE, &len, &value) && len == 4 &&
              !memcmp(value, &on, 4),
          "an attribute is read as it was set");
    free(value);
    check(FAILS(ipsec_get_policy_attr(p, IPSEC_POLICY_SUITE, &len, &value), ENODATA),
          "one that was not set");
    check(FAILS(ipsec_get_policy_attr(p, 99, &len, &value), ENOPROTOOPT) &&
              FAILS(ipsec_set_policy_attr(p, 99, 4, &on), ENOPROTOOPT),
          "one that there is not");
    check(FAILS(ipsec_set_policy_attr(p, IPSEC_BTNS_STANDALONE, 3, &on), EINVAL) &&
              FAILS(ipsec_set_policy_attr(p, IPSEC_BTNS_STANDALONE, 4, &two), EINVAL) &&
              FAILS(ipsec_set_policy_attr(p, IPSEC_POLICY_PROFILE, 0, ""), EINVAL) &&
              FAILS(ipsec_set_policy_attr(p, IPSEC_POLICY_PROFILE, 2, "a\0"), EINVAL),
          "wrong lengths and values");
    check(FAILS(ipsec_set_policy_attr(NULL, 1, 4, &on), EINVAL) &&
              FAILS(ipsec_set_policy_attr(p, 1, 4, NULL), EINVAL) &&
              FAILS(ipsec_get_policy_attr(NULL, 1, &len, &value), EINVAL) &&
              FAILS(ipsec_get_policy_attr(p, 1, NULL, &value), EINVAL) &&
              FAILS(ipsec_get_policy_attr(p, 1, &len, NULL), EINVAL) &&
              FAILS(ipsec_cmp_policy(p, NULL), EINVAL) &&
              FAILS(ipsec_dup_policy(NULL, &q), EINVAL) && FAILS(ipsec_dup_policy(p, NULL), EINVAL),
          "NULL");
    check(!ipsec_dup_policy(p, &q) && !ipsec_cmp_policy(p, q), "a copy is equal");
    ipsec_set_policy_attr(q, IPSEC_POLICY_SUITE, 11, "aes128gcm16");
    check(ipsec_cmp_policy(p, q) == 1 && ipsec_cmp_policy(q, p) == 1, "until it is changed");
    check(!ipsec_free_policy(p) && !ipsec_free_policy(q) && !ipsec_free_policy(NULL),
          "freed, NULL, too");
}

static void test_channels(void)
{
    uint32_t len, number = IPSEC_STATE_CLEAR;
    void *value;
    ipsec_channel_info_t *bob = a_channel(2), *carol = a_channel(3), *copy = NULL,
                         *nobody = ipsec_create_channel_info();
    check(!ipsec_get_channel_attr(bob, IPSEC_CHANNEL_PEER_KEY_TYPE, &len, &value) && len == 4,
          "a key has a type");
    free(value);
    check(FAILS(ipsec_set_channel_attr(bob, IPSEC_CHANNEL_STATE, 4, &number), EROFS) &&
              FAILS(ipsec_set_channel_attr(bob, 99, 4, &number), ENOPROTOOPT) &&
              FAILS(ipsec_set_channel_attr(bob, IPSEC_CHANNEL_PEER_KEY, 31, bob), EINVAL) &&
              FAILS(ipsec_set_channel_attr(NULL, IPSEC_CHANNEL_PEER_KEY, 32, bob), EINVAL),
          "what cannot be set");
    check(FAILS(ipsec_get_channel_attr(bob, IPSEC_CHANNEL_STATE, &len, &value), ENODATA) &&
              FAILS(ipsec_get_channel_attr(bob, 99, &len, &value), ENOPROTOOPT) &&
              FAILS(ipsec_get_channel_attr(bob, IPSEC_CHANNEL_STATE, NULL, &value), EINVAL),
          "what cannot be read");
    check(!ipsec_dup_channel_info(bob, &copy) && !ipsec_cmp_channel_info(bob, copy),
          "a copy is the same one");
    check(ipsec_cmp_channel_info(bob, carol) == 1, "another is not");
    check(FAILS(ipsec_cmp_channel_info(bob, nobody), ENODATA) &&
              FAILS(ipsec_cmp_channel_info(bob, NULL), EINVAL) &&
              FAILS(ipsec_dup_channel_info(NULL, &copy), EINVAL),
          "nobody is neither");
    check(FAILS(ipsec_check_channel_info(bob, NULL), EINVAL), "a check needs a policy");
    ipsec_free_channel_info(bob);
    ipsec_free_channel_info(carol);
    ipsec_free_channel_info(copy);
    ipsec_free_channel_info(nobody);
}

static void test_lines(void)
{
    static const char *const wrong[] = {
        "",      "btns1",      "btns1:",    "btns1:!",       "btns1:AQ",
        "hello", "btns1:AgAA", "btns01:AA", "BTNS1:AQQAAAAB"};
    ipsec_channel_info_t *bob = a_channel(2), *again = NULL, *nobody = ipsec_create_channel_info();
    char *line = NULL, longer[IPSEC_EXPORT_MAX + 8];
    check(!ipsec_export_channel_info(bob, &line) && strlen(line) < IPSEC_EXPORT_MAX &&
              !strncmp(line, "btns1:", 6),
          "a line of text");
    check(!ipsec_import_channel_info(line, &again) && !ipsec_cmp_channel_info(bob, again),
          "from which the same one comes");
    bool whole = true;
    for (size_t n = strlen(line) - 1; n > 0; n--) {
        char cut[IPSEC_EXPORT_MAX];
        ipsec_channel_info_t *ci = NULL;
        memcpy(cut, line, n);
        cut[n] = '\0';
        whole &= ipsec_import_channel_info(cut, &ci) == -1 && !ci;
    }
    check(whole, "and none from less of it");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(FAILS(ipsec_import_channel_info(wrong[i], &again), EINVAL), "not from \"%s\"",
              wrong[i]);
    memset(longer, 'A', sizeof longer);
    memcpy(longer, "btns1:", 6);
    longer[sizeof longer - 1] = '\0';
    check(FAILS(ipsec_import_channel_info(longer, &again), EINVAL), "nor from a longer one");
    check(FAILS(ipsec_import_channel_info("btns2:AA", &again), ENOTSUP), "a later version's");
    check(FAILS(ipsec_export_channel_info(nobody, &line), ENODATA) &&
              FAILS(ipsec_import_channel_info(NULL, &again), EINVAL) &&
              FAILS(ipsec_import_channel_info(line, NULL), EINVAL) &&
              FAILS(ipsec_export_channel_info(bob, NULL), EINVAL),
          "nobody, and NULL");
    free(line);
    ipsec_free_channel_info(bob);
    ipsec_free_channel_info(again);
    ipsec_free_channel_info(nobody);
}

/* ---- sockets */

static int descriptors(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static void test_wrong_sockets(void)
{
    static const struct {
        int domain, type, error;
    } kinds[] = {{AF_UNIX, SOCK_STREAM, EAFNOSUPPORT},
                 {AF_INET, SOCK_RAW, EPROTONOSUPPORT},
                 {0, 0, EBADF},
                 {-1, 0, ENOTSOCK}};
    ipsec_policy_t *p = a_policy(), *q;
    ipsec_channel_info_t *ci = a_channel(2), *got;
    char text[64];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int pair[2] = {-1, -1}, error = kinds[i].error;
        int fd = kinds[i].domain < 0 ? (pipe(pair) ? -1 : pair[0])
                 : kinds[i].domain   ? socket(kinds[i].domain, kinds[i].type,
                                            kinds[i].type == SOCK_RAW ? IPPROTO_RAW : 0)
                                     : -1;
        check(FAILS(ipsec_set_socket_policy(fd, p), error) &&
                  FAILS(ipsec_get_socket_policy(fd, &q), error) &&
                  FAILS(ipsec_set_socket_channel_info(fd, ci), error) &&
                  FAILS(ipsec_get_socket_channel_info(fd, &got), error) &&
                  FAILS(ipsec_watch(fd), error) && FAILS(ipsec_who(fd, text, sizeof text), error) &&
                  FAILS(ipsec_expect(fd, pretended_id), error) &&
                  FAILS(ipsec_check_socket(fd, NULL), error) &&
                  FAILS(ipsec_prepare_recv(fd), error),
              "%s from each function", strerrorname_np(error));
        close(pair[1]);
        close(fd);
    }
    ipsec_free_policy(p);
    ipsec_free_channel_info(ci);
}

static void test_without_btnsd(int tcp)
{
    ipsec_policy_t *p = a_policy(), *q;
    ipsec_channel_info_t *ci = a_channel(2), *got;
    char text[128] = "";
    int before = descriptors();
    setenv("BTNS_SOCKET_PATH", "/nonexistent/btnsd.sock", 1);
    check(FAILS(ipsec_set_socket_policy(tcp, p), ENETDOWN) &&
              FAILS(ipsec_get_socket_policy(tcp, &q), ENETDOWN) &&
              FAILS(ipsec_set_socket_channel_info(tcp, ci), ENETDOWN) &&
              FAILS(ipsec_get_socket_channel_info(tcp, &got), ENETDOWN) &&
              FAILS(ipsec_watch(tcp), ENETDOWN) &&
              FAILS(ipsec_expect(tcp, pretended_id), ENETDOWN) &&
              FAILS(ipsec_who(tcp, text, sizeof text), ENETDOWN),
          "without btnsd: ENETDOWN from each function that needs it");
    ipsec_get_reason(text, sizeof text);
    check(strstr(text, "btnsd is not running"), "and words: %s", text);
    check(descriptors() == before, "no descriptor is kept");
    ipsec_free_policy(p);
    ipsec_free_channel_info(ci);
}

static void test_with_btnsd(int tcp)
{
    ipsec_channel_info_t *ci, *bob = a_channel(2), *carol = a_channel(3);
    ipsec_policy_t *p = a_policy();
    char text[64];
    uint32_t len, no = 0;
    void *value;
    int before = descriptors();
    check(!ipsec_set_socket_policy(tcp, p) && !ipsec_set_socket_channel_info(tcp, bob) &&
              !ipsec_set_socket_policy(tcp, NULL) && !ipsec_set_socket_channel_info(tcp, NULL) &&
              !ipsec_expect(tcp, "bob"),
          "a policy, a peer, and neither");
    check(!ipsec_who(tcp, text, sizeof text) && !strcmp(text, "somebody"), "who it is");
    check(!ipsec_who(tcp, text, 5) && !strcmp(text, "some"), "or as much as there is room for");
    check(!ipsec_get_socket_channel_info(tcp, &ci) && !ipsec_cmp_channel_info(ci, bob) &&
              ipsec_cmp_channel_info(ci, carol) == 1,
          "the channel");
    check(!ipsec_get_channel_attr(ci, 0x7777, &len, &value) && len == 4,
          "what a later btnsd tells is handed on");
    free(value);
    check(FAILS(ipsec_set_channel_attr(ci, IPSEC_CHANNEL_PEER_KEY, 32, text), EROFS),
          "it cannot be changed");
    check(!ipsec_check_channel_info(ci, p) && !ipsec_check_socket(tcp, NULL), "good enough");
    ipsec_set_policy_attr(p, IPSEC_BTNS_STANDALONE, 4, &no);
    check(ipsec_check_channel_info(ci, p) == 1 && ipsec_check_socket(tcp, p) == 1,
          "not where somebody has to vouch for it");
    ipsec_channel_info_t *nobody = ipsec_create_channel_info();
    check(FAILS(ipsec_set_socket_channel_info(tcp, nobody), ENODATA), "nobody cannot be expected");
    ipsec_free_channel_info(nobody);
    check(descriptors() == before, "no descriptor is kept");
    ipsec_free_channel_info(ci);
    ipsec_free_channel_info(bob);
    ipsec_free_channel_info(carol);
    ipsec_free_policy(p);
}

static void test_messages(int tcp)
{
    char data[] = "hello";
    struct iovec iov = {data, 5};
    const struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    ipsec_policy_t *p = a_policy(), *q = NULL;
    ipsec_channel_info_t *bob = a_channel(2), *carol = a_channel(3), *with = NULL;
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
    check(sendmsg(tcp, &msg, MSG_NOSIGNAL) == 5, "and again when that is forgotten");
    ipsec_free_policy(p);
    ipsec_free_policy(q);
    ipsec_free_channel_info(with);
    ipsec_free_channel_info(bob);
    ipsec_free_channel_info(carol);
}

/* heard: what the other end has got so far */
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

/* One datagram for each test, which came in time or not: btnsd is pretended to know. */
static void test_received(int heard, const struct sockaddr_in *at)
{
    char got[8], control[IPSEC_MSG_CONTROL];
    struct sockaddr_in from;
    struct iovec iov = {got, sizeof got};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    ipsec_policy_t *p = a_policy(), *none = ipsec_new_policy(IPSEC_DEFAULT_POLICY);
    ipsec_channel_info_t *bob = a_channel(2), *carol = a_channel(3), *with = NULL;
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

/* ---- no memory, at each place in turn */

static int tcp_of_all;

static int use_everything(void)
{
    ipsec_policy_t *p = a_policy(), *q = NULL;
    ipsec_channel_info_t *ci = a_channel(2), *copy = NULL, *again = NULL, *of = NULL;
    char *line = NULL;
    void *value = NULL;
    uint32_t len;
    int rc = p && ci && !ipsec_dup_policy(p, &q) && !ipsec_dup_channel_info(ci, &copy) &&
                     !ipsec_export_channel_info(ci, &line) &&
                     !ipsec_import_channel_info(line, &again) &&
                     !ipsec_get_channel_attr(ci, IPSEC_CHANNEL_PEER_KEY, &len, &value) &&
                     !ipsec_set_socket_policy(tcp_of_all, p) &&
                     !ipsec_set_socket_channel_info(tcp_of_all, ci) &&
                     !ipsec_get_socket_channel_info(tcp_of_all, &of) &&
                     !ipsec_expect(tcp_of_all, line) && !ipsec_expect(tcp_of_all, pretended_id) &&
                     !ipsec_check_socket(tcp_of_all, NULL)
                 ? 0
                 : -1;
    int error = errno;
    free(value);
    free(line);
    ipsec_free_channel_info(of);
    ipsec_free_channel_info(again);
    ipsec_free_channel_info(copy);
    ipsec_free_channel_info(ci);
    ipsec_free_policy(q);
    ipsec_free_policy(p);
    errno = error;
    return rc;
}

#ifdef LIBC_ALLOCATOR
static void test_no_memory(void)
{
}
#else
static void test_no_memory(void)
{
    long before, n;
    bool enomem = true, leaks = false;
    use_everything();
    before = live;
    for (n = 0; n < 1000; n++) {
        until = n;
        int rc = use_everything();
        int error = errno;
        until = -1;
        leaks |= live != before;
        if (!rc)
            break;
        enomem &= error == ENOMEM;
    }
    check(n > 20 && n < 1000 && enomem, "at each of %ld allocations that fails: ENOMEM", n);
    check(!leaks, "and nothing is lost");
}

#endif

static void *work(void *arg)
{
    int *bad = arg;
    for (int i = 0; i < 20; i++)
        *bad |= use_everything();
    return NULL;
}

static void test_threads(void)
{
    pthread_t t[16];
    int bad[16] = {0}, sum = 0;
    for (int i = 0; i < 16; i++)
        pthread_create(&t[i], NULL, work, &bad[i]);
    for (int i = 0; i < 16; i++) {
        pthread_join(t[i], NULL);
        sum |= bad[i];
    }
    check(!sum, "from 16 threads at once");
}

static int bound(struct sockaddr_in *at)
{
    socklen_t len = sizeof *at;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)at, len) || getsockname(fd, (struct sockaddr *)at, &len))
        exit(1);
    return fd;
}

static int connected(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int heard = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(heard, (struct sockaddr *)&at, len) || listen(heard, 1) ||
        getsockname(heard, (struct sockaddr *)&at, &len) ||
        connect(fd, (struct sockaddr *)&at, len))
        exit(1);
    return fd;
}

int main(void)
{
    int tcp = tcp_of_all = connected();
    check(ipsec_api_version() >= IPSEC_API_VERSION, "its version");
    test_policies();
    test_channels();
    test_lines();
    test_wrong_sockets();
    test_without_btnsd(tcp);
    pretend_btnsd(0);
    test_with_btnsd(tcp);
    test_messages(tcp);
    struct sockaddr_in at;
    int heard = bound(&at);
    test_datagrams(heard, &at);
    test_received(heard, &at);
    close(heard);
    test_no_memory();
    test_threads();
    pretend_btnsd(EPERM);
    ipsec_channel_info_t *ci;
    check(FAILS(ipsec_get_socket_channel_info(tcp, &ci), EPERM), "btnsd's errno is the function's");
    return check_end();
}
