/* Stands in for btnsd's socket, and checks what btnsd sends to its clients. */
#include "btnsd/server/passed_fds.h"
#include "libapi/wire/attrs.h"
#include "test/fuzz/request/played.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct client client[CLIENTS];

/*
 * An answer or event for libbtns consists of attributes; an answer's first attribute is an errno.
 */
static void check_attributes(const struct btns_hdr *h, const void *list, size_t len)
{
    struct attr a;
    size_t at = 0;
    uint32_t error = 0;
    demand(sizeof *h + len <= BTNS_API_MAX && attrs_sound(list, len));
    demand(attrs_next(list, len, &at, &a) > 0);
    demand(h->type == BTNS_API_EVENT || (a.type == BTNS_API_ERROR && attr_u32(&a, &error)));
    demand(error < 4096);
}

static void check_message(const struct client *c, const void *msg, size_t len)
{
    static const struct {
        size_t len, text, size;
    } shape[] = {
#define SHAPE(s, f) {sizeof(struct s), offsetof(struct s, f), sizeof(((struct s *)0)->f)}
        [BTNS_REP_VERDICT - 64] = SHAPE(btns_verdict_msg, text),
        [BTNS_REP_POLICY - 64] = SHAPE(btns_policy_msg, text),
        [BTNS_REP_STATUS - 64] = SHAPE(btns_status_msg, version),
        [BTNS_REP_LATCH - 64] = SHAPE(btns_latch_msg, reason),
        [BTNS_REP_PEER - 64] = {sizeof(struct btns_peer_msg), 0, 0},
        [BTNS_REP_END - 64] = SHAPE(btns_end_msg, text),
    };
    struct btns_hdr h;
    memcpy(&h, msg, sizeof h);
    demand(h.version == BTNS_WIRE_VERSION && h.type >= 64);
    if (h.type == BTNS_API_ANSWER || h.type == BTNS_API_EVENT)
        check_attributes(&h, (const char *)msg + sizeof h, len - sizeof h);
    if (h.type - 64u < sizeof shape / sizeof *shape && shape[h.type - 64].len) {
        demand(len == shape[h.type - 64].len);
        demand(!shape[h.type - 64].size ||
               memchr((const char *)msg + shape[h.type - 64].text, 0, shape[h.type - 64].size));
    }
    if (h.type == BTNS_REP_VERDICT) {
        struct btns_verdict_msg v;
        memcpy(&v, msg, sizeof v);
        demand(v.verdict >= BTNS_V_CLEAR && v.verdict <= BTNS_V_DENIED);
        demand(!v.error == (v.verdict != BTNS_V_DENIED));
    }
    if (h.type == BTNS_REP_LATCH) {
        struct btns_latch_msg l;
        memcpy(&l, msg, sizeof l);
        demand(!c->uid || l.uid == c->uid);
        demand(l.state >= BTNS_S_LISTENER && l.state < BTNS_STATES);
    }
}

void client_send(struct client *c, const void *msg, size_t len, int fd)
{
    (void)fd;
    check_message(c, msg, len);
    c->answers++;
}

bool client_list(struct client *c, struct list *l, uid_t uid)
{
    l->uid = uid;
    l->next = c->lists;
    c->lists = l;
    return true;
}

/* After each step, every client reads what it was sent. */
void send_lists(void)
{
    static char buf[BTNS_REPLY_MAX];
    size_t len;
    for (struct client *c = client; c < client + CLIENTS; c++)
        while (c->lists) {
            struct list *l = c->lists;
            while ((len = l->make(l, buf)) > 0) {
                demand(len <= sizeof buf);
                client_send(c, buf, len, -1);
            }
            c->lists = l->next;
            l->free(l);
        }
}

void client_on_gone(struct client *c, void (*cb)(void *arg), void *arg)
{
    c->gone = cb;
    c->arg = arg;
}

struct btns_about *client_about(struct client *c)
{
    return &c->about;
}

void client_is_patient(struct client *c)
{
    (void)c;
}

bool client_is_waiting(const struct client *c)
{
    return c->gone != NULL;
}

/* This socket has no rings. */
void server_look(struct server *s)
{
    (void)s;
}

int client_peer_process(const struct client *c, pid_t pid)
{
    (void)c;
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

void hang_up(struct client *c)
{
    void (*gone)(void *arg) = c->gone;
    while (c->lists) {
        struct list *l = c->lists;
        c->lists = l->next;
        l->free(l);
    }
    c->gone = NULL;
    if (gone)
        gone(c->arg);
}

void passed_close(int fd, uid_t uid)
{
    (void)uid;
    demand(close(fd) == 0); /* btnsd must not close it twice */
}
