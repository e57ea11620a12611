/*
 * For the charon_* units: talks to a live charon, one command at a time, and waits for each answer.
 */
#ifndef BTNS_TEST_UNIT_IKE_CHARON_CHARON_TALK_H
#define BTNS_TEST_UNIT_IKE_CHARON_CHARON_TALK_H

#include "btnsd/ike/charon/charon_run.h"
#include "btnsd/ike/keys/hostkey.h"
#include "btnsd/ike/vici/vici.h"
#include "libapi/wire/key.h"
#include "test/unit/check.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct talk {
    struct vici_conn *conn;
    bool answered, unknown, closed;
    char body[VICI_MAX];
    size_t len;
    char event[65536]; /* the last event */
    size_t event_len;
    unsigned events;
};

static inline void on_answer(void *arg, const void *body, size_t len)
{
    struct talk *t = arg;
    t->answered = true;
    t->unknown = !body;
    t->len = len;
    if (len)
        memcpy(t->body, body, len);
}

static inline void on_event(void *arg, const char *name, const void *body, size_t len)
{
    struct talk *t = arg;
    (void)name;
    t->events++;
    t->event_len = len < sizeof t->event ? len : 0;
    memcpy(t->event, body, t->event_len);
}

static inline void on_closed(void *arg, const char *why)
{
    struct talk *t = arg;
    printf("# closed: %s\n", why);
    t->closed = true;
}

static const struct vici_ops ops = {on_answer, on_event, on_closed};

static inline bool wait_answer(struct talk *t)
{
    for (int i = 0; i < 1200 && !t->answered && !t->closed; i++) {
        struct pollfd p = {.fd = vici_conn_fd(t->conn), .events = POLLIN};
        if (vici_conn_wants_write(t->conn))
            p.events |= POLLOUT;
        if (poll(&p, 1, 100) == 1)
            vici_conn_io(t->conn);
    }
    return t->answered;
}

static inline bool ask(struct talk *t, const char *command, struct vici_msg *m)
{
    t->answered = false;
    bool ok = !vici_command(t->conn, command, m) && wait_answer(t) && !t->unknown;
    if (m)
        vici_free(m);
    return ok;
}

static inline bool answer_is(struct talk *t, const char *path, const char *want)
{
    char got[256];
    bool found = vici_find_str(t->body, t->len, path, got, sizeof got);
    if (found && !strcmp(got, want))
        return true;
    char why[256];
    vici_find_str(t->body, t->len, "errmsg", why, sizeof why);
    printf("# %s is \"%s\", not \"%s\" (%s)\n", path, got, want, why);
    return false;
}

/* ---- commands ---- */

static inline void add_identity(struct vici_msg *m, const struct btns_key *k)
{
    char id[80] = "keyid:#";
    for (size_t i = 0; i < sizeof k->raw; i++)
        snprintf(id + strlen(id), 3, "%02x", k->raw[i]);
    vici_kv(m, "id", id);
}

static inline void add_end(struct vici_msg *m, const char *end, const struct btns_key *k,
                           bool pinned)
{
    char pem[256];
    vici_section(m, end);
    vici_kv(m, "auth", pinned ? "pubkey" : "psk");
    if (k)
        add_identity(m, k);
    if (pinned) {
        key_to_pem(k, pem, sizeof pem);
        vici_list(m, "pubkeys", (const char *const[]){pem, NULL});
    }
    vici_section_end(m);
}

static inline void add_child(struct vici_msg *m)
{
    vici_section(m, "children");
    vici_section(m, "tcp-8000");
    vici_kv(m, "mode", "transport");
    vici_list(m, "local_ts", (const char *const[]){"dynamic[6]", NULL});
    vici_list(m, "remote_ts", (const char *const[]){"dynamic[6/8000]", NULL});
    vici_list(m, "esp_proposals", (const char *const[]){"aes256gcm16", NULL});
    vici_kv(m, "reqid", "4001");
    vici_kv(m, "priority", "50000");
    vici_section_end(m);
    vici_section_end(m);
}

/* peer NULL: an introduction; remote NULL: from anywhere. */
static inline bool load_conn(struct talk *t, const char *name, const struct btns_key *own,
                             const struct btns_key *peer, const char *remote)
{
    struct vici_msg m;
    vici_init(&m);
    vici_section(&m, name);
    vici_kv(&m, "version", "2");
    vici_list(&m, "proposals", (const char *const[]){"aes256gcm16-prfsha256-x25519", NULL});
    if (remote)
        vici_list(&m, "remote_addrs", (const char *const[]){remote, NULL});
    vici_kv(&m, "unique", "never");
    if (!peer)
        vici_kv(&m, "childless", "allow");
    add_end(&m, "local", own, peer);
    add_end(&m, "remote", peer, peer);
    if (peer)
        add_child(&m);
    vici_section_end(&m);
    return ask(t, "load-conn", &m) && answer_is(t, "success", "yes");
}

static inline bool load_key(struct talk *t, const struct hostkey *host)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "type", "any");
    vici_kv_data(&m, "data", host->pkcs8, host->pkcs8_len);
    return ask(t, "load-key", &m) && answer_is(t, "success", "yes");
}

static inline bool load_secret(struct talk *t)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "id", "introduction");
    vici_kv(&m, "type", "ike");
    vici_kv(&m, "data", "published");
    return ask(t, "load-shared", &m) && answer_is(t, "success", "yes");
}

static inline bool initiate(struct talk *t, const char *ike, const char *child, const char *timeout)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "ike", ike);
    if (child)
        vici_kv(&m, "child", child);
    vici_kv(&m, "timeout", timeout);
    return ask(t, "initiate", &m);
}

static inline bool unload(struct talk *t, const char *name)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "name", name);
    return ask(t, "unload-conn", &m) && answer_is(t, "success", "yes");
}

static inline bool terminate(struct talk *t, const char *ike)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "ike", ike);
    vici_kv(&m, "force", "yes");
    vici_kv(&m, "timeout", "-1");
    return ask(t, "terminate", &m) && answer_is(t, "terminated", "1");
}

static inline void registered(struct talk *t, const char *event)
{
    t->answered = false;
    check(!vici_register(t->conn, event) && wait_answer(t) && !t->unknown, "event %s", event);
}

/* charon's text form of an identity that is no text, on which btnsd's parser relies. */
static inline bool key_id_is(struct talk *t, const char *path, const struct btns_key *k)
{
    char want[3 * sizeof k->raw + 1] = "", got[256];
    for (size_t i = 0; i < sizeof k->raw; i++)
        snprintf(want + strlen(want), 4, "%s%02x", i ? ":" : "", k->raw[i]);
    return vici_find_str(t->event, t->event_len, path, got, sizeof got) && !strcmp(got, want);
}

static inline bool connect_talk(struct talk *t, const char *run, pid_t pid)
{
    char path[256];
    struct err err = {""};
    snprintf(path, sizeof path, "%s/" CHARON_SOCKET, run);
    for (int i = 0; i < 2400 && !t->conn && !waitpid(pid, NULL, WNOHANG); i++) {
        t->conn = vici_conn_new(path, &ops, t, &err);
        if (!t->conn)
            usleep(50000);
    }
    if (!t->conn)
        printf("# %s\n", err.text);
    return t->conn;
}

#endif
