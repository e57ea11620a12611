/*
 * A stand-in for btnsd in a child process, for tests of the library: it gives every question of
 * libbtns the same answer.
 */
#ifndef BTNS_TEST_PROGRAMS_PRETEND_BTNSD_H
#define BTNS_TEST_PROGRAMS_PRETEND_BTNSD_H

#include <btns/ipsec.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char pretended_id[] = "ed25519:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

struct pretended {
    unsigned char bytes[1024];
    size_t len;
};

static inline void pretend_attr(struct pretended *p, uint32_t type, const void *value, uint32_t len)
{
    const uint32_t head[2] = {type, len};
    memcpy(p->bytes + p->len, head, sizeof head);
    memset(p->bytes + p->len + sizeof head, 0, (len + 3) & ~3u);
    memcpy(p->bytes + p->len + sizeof head, value, len);
    p->len += sizeof head + ((len + 3) & ~3u);
}

static inline void pretend_number(struct pretended *p, uint32_t type, uint32_t value)
{
    pretend_attr(p, type, &value, sizeof value);
}

/*
 * An established channel with a key of twos, for which nobody vouches. With `error`: that error
 * instead.
 */
static inline struct pretended pretended_answer(uint32_t error)
{
    struct pretended p = {.len = 8};
    const uint16_t version = 1, type = 96;
    const uint32_t id = 1;
    unsigned char key[32];
    memset(key, 2, sizeof key);
    memcpy(p.bytes, &version, 2);
    memcpy(p.bytes + 2, &type, 2);
    memcpy(p.bytes + 4, &id, 4);
    pretend_number(&p, 0x10001, error);
    if (error) {
        pretend_attr(&p, 0x10002, "as pretended", 12);
        return p;
    }
    pretend_number(&p, IPSEC_CHANNEL_STATE, IPSEC_STATE_ESTABLISHED);
    pretend_number(&p, IPSEC_CHANNEL_KEY_BITS, 256);
    pretend_number(&p, IPSEC_CHANNEL_PEER_KEY_TYPE, IPSEC_KEY_ED25519);
    pretend_attr(&p, IPSEC_CHANNEL_PEER_KEY, key, sizeof key);
    pretend_attr(&p, IPSEC_CHANNEL_PEER_ID, pretended_id, sizeof pretended_id - 1);
    pretend_number(&p, IPSEC_CHANNEL_AUTH, IPSEC_AUTH_LEAP_OF_FAITH);
    pretend_attr(&p, IPSEC_CHANNEL_INFORMATION, "somebody", 8);
    pretend_number(&p, 0x7777, 42); /* an attribute of a later btnsd */
    return p;
}

/*
 * Starts a stand-in that answers p, and sets $BTNS_SOCKET_PATH to its socket; it ends with this
 * process.
 */
static inline void pretend_answers(struct pretended p)
{
    static unsigned number;
    char path[108];
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(path, sizeof path, "%s/pretended.%d.%u", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp",
             (int)getpid(), number++);
    strcpy(at.sun_path, path);
    setenv("BTNS_SOCKET_PATH", path, 1);
    int heard = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    unlink(path);
    if (bind(heard, (struct sockaddr *)&at, sizeof at) || listen(heard, 64)) {
        perror(path);
        exit(1);
    }
    if (fork()) {
        close(heard);
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        char question[4096];
        int fd = accept(heard, NULL, NULL);
        /* knows only version 1, and closes the connection for a later one */
        if (fd >= 0 && recv(fd, question, sizeof question, 0) > 0 && question[0] == 1)
            send(fd, p.bytes, p.len, MSG_NOSIGNAL);
        close(fd);
    }
}

static inline void pretend_btnsd(uint32_t error)
{
    pretend_answers(pretended_answer(error));
}

#endif
