/*
 * The end of a VICI connection: every way in which it can end, and owners who free it inside a
 * callback. TAP.
 */
#include "test/unit/ike/vici/vici_ends.h"

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
        vici_conn_io(e.conn); /* a dead connection does nothing */
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

static void tests(void)
{
    deaths();
    last_words();
    freeing();
    not_there();
}

int main(void)
{
    return vici_ends_main(tests);
}
