/*
 * For the tests of libbtns's requests: a btnsd behind a socket in its own network namespace, and
 * questions to it made of attributes.
 */
#ifndef BTNS_TEST_UNIT_REQUESTS_LIBRARY_TALK_H
#define BTNS_TEST_UNIT_REQUESTS_LIBRARY_TALK_H

#include "btnsd/running/shut_sockets.h"
#include "btnsd/users/socket_wishes.h"
#include "libapi/btns/ipsec.h"
#include "libapi/wire/attrs.h"
#include "libapi/wire/refusal.h"
#include "test/unit/requests/daemon_talk.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sched.h>

static unsigned char message[BTNS_API_MAX];
static struct attrs_out question;
static union {
    struct btns_hdr hdr;
    unsigned char bytes[BTNS_API_MAX];
} answer;
static size_t answered; /* octets of attributes */

static inline struct attrs_out *begin_question(void)
{
    question =
        (struct attrs_out){.buf = message, .room = sizeof message, .len = sizeof(struct btns_hdr)};
    return &question;
}

/* Returns the errno in the answer; -1: btnsd closed the connection. */
static inline int send_question(unsigned type, unsigned version, int with)
{
    const struct btns_hdr h = {(uint16_t)version, (uint16_t)type, 9};
    struct attr a;
    uint32_t error = 4711;
    int fd = dial();
    ssize_t n = -1;
    memcpy(message, &h, sizeof h);
    if (with >= 0)
        say_with(fd, message, question.len, with, 1);
    else
        say(fd, message, question.len);
    for (int i = 0; i < 200 && n < 0; i++) {
        turn(1);
        n = hear(fd, &answer, sizeof answer);
    }
    close(fd);
    turn(1);
    if (n <= 0 || answer.hdr.type != BTNS_API_ANSWER || answer.hdr.id != 9 ||
        answer.hdr.version != version)
        return -1;
    answered = (size_t)n - sizeof answer.hdr;
    return attrs_find(&answer.hdr + 1, answered, BTNS_API_ERROR, &a) && attr_u32(&a, &error)
               ? (int)error
               : 4712;
}

static inline int ask(unsigned type, int with)
{
    return send_question(type, BTNS_API_VERSION, with);
}

static inline bool answer_says(uint32_t type, uint32_t value)
{
    struct attr a;
    uint32_t is;
    return attrs_find(&answer.hdr + 1, answered, type, &a) && attr_u32(&a, &is) && is == value;
}

static inline bool is_shut(int fd)
{
    socklen_t filters = 0;
    return !getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &filters) && filters;
}

static inline uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

static inline void put_policy(uint32_t type, uint32_t value)
{
    attrs_put_u32(begin_question(), BTNS_API_POLICY_TYPE, IPSEC_DEFAULT_POLICY);
    attrs_put_u32(&question, type, value);
}

static inline uint32_t mark_of(int fd)
{
    uint32_t mark = 0;
    socklen_t len = sizeof mark;
    getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len);
    return mark;
}

static inline bool library_prepare(const char *dir)
{
    static const char policy[] = "format = 1\n";
    char path[200];
    struct err err = {""};
    snprintf(path, sizeof path, "%s/known_peers", dir);
    d.loop = loop;
    d.epoch = epoch_new();
    d.latches = registry_new();
    d.wishes = socket_wishes_new();
    d.rules = rules_load_text("policy", policy, sizeof policy - 1, &err);
    d.peers = peers_load(path, &err);
    d.guards.peers = d.peers;
    d.server = server_new(loop, socket_path, request_dispatch, &d, &err);
    d.xfrm = xfrm_open(&err);
    bool ok = d.xfrm && d.epoch && d.latches && d.wishes && d.rules && d.peers && d.server;
    check(ok, "prepared %s", err.text);
    return ok;
}

static const char link_up[] =
    "ip link set lo up && ip link add va type veth peer name vb && ip link set vb up && "
    "ip link set va up && ip addr add 192.0.2.1/24 dev va";

static inline void library_release(void)
{
    xfrm_close(d.xfrm);
    socket_wishes_free(d.wishes);
}

/* Runs the tests with a btnsd that their sockets can ask. */
static inline int library_main(void (*tests)(void))
{
    if (geteuid() || unshare(CLONE_NEWNET) || system(link_up))
        return skip_without_root();
    return daemon_main(library_prepare, tests, library_release);
}

#endif
