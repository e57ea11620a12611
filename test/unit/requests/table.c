/*
 * The table of requests: a message that is malformed, of another version or unknown closes the
 * connection. TAP.
 */
#include "test/unit/requests/requests_talk.h"

/* Each request's exact length, and whether a socket comes with it, listed here a second time. */
static const struct {
    unsigned type;
    size_t len;
    bool longer, with_socket;
} shapes[] = {
    {BTNS_REQ_CONNECT, 80, false, true},
    {BTNS_REQ_LISTEN, 80, false, true},
    {BTNS_MSG_CONNECTING, 80, false, false},
    {BTNS_MSG_ACCEPTED, 80, false, false},
    {BTNS_REQ_CONNECT_FAILURE, 80, false, false},
    {BTNS_REQ_EXPLAIN, 1072, false, false},
    {BTNS_REQ_POLICY, 8, true, false},
    {BTNS_REQ_STATUS, 8, false, false},
    {BTNS_REQ_LATCHES, 8, false, false},
    {BTNS_REQ_PEERS, 8, false, false},
    {BTNS_REQ_RELOAD, 8, false, false},
    {BTNS_REQ_FORGET, 64, false, false},
    {BTNS_REQ_WATCH, 16, false, false},
    {BTNS_REQ_TRY, 1104, false, true},
    {BTNS_REQ_POLICY_ADD, 72, true, false},
    {BTNS_REQ_POLICY_REMOVE, 152, false, false},
    {BTNS_REQ_POLICY_BLOCK, 152, false, false},
    {BTNS_REQ_POLICY_LIST, 152, false, false},
    {BTNS_REQ_NOLATCH, 48, false, false},
    {BTNS_REQ_ACCEPTED, 80, false, true},
    {BTNS_MSG_RING, 8, false, true},
    {BTNS_REQ_SPEAK, 8, false, true},
    {BTNS_MSG_CHANNEL, 8, false, true},
    {BTNS_REQ_IMPORT, 264, false, true},
    {BTNS_REQ_KEYSCAN, 32, false, false},
    {BTNS_REQ_ROTATE, 8, false, false},
};

static void test_shapes(void)
{
    static char msg[4096];
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t len = shapes[i].len;
        int with = shapes[i].with_socket ? tcp : -1;
        *(struct btns_hdr *)msg = header(shapes[i].type, 1);
        check((len == sizeof(struct btns_hdr) || refused(msg, len - 1, with)) &&
                  (shapes[i].longer || refused(msg, len + 1, with)),
              "type %u: neither shorter nor longer than %zu", shapes[i].type, len);
        check(refused(msg, len, shapes[i].with_socket ? -1 : tcp), "type %u: %s socket is refused",
              shapes[i].type, shapes[i].with_socket ? "none for a" : "an unasked");
        *(struct btns_hdr *)msg = header(shapes[i].type, 1);
        ((struct btns_hdr *)msg)->version++;
        check(refused(msg, len, with), "type %u: another version is refused", shapes[i].type);
    }
    for (size_t i = 0; i < 5; i++) {
        static const unsigned none[] = {0, 40, 64, 199, 65535};
        *(struct btns_hdr *)msg = header(none[i], 1);
        check(refused(msg, sizeof(struct btns_hdr), -1), "type %u is none", none[i]);
    }
    close(tcp);
}

static void tests(void)
{
    test_shapes();
}

int main(void)
{
    return requests_main(tests);
}
