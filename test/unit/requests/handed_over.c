/*
 * A connection to btnsd that was made as a socket pair and handed over: accepted for one end of a
 * socket pair, and nothing else. TAP.
 */
#include "test/unit/requests/requests_talk.h"

static int ask_reload(int fd)
{
    struct btns_hdr h = header(BTNS_REQ_RELOAD, 9);
    say(fd, &h, sizeof h);
    return end_away(fd);
}

/*
 * Hands `end` over to btnsd, and returns the error that `own` then gets for a request that only
 * root may make; -1: no answer.
 */
static int hand_over(int end, int own)
{
    struct btns_hdr h = header(BTNS_MSG_CHANNEL, 0);
    int link = dial(), error;
    say_with(link, &h, sizeof h, end, 1);
    close(end);
    error = own < 0 ? next_away(link) == 0 ? 0 : -1 : ask_reload(own);
    close(link);
    return error;
}

static int make_pair(int *own, int type)
{
    int ends[2];
    if (socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, ends))
        _exit(1);
    *own = ends[0];
    return ends[1];
}

/*
 * A pair that another process has made, for example a root service to which the sender was
 * connected.
 */
static int make_pair_elsewhere(int *own)
{
    int end = make_pair(own, SOCK_SEQPACKET);
    pid_t pid = fork();
    if (pid)
        return waitpid(pid, NULL, 0) == pid ? end : -1;
    *result = hand_over(end, -1) == 0;
    _exit(0);
}

static void handing_over(void)
{
    int own = -1, other = -1, all = 0, listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0btns-test-handed"};
    int end = make_pair(&own, SOCK_SEQPACKET);
    all |= hand_over(end, own) == EPERM;
    all |= (ask_reload(own) == EPERM) << 1;
    all |= (hand_over(make_pair(&other, SOCK_STREAM), -1) == 0) << 2;
    all |= (hand_over(dial(), -1) == 0) << 3;
    if (!bind(listener, (struct sockaddr *)&name, sizeof name) && !listen(listener, 1))
        all |= (hand_over(listener, -1) == 0) << 4;
    make_pair_elsewhere(&other);
    all |= (*result == 1) << 5;
    *result = all;
}

static void test_handed_over(void)
{
    static const char *const whats[] = {
        "one end of a pair is a connection of its maker's",
        "which goes on when the one that it was handed over by has ended",
        "a stream is none",
        "nor is a connection, whose other end is somebody else's",
        "nor a listener",
        "nor a pair that another process has made"};
    as_nobody(handing_over);
    for (int i = 0; i < 6; i++)
        check(*result >= 0 && *result >> i & 1, "handed over: %s", whats[i]);
}

static void tests(void)
{
    test_handed_over();
}

int main(void)
{
    return requests_main(tests);
}
