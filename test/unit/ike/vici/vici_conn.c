/* The VICI connection against a server played by this program: framing, the queue, events between,
 * every way it can die, and owners who free it from inside a callback. TAP. */
#include "btnsd/ike/vici/vici.h"
#include "test/unit/check.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- both ends ---- */

enum free_at { NEVER, AT_ANSWER, AT_EVENT, AT_CLOSED };

struct ends {
    struct vici_conn *conn;
    int server;
    enum free_at free_at;
    bool again; /* queue one more command from inside the answer */
    int answers, events, closes;
    bool known;     /* of the last answer */
    size_t len;     /* of the last body */
    char name[256]; /* of the last event */
    char why[256];
};

static char path[100];
static int listener;

static void free_conn(struct ends *e)
{
    vici_conn_free(e->conn);
    e->conn = NULL;
}

static void on_answer(void *arg, const void *body, size_t len)
{
    struct ends *e = arg;
    e->answers++;
    e->known = body;
    e->len = len;
    if (e->again)
        vici_command(e->conn, "again", NULL);
    e->again = false;
    if (e->free_at == AT_ANSWER)
        free_conn(e);
}

static void on_event(void *arg, const char *name, const void *body, size_t len)
{
    struct ends *e = arg;
    e->events++;
    e->len = body ? len : 0;
    snprintf(e->name, sizeof e->name, "%s", name);
    if (e->free_at == AT_EVENT)
        free_conn(e);
}

static void on_closed(void *arg, const char *why)
{
    struct ends *e = arg;
    e->closes++;
    snprintf(e->why, sizeof e->why, "%s", why);
    if (e->free_at == AT_CLOSED)
        free_conn(e);
}

static const struct vici_ops ops = {on_answer, on_event, on_closed};

static void open_ends(struct ends *e)
{
    struct err err;
    *e = (struct ends){0};
    e->conn = vici_conn_new(path, &ops, e, &err);
    e->server = accept(listener, NULL, NULL);
    if (!e->conn || e->server < 0) {
        printf("Bail out! no connection\n");
        exit(1);
    }
}

static void close_ends(struct ends *e)
{
    vici_conn_free(e->conn);
    close(e->server);
}

/* ---- the server's side ---- */

/* A packet: its length, then what is given. */
static void serve(struct ends *e, const void *payload, size_t len)
{
    uint8_t head[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                       (uint8_t)len};
    if (write(e->server, head, 4) != 4 || write(e->server, payload, len) != (ssize_t)len)
        printf("# the server could not write\n");
}

#define SERVE(e, literal) serve(e, literal, sizeof literal - 1)

/* What has come from the client so far, without waiting. */
static size_t heard(struct ends *e, uint8_t *buf, size_t size)
{
    ssize_t n = recv(e->server, buf, size, MSG_DONTWAIT);
    return n > 0 ? (size_t)n : 0;
}

static bool heard_exactly(struct ends *e, const void *want, size_t len)
{
    uint8_t buf[256];
    return heard(e, buf, sizeof buf) == len && !memcmp(buf, want, len);
}

#define HEARD(e, literal) heard_exactly(e, literal, sizeof literal - 1)

/* ---- commands and events ---- */

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

/* ---- big ones ---- */

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
    while (at < sizeof packet) { /* key-values that fill it to the last octet */
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

/* ---- the ends of a connection ---- */

static void deaths(void)
{
    static const struct {
        const char *what, *bytes, *why;
        size_t len;
        bool asked;
    } cases[] = {
#define BYTES(s) s, .len = sizeof s - 1
        {"an unknown packet type", BYTES("\0\0\0\1\x08"), .why = "unknown type"},
        {"a request from the server", BYTES("\0\0\0\3\0\1a"), .why = "unknown type"},
        {"an empty packet", BYTES("\0\0\0\0"), .why = "bad length"},
        {"a packet above the limit", BYTES("\0\x08\0\1"), .why = "bad length"},
        {"a length of 4 GiB", BYTES("\xff\xff\xff\xff"), .why = "bad length"},
        {"an answer to nothing", BYTES("\0\0\0\1\1"), .why = "not made"},
        {"a confirmation of a command", BYTES("\0\0\0\1\5"), .why = "not made", .asked = true},
        {"a malformed answer", BYTES("\0\0\0\2\1\2"), .why = "malformed answer", .asked = true},
        {"an unknown command with a body", BYTES("\0\0\0\2\2x"), .why = "malformed", .asked = true},
        {"an event without a name", BYTES("\0\0\0\1\7"), .why = "without a name"},
        {"an event with an empty name", BYTES("\0\0\0\2\7\0"), .why = "without a name"},
        {"an event's name cut short", BYTES("\0\0\0\3\7\2e"), .why = "without a name"},
        {"a malformed event", BYTES("\0\0\0\4\7\1e\2"), .why = "malformed event"},
#undef BYTES
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ends e;
        open_ends(&e);
        if (cases[i].asked)
            vici_command(e.conn, "a", NULL);
        if (write(e.server, cases[i].bytes, cases[i].len) == (ssize_t)cases[i].len)
            vici_conn_io(e.conn);
        vici_conn_io(e.conn); /* dead: does nothing more */
        check(e.closes == 1 && !e.answers && !e.events && strstr(e.why, cases[i].why) &&
                  vici_command(e.conn, "a", NULL) == -ENOTCONN,
              "%s ends the connection (%s)", cases[i].what, e.why);
        close_ends(&e);
    }
}

static void last_words(void)
{
    struct ends e;
    open_ends(&e);
    vici_command(e.conn, "a", NULL);
    SERVE(&e, "\1");
    SERVE(&e, "\7\2ev");
    check(HEARD(&e, "\0\0\0\3\0\1a"), "(a command was read)");
    close(e.server);
    vici_conn_io(e.conn);
    vici_conn_io(e.conn);
    check(e.answers == 1 && e.events == 1 && e.closes == 1 && strstr(e.why, "closed"),
          "what the server said before it closed is heard");
    vici_conn_free(e.conn);
    open_ends(&e);
    vici_command(e.conn, "a", NULL);
    SERVE(&e, "\1");
    close(e.server); /* without having read the command */
    vici_conn_io(e.conn);
    vici_conn_io(e.conn);
    check(e.answers == 1 && e.closes == 1 && strstr(e.why, "VICI socket: Connection reset"),
          "also when it died");
    vici_conn_free(e.conn);
}

static void freeing(void)
{
    static const struct {
        const char *what;
        enum free_at at;
        int answers, events, closes;
    } cases[] = {
        {"an answer", AT_ANSWER, 1, 0, 0},
        {"an event", AT_EVENT, 1, 1, 0},
        {"the end", AT_CLOSED, 1, 2, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ends e;
        open_ends(&e);
        e.free_at = cases[i].at;
        vici_command(e.conn, "a", NULL);
        vici_command(e.conn, "b", NULL);
        SERVE(&e, "\1");
        SERVE(&e, "\7\2ev");
        SERVE(&e, "\7\2ew");
        shutdown(e.server, SHUT_WR);
        while (e.conn) /* the end comes at the next call */
            vici_conn_io(e.conn);
        check(!e.conn && e.answers == cases[i].answers && e.events == cases[i].events &&
                  e.closes == cases[i].closes,
              "freed from inside %s, nothing is called any more", cases[i].what);
        close_ends(&e);
    }
}

static void not_there(void)
{
    struct err err = {""};
    check(!vici_conn_new("/nonexistent/charon.vici", &ops, NULL, &err) &&
              strstr(err.text, "/nonexistent/charon.vici: No such file"),
          "no socket: says which and why");
    char far[300];
    memset(far, 'x', sizeof far - 1);
    far[sizeof far - 1] = '\0';
    check(!vici_conn_new(far, &ops, NULL, &err), "a path too long for a socket is refused");
}

int main(void)
{
    char dir[80];
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    if (!scratch(dir, sizeof dir))
        return 1;
    snprintf(path, sizeof path, "%s/vici", dir);
    strcpy(sun.sun_path, path);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&sun, sizeof sun) || listen(listener, 5))
        return 1;
    framing();
    queueing();
    octet_by_octet();
    big_command();
    big_answer();
    refused_commands();
    deaths();
    last_words();
    freeing();
    not_there();
    close(listener);
    scratch_remove(dir);
    return check_end();
}
