/*
 * The library's functions, checked against <btns/ipsec.h>: values, errnos, each allocation failing,
 * threads. TAP. Takes no argument; pretend-btnsd.h stands in for btnsd. Messages: ipsec-messages.c.
 */
#include "test/programs/ipsec-objects.h"

#include <dirent.h>
#include <pthread.h>

/* ---- objects */

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

/* ---- each allocation fails in turn */

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
    check_no_memory("objects and sockets", use_everything);
    test_threads();
    pretend_btnsd(EPERM);
    ipsec_channel_info_t *ci;
    check(FAILS(ipsec_get_socket_channel_info(tcp, &ci), EPERM), "btnsd's errno is the function's");
    return check_end();
}
