/*
 * TCP-AO keys as btnsd passes them to the kernel, octet by octet, by the uapi header of Linux 6.7.
 * The kernel is a mock: the two functions below replace libc's, record their arguments and answer
 * as a test says. TAP.
 */
#include "btnsd/tcp/ao.h"
#include "btnsd/running/sign_socket.h"
#include "libapi/wire/refusal.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#define CALLS 12
static struct mock_call {
    int level, option;
    size_t len;
    uint8_t value[512];
} call[CALLS];
static unsigned calls;
static int answer[CALLS];    /* each call's errno; 0: it succeeds */
static uint8_t kept_key[80]; /* the key that TCP_AO_GET_KEYS finds */
static size_t kept_len;

static int record(int level, int option, const void *value, size_t len)
{
    if (calls == CALLS || len > sizeof call->value)
        return errno = EOVERFLOW, -1;
    call[calls] = (struct mock_call){.level = level, .option = option, .len = len};
    memcpy(call[calls].value, value, len);
    errno = answer[calls++];
    return errno ? -1 : 0;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
    (void)fd;
    return record(level, option, value, len);
}

int getsockopt(int fd, int level, int option, void *restrict value, socklen_t *restrict len)
{
    uint8_t *octets = value;
    (void)fd;
    if (record(level, option, value, *len))
        return -1;
    if (option == 41) { /* TCP_AO_GET_KEYS: the key, how many, its code's and its own length */
        memcpy(octets + 192, kept_key, kept_len);
        octets[272] = 1;
        octets[281] = 12;
        octets[283] = (uint8_t)kept_len;
    }
    return 0;
}

static void mock_kernel(const int *errors, unsigned n)
{
    memset(call, 0, sizeof call);
    memset(answer, 0, sizeof answer);
    if (n)
        memcpy(answer, errors, n * sizeof *errors);
    calls = 0;
}

static const struct tcp_ao_key key = {.send_id = 61,
                                      .receive_id = 84,
                                      .algorithm = "hmac(sha1)",
                                      .mac_len = 12,
                                      .secret = (const uint8_t *)"testvector",
                                      .len = 10,
                                      .current = true};

/* Are all octets except these 0? */
static bool only(const struct mock_call *c, size_t size, const uint8_t *want)
{
    if (c->len != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (c->value[i] != want[i]) {
            printf("# octet %zu is %u, not %u\n", i, c->value[i], want[i]);
            return false;
        }
    return true;
}

static void test_add(void)
{
    struct btns_addr peer, network;
    uint8_t want[288] = {0};
    btns_addr_parse(&peer, "192.0.2.1");
    peer.port = 179; /* the kernel refuses a key with a port */
    mock_kernel(NULL, 0);
    check(!tcp_ao_sign(3, AF_INET, &peer, 32, &key) && calls == 1, "one call");
    check(call[0].level == IPPROTO_TCP && call[0].option == 38, "TCP_AO_ADD_KEY");
    const struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
    memcpy(want, &in, sizeof in);
    memcpy(want + 128, "hmac(sha1)", 10);
    const uint32_t current = 1, next = 2;
    memcpy(want + 196, &current, 4);
    want[202] = 32;
    want[203] = 61;
    want[204] = 84;
    want[205] = 12;
    want[207] = 10;
    memcpy(want + 208, "testvector", 10);
    check(only(&call[0], 288, want),
          "struct tcp_ao_add: address without a port, algorithm, current");

    struct tcp_ao_key more = key;
    more.current = false;
    more.next = true;
    more.algorithm = "cmac(aes128)";
    btns_addr_parse(&network, "2001:db8::");
    mock_kernel(NULL, 0);
    check(!tcp_ao_sign(3, AF_INET6, &network, 64, &more), "a network of IPv6");
    memset(want, 0, sizeof want);
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr.s6_addr = {0x20, 1, 0xd, 0xb8}};
    memcpy(want, &in6, sizeof in6);
    memcpy(want + 128, "cmac(aes128)", 12);
    memcpy(want + 196, &next, 4);
    want[202] = 64;
    want[203] = 61;
    want[204] = 84;
    want[205] = 12;
    want[207] = 10;
    memcpy(want + 208, "testvector", 10);
    check(only(&call[0], 288, want), "struct tcp_ao_add: IPv6, next");

    mock_kernel(NULL, 0);
    check(!tcp_ao_sign(3, AF_INET6, &peer, 32, &key), "an IPv4 peer of an IPv6 socket");
    check(call[0].value[0] == AF_INET6 && call[0].value[18] == 0xff && call[0].value[202] == 32,
          "is a mapped address, with IPv4's length");
}

static void test_limits(void)
{
    struct btns_addr peer;
    struct tcp_ao_key k = key;
    uint8_t octets[81] = "x";
    btns_addr_parse(&peer, "192.0.2.1");
    mock_kernel(NULL, 0);
    k.len = 0;
    check(tcp_ao_sign(3, AF_INET, &peer, 32, &k) == -EINVAL && !calls, "no key of no octets");
    k.secret = octets;
    k.len = 81;
    check(tcp_ao_sign(3, AF_INET, &peer, 32, &k) == -EINVAL && !calls, "none of 81");
    k.len = 80;
    check(!tcp_ao_sign(3, AF_INET, &peer, 32, &k) && call[0].value[207] == 80, "one of 80");
}

static void test_unsign(void)
{
    struct btns_addr peer;
    uint8_t want[144] = {0};
    const struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
    btns_addr_parse(&peer, "192.0.2.1");
    mock_kernel(NULL, 0);
    memcpy(want, &in, sizeof in);
    want[138] = 32;
    want[139] = 61;
    want[140] = 84;
    check(!tcp_ao_unsign(3, AF_INET, &peer, 32, 61, 84) && call[0].option == 39 &&
              only(&call[0], 144, want),
          "TCP_AO_DEL_KEY, struct tcp_ao_del");
}

static bool called(const int *options, unsigned n)
{
    bool same = calls == n;
    for (unsigned i = 0; same && i < n; i++)
        same = call[i].option == options[i];
    return same;
}

/*
 * A socket that is connected a second time, and a listener that gets another key with the same
 * name.
 */
static void test_again(void)
{
    struct btns_addr peer;
    const int exists[] = {EEXIST};
    const uint32_t current = 1, required = 4;
    btns_addr_parse(&peer, "192.0.2.1");
    memcpy(kept_key, "testvector", kept_len = 10);
    mock_kernel(exists, 1);
    /* The mock's answer has the identifiers of the question. */
    check(!tcp_ao_sign(3, AF_INET, &peer, 32, &key) && called((int[]){38, 41, 40}, 3),
          "the same key is left, and chosen (TCP_AO_INFO)");
    check(call[2].len == 48 && !memcmp(call[2].value, &current, 4) && call[2].value[6] == 61 &&
              call[2].value[7] == 84,
          "struct tcp_ao_info_opt");
    memcpy(kept_key, "othersecre", 10);
    mock_kernel(exists, 1);
    check(!tcp_ao_sign(3, AF_INET, &peer, 32, &key) && called((int[]){38, 41, 40, 39, 38, 40}, 6),
          "another one is exchanged");
    check(!memcmp(call[2].value, &required, 4) && !call[5].value[0],
          "nothing unsigned is taken meanwhile");
    const int busy[] = {EEXIST, 0, 0, EBUSY};
    mock_kernel(busy, 4);
    check(tcp_ao_sign(3, AF_INET, &peer, 32, &key) == -EBUSY && called((int[]){38, 41, 40, 39}, 4),
          "one in use is not, and the socket takes nothing unsigned");
}

/* From a rule's keys to the kernel's calls. */
static void test_rule(void)
{
    struct err err = {""};
    struct utsname u;
    struct prefix peer = {.bits = 32};
    const struct sign_key two = {
        .file = "/etc/btns/keys/peer",
        .auth = SIGN_AO,
        .ao = {{.send_id = 1, .receive_id = 2, .current = true, .secret = key.secret, .len = 10},
               {.send_id = 3,
                .receive_id = 4,
                .next = true,
                .algorithm = AO_AES_128_CMAC_96,
                .secret = key.secret,
                .len = 9}},
        .aos = 2};
    btns_addr_parse(&peer.net, "192.0.2.1");
    mock_kernel(NULL, 0);
    check(!sign_socket(3, AF_INET, &peer, &two, false, &err) && called((int[]){38, 38}, 2),
          "a call for each key");
    check(call[0].value[196] == 1 && call[1].value[196] == 2 && call[1].value[203] == 3 &&
              !strcmp((char *)call[1].value + 128, "cmac(aes128)"),
          "the first is current, the second is the next");
    mock_kernel(NULL, 0);
    check(!sign_socket(3, AF_INET, &peer, &two, true, &err) && !call[0].value[196] &&
              !call[1].value[196],
          "a listener has neither: each of its connections has its own");
    mock_kernel(NULL, 0);
    check(!sign_living_socket(3, AF_INET, &peer, &two, &err) && called((int[]){38, 38, 40}, 3) &&
              !call[0].value[196] && !call[1].value[196],
          "a living connection gets both, and goes on signing as it did");
    check(call[2].value[0] == 2 && call[2].value[7] == 4, "its peer is asked for the next one");
    mock_kernel((int[]){0, 0, ENOENT}, 3);
    check(sign_living_socket(3, AF_INET, &peer, &two, &err) == -ENOKEY && strstr(err.text, "peer"),
          "if the kernel refuses that: %s", err.text);
    mock_kernel((int[]){0, ENOMEM}, 2);
    check(sign_socket(3, AF_INET, &peer, &two, false, &err) == -ERRNO_UNPROTECTED &&
              strstr(err.text, "/etc/btns/keys/peer") && strstr(err.text, strerror(ENOMEM)),
          "a key that cannot be set: %s", err.text);
    mock_kernel((int[]){EKEYREJECTED}, 1);
    check(sign_socket(3, AF_INET, &peer, &two, false, &err) == -ERRNO_UNPROTECTED &&
              strstr(err.text, "TCP-MD5 key for this peer"),
          "a socket with a TCP-MD5 key: %s", err.text);
    mock_kernel((int[]){ENOPROTOOPT}, 1);
    uname(&u);
    check(sign_socket(3, AF_INET, &peer, &two, false, &err) == -ERRNO_UNPROTECTED && calls == 1 &&
              strstr(err.text, u.release) && strstr(err.text, "6.7") &&
              strstr(err.text, "CONFIG_TCP_AO"),
          "a kernel without it: %s", err.text);
    check(!strstr(err.text, "testvector"), "no message has a key");
}

static void test_try(void)
{
    mock_kernel((int[]){ENOENT}, 1);
    check(!tcp_ao_try() && call[0].option == 40 && call[0].len == 48,
          "a kernel that has it finds no keys");
    mock_kernel((int[]){ENOPROTOOPT}, 1);
    check(tcp_ao_try() == -ENOPROTOOPT, "another does not know the option");
}

int main(void)
{
    test_add();
    test_limits();
    test_unsign();
    test_again();
    test_rule();
    test_try();
    return check_end();
}
