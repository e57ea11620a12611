/*
 * A key file changes while connections live: which connections get its new keys. The kernel's
 * TCP-AO is a mock; the sockets are otherwise real. TAP.
 */
#include "btnsd/running/living_ao_keys.h"
#include "btnsd/tcp/ao_abi.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned added, asked_for; /* the number of keys; the receive ID of the last */
static int answer;

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
    if (level != IPPROTO_TCP || option < AO_OPT_ADD_KEY || option > AO_OPT_GET_KEYS)
        return (int)syscall(SYS_setsockopt, fd, level, option, value, len);
    const struct ao_opt_info *info = value;
    added += option == AO_OPT_ADD_KEY;
    if (option == AO_OPT_INFO && info->set_rnext)
        asked_for = info->rnext;
    errno = answer;
    return answer ? -1 : 0;
}

static struct btnsd d;
static const struct sign_key old = {.file = "/etc/btns/keys/a",
                                    .auth = SIGN_AO,
                                    .ao = {{.send_id = 1,
                                            .receive_id = 11,
                                            .current = true,
                                            .next = true,
                                            .secret = (uint8_t *)"x",
                                            .len = 1}},
                                    .aos = 1};
static const struct sign_key new = {
    .file = "/etc/btns/keys/a",
    .auth = SIGN_AO,
    .ao = {{.send_id = 1, .receive_id = 11, .secret = (uint8_t *)"x", .len = 1},
           {.send_id = 2,
            .receive_id = 22,
            .current = true,
            .next = true,
            .secret = (uint8_t *)"y",
            .len = 1}},
    .aos = 2};

/* The listener stays open, because the connection would be reset otherwise. */
static struct living_keys_of connection(int *fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct living_keys_of of = {.pid = getpid(), .uid = getuid()};
    socklen_t len = sizeof at, size = sizeof of.cookie;
    int heard = socket(AF_INET, SOCK_STREAM, 0);
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(heard, (struct sockaddr *)&at, len) || listen(heard, 1) ||
        getsockname(heard, (struct sockaddr *)&at, &len) ||
        connect(*fd, (struct sockaddr *)&at, len) ||
        getsockopt(*fd, SOL_SOCKET, SO_COOKIE, &of.cookie, &size) ||
        !btns_addr_from_sa(&of.remote, (struct sockaddr *)&at, len))
        check(false, "a connection");
    return of;
}

/* Loads new rules, the only one of which signs with the key. */
static void new_rules(const struct sign_key *key)
{
    static struct rule rule;
    static struct rules rules = {.rule = &rule, .n = 1};
    rule.sign = key;
    d.rules = &rules;
    added = asked_for = 0;
    living_keys_review(&d);
}

int main(void)
{
    int fd;
    struct living_keys_of of = connection(&fd), other;
    const struct sign_key md5 = {.file = old.file, .auth = SIGN_MD5};
    living_keys_note(&d, &of, &md5);
    check(!d.living_key_count, "TCP-MD5 has one key");
    living_keys_note(&d, &of, &old);
    living_keys_note(&d, &of, &old);
    check(d.living_key_count == 1, "a connection counts once");
    new_rules(&new);
    check(added == 2 && asked_for == 22,
          "it gets the file's keys, and its peer is asked for the next");
    const struct sign_key elsewhere = {.file = "/etc/btns/keys/b", .auth = SIGN_AO};
    new_rules(&elsewhere);
    check(!added && d.living_key_count == 1, "another file is none of its business");
    answer = ENOMEM;
    new_rules(&new);
    check(!asked_for && d.living_key_count == 1, "a key that cannot be set: it is tried again");
    answer = 0;
    other = of;
    other.remote.port ^= 1;
    living_keys_note(&d, &other, &old);
    new_rules(&new);
    check(!added && !d.living_key_count, "a socket with another peer gets nothing");
    living_keys_note(&d, &of, &old);
    living_keys_gone(&d, of.cookie + 1);
    living_keys_gone(&d, of.cookie);
    check(!d.living_key_count, "one that has ended is forgotten");
    living_keys_note(&d, &of, &old);
    close(fd);
    new_rules(&new);
    check(!added && !d.living_key_count, "one whose process does not have it any more, too");
    living_keys_note(&d, &of, &old);
    living_keys_end(&d);
    check(!d.living_keys && !d.living_key_count, "the end");
    return check_end();
}
