/* For the tests of the VICI connection: both ends; this program plays the server. */
#ifndef BTNS_TEST_UNIT_IKE_VICI_VICI_ENDS_H
#define BTNS_TEST_UNIT_IKE_VICI_VICI_ENDS_H

#include "btnsd/ike/vici/vici.h"
#include "test/unit/check.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

static inline void free_conn(struct ends *e)
{
    vici_conn_free(e->conn);
    e->conn = NULL;
}

static inline void on_answer(void *arg, const void *body, size_t len)
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

static inline void on_event(void *arg, const char *name, const void *body, size_t len)
{
    struct ends *e = arg;
    e->events++;
    e->len = body ? len : 0;
    snprintf(e->name, sizeof e->name, "%s", name);
    if (e->free_at == AT_EVENT)
        free_conn(e);
}

static inline void on_closed(void *arg, const char *why)
{
    struct ends *e = arg;
    e->closes++;
    snprintf(e->why, sizeof e->why, "%s", why);
    if (e->free_at == AT_CLOSED)
        free_conn(e);
}

static const struct vici_ops ops = {on_answer, on_event, on_closed};

static inline void open_ends(struct ends *e)
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

static inline void close_ends(struct ends *e)
{
    vici_conn_free(e->conn);
    close(e->server);
}

/* Sends a packet: its length, then the payload. */
static inline void serve(struct ends *e, const void *payload, size_t len)
{
    uint8_t head[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                       (uint8_t)len};
    if (write(e->server, head, 4) != 4 || write(e->server, payload, len) != (ssize_t)len)
        printf("# the server could not write\n");
}

#define SERVE(e, literal) serve(e, literal, sizeof literal - 1)

/* Returns what the client has sent so far, without waiting. */
static inline size_t heard(struct ends *e, uint8_t *buf, size_t size)
{
    ssize_t n = recv(e->server, buf, size, MSG_DONTWAIT);
    return n > 0 ? (size_t)n : 0;
}

static inline bool heard_exactly(struct ends *e, const void *want, size_t len)
{
    uint8_t buf[256];
    return heard(e, buf, sizeof buf) == len && !memcmp(buf, want, len);
}

#define HEARD(e, literal) heard_exactly(e, literal, sizeof literal - 1)

/* Runs the tests with a socket on which the server listens. */
static inline int vici_ends_main(void (*tests)(void))
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
    tests();
    close(listener);
    scratch_remove(dir);
    return check_end();
}

#endif
