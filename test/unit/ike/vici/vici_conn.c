/*
 * The VICI connection with a server played by this program: framing, the queue, events in between,
 * and messages that are too big. TAP.
 */
#include "test/unit/ike/vici/vici_ends.h"

static void framing(void)
{
    struct ends e;
    struct vici_msg m;
    open_ends(&e);
    check(!vici_command(e.conn, "version", NULL) && HEARD(&e, "\0\0\0\x09\0\7version"),
          "a command without a message is framed");
    SERVE(&e, "\1\3\1k\0\2ok");
    vici_conn_io(e.conn);
    check(e.answers == 1 && e.known && e.len == 7, "its answer arrives");
    vici_init(&m);
    vici_kv(&m, "k", "v");
    check(!vici_command(e.conn, "x", &m) && HEARD(&e, "\0\0\0\x09\0\1x\3\1k\0\1v"),
          "a command with a message is framed");
    vici_free(&m);
    SERVE(&e, "\2");
    vici_conn_io(e.conn);
    check(e.answers == 2 && !e.known, "an unknown command is told by a NULL body");
    check(!vici_register(e.conn, "log") && HEARD(&e, "\0\0\0\5\3\3log"), "registering is framed");
    SERVE(&e, "\5");
    vici_conn_io(e.conn);
    check(e.answers == 3 && e.known && !e.len, "a confirmed event has an empty body");
    vici_register(e.conn, "nolog");
    SERVE(&e, "\6");
    vici_conn_io(e.conn);
    check(e.answers == 4 && !e.known && !e.closes, "an unknown event has a NULL body");
    close_ends(&e);
}

static void queueing(void)
{
    struct ends e;
    open_ends(&e);
    vici_command(e.conn, "a", NULL);
    vici_command(e.conn, "b", NULL);
    vici_register(e.conn, "c");
    check(HEARD(&e, "\0\0\0\3\0\1a") && !vici_conn_wants_write(e.conn),
          "only the first command is sent");
    SERVE(&e, "\7\2ev\3\1k\0\1v");
    vici_conn_io(e.conn);
    check(e.events == 1 && !e.answers && !strcmp(e.name, "ev") && e.len == 6,
          "an event comes between");
    e.again = true;
    SERVE(&e, "\1");
    vici_conn_io(e.conn);
    check(e.answers == 1 && HEARD(&e, "\0\0\0\3\0\1b"), "the answer releases the second");
    SERVE(&e, "\1");
    vici_conn_io(e.conn);
    check(e.answers == 2 && HEARD(&e, "\0\0\0\3\3\1c"), "and so on, in order");
    SERVE(&e, "\5");
    vici_conn_io(e.conn);
    check(e.answers == 3 && HEARD(&e, "\0\0\0\7\0\5again"),
          "a command queued inside a callback comes last");
    close_ends(&e);
}

static void octet_by_octet(void)
{
    static const char stream[] = "\0\0\0\4\7\2ev\0\0\0\1\1\0\0\0\4\7\2ew";
    struct ends e;
    open_ends(&e);
    vici_command(e.conn, "a", NULL);
    for (size_t i = 0; i < sizeof stream - 1; i++) {
        if (write(e.server, stream + i, 1) != 1)
            break;
        vici_conn_io(e.conn);
    }
    check(e.events == 2 && e.answers == 1 && !strcmp(e.name, "ew") && !e.closes,
          "packets arriving octet by octet are put together");
    if (write(e.server, stream, sizeof stream - 2) == sizeof stream - 2)
        vici_conn_io(e.conn);
    check(e.events == 3 && e.closes == 1, "and packets arriving together are taken apart");
    close_ends(&e);
}

static void big_command(void)
{
    static char value[65535];
    static uint8_t got[VICI_MAX + 4];
    struct ends e;
    struct vici_msg m;
    size_t total = 0;
    bool waited;
    open_ends(&e);
    vici_init(&m);
    for (int i = 0; i < 7; i++)
        vici_kv_data(&m, "k", value, sizeof value);
    int result = vici_command(e.conn, "big", &m);
    waited = vici_conn_wants_write(e.conn);
    for (int i = 0; i < 1000 && total < m.len + 9; i++) {
        vici_conn_io(e.conn);
        total += heard(&e, got + total, sizeof got - total);
    }
    check(!result && waited && total == m.len + 9 && !memcmp(got + 9, m.data, m.len) &&
              !vici_conn_wants_write(e.conn),
          "a command bigger than the socket's buffer is sent in pieces");
    vici_free(&m);
    close_ends(&e);
}

static void big_answer(void)
{
    static uint8_t packet[VICI_MAX];
    struct ends e;
    size_t at = 1, sent = 0;
    uint8_t head[4] = {0, 8, 0, 0};
    open_ends(&e);
    vici_command(e.conn, "a", NULL);
    packet[0] = 1;
    while (at < sizeof packet) { /* key-values that fill the packet to the last octet */
        size_t rest = sizeof packet - at - 5, len = rest > 60005 ? 60000 : rest;
        memcpy(packet + at, (uint8_t[]){3, 1, 'k', (uint8_t)(len >> 8), (uint8_t)len}, 5);
        at += 5 + len;
    }
    if (write(e.server, head, 4) != 4)
        return;
    while (sent < sizeof packet) {
        ssize_t n = send(e.server, packet + sent, sizeof packet - sent, MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        vici_conn_io(e.conn);
    }
    check(e.answers == 1 && e.len == VICI_MAX - 1 && !e.closes, "the biggest answer is taken");
    close_ends(&e);
}

static void refused_commands(void)
{
    static char value[65535];
    struct ends e;
    struct vici_msg m;
    char name[257];
    int result = 0;
    open_ends(&e);
    memset(name, 'n', 256);
    name[256] = '\0';
    check(vici_command(e.conn, "", NULL) == -EINVAL && vici_command(e.conn, name, NULL) == -EINVAL,
          "a command's name has 1 to 255 octets");
    vici_init(&m);
    vici_section(&m, "open");
    check(vici_command(e.conn, "x", &m) == -EINVAL, "an unfinished message is not sent");
    vici_free(&m);
    for (int i = 0; i < 7; i++)
        vici_kv_data(&m, "k", value, sizeof value);
    for (int i = 0; i < 100 && !result; i++)
        result = vici_command(e.conn, "x", &m);
    check(result == -ENOBUFS, "the queue is bounded");
    vici_free(&m);
    close_ends(&e);
}

static void tests(void)
{
    framing();
    queueing();
    octet_by_octet();
    big_command();
    big_answer();
    refused_commands();
}

int main(void)
{
    return vici_ends_main(tests);
}
