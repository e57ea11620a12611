/* A live charon, spoken to over our own VICI client: TAP. Needs root and a private network
 * namespace (UDP 500), and a scratch directory as argument. */
#include "../../btnsd/ike/charon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int number, failed;

static void check(bool ok, const char *what)
{
    printf("%s %d - %s\n", ok ? "ok" : "not ok", ++number, what);
    failed += !ok;
}

/* ---- one command at a time, waited for ---- */

struct talk {
    struct vici_conn *conn;
    bool answered, unknown, closed;
    char body[VICI_MAX];
    size_t len;
    char event[65536]; /* the last one */
    size_t event_len;
    unsigned events;
};

static void on_answer(void *arg, const void *body, size_t len)
{
    struct talk *t = arg;
    t->answered = true;
    t->unknown = !body;
    t->len = len;
    if (len)
        memcpy(t->body, body, len);
}

static void on_event(void *arg, const char *name, const void *body, size_t len)
{
    struct talk *t = arg;
    (void)name;
    t->events++;
    t->event_len = len < sizeof t->event ? len : 0;
    memcpy(t->event, body, t->event_len);
}

static void on_closed(void *arg, const char *why)
{
    struct talk *t = arg;
    printf("# closed: %s\n", why);
    t->closed = true;
}

static const struct vici_ops ops = {on_answer, on_event, on_closed};

static bool wait_answer(struct talk *t)
{
    for (int i = 0; i < 100 && !t->answered && !t->closed; i++) {
        struct pollfd p = {.fd = vici_conn_fd(t->conn), .events = POLLIN};
        if (vici_conn_wants_write(t->conn))
            p.events |= POLLOUT;
        if (poll(&p, 1, 100) == 1)
            vici_conn_io(t->conn);
    }
    return t->answered;
}

static bool ask(struct talk *t, const char *command, struct vici_msg *m)
{
    t->answered = false;
    bool ok = !vici_command(t->conn, command, m) && wait_answer(t) && !t->unknown;
    if (m)
        vici_free(m);
    return ok;
}

static bool answer_is(struct talk *t, const char *path, const char *want)
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

/* Prints a message, one element a line: for finding out. */
static void dump(const void *data, size_t len)
{
    struct vici_reader r;
    struct vici_item it;
    vici_reader_init(&r, data, len);
    while (vici_next(&r, &it) > VICI_END)
        printf("#%*s %s%s%.*s\n", (int)r.depth * 2, "", it.name, it.value ? " = " : "", (int)it.len,
               it.value ? (const char *)it.value : "");
}

/* ---- what is asked ---- */

static void add_identity(struct vici_msg *m, const struct btns_key *k)
{
    char id[80] = "keyid:#";
    for (size_t i = 0; i < sizeof k->raw; i++)
        snprintf(id + strlen(id), 3, "%02x", k->raw[i]);
    vici_kv(m, "id", id);
}

static void add_end(struct vici_msg *m, const char *end, const struct btns_key *k, bool pinned)
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

static void add_child(struct vici_msg *m)
{
    vici_section(m, "children");
    vici_section(m, "tcp-8000");
    vici_kv(m, "mode", "transport");
    vici_list(m, "local_ts", (const char *const[]){"dynamic[tcp]", NULL});
    vici_list(m, "remote_ts", (const char *const[]){"dynamic[tcp/8000]", NULL});
    vici_list(m, "esp_proposals", (const char *const[]){"aes256gcm16", NULL});
    vici_kv(m, "reqid", "4001");
    vici_kv(m, "priority", "50000");
    vici_section_end(m);
    vici_section_end(m);
}

static bool load_conn(struct talk *t, const char *name, const struct btns_key *own,
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

static bool load_key(struct talk *t, const struct hostkey *host)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "type", "any");
    vici_kv_data(&m, "data", host->pkcs8, host->pkcs8_len);
    return ask(t, "load-key", &m) && answer_is(t, "success", "yes");
}

static bool load_secret(struct talk *t)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "id", "introduction");
    vici_kv(&m, "type", "ike");
    vici_kv(&m, "data", "published");
    return ask(t, "load-shared", &m) && answer_is(t, "success", "yes");
}

static bool initiate(struct talk *t, const char *ike, const char *child, const char *timeout)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "ike", ike);
    if (child)
        vici_kv(&m, "child", child);
    vici_kv(&m, "timeout", timeout);
    return ask(t, "initiate", &m);
}

static void registered(struct talk *t, const char *event)
{
    t->answered = false;
    check(!vici_register(t->conn, event) && wait_answer(t) && !t->unknown, event);
}

static void conversation(struct talk *t, const struct hostkey *host)
{
    struct btns_key peer = {{1, 2, 3}};
    check(ask(t, "version", NULL) && answer_is(t, "daemon", "charon"), "version");
    check(ask(t, "stats", NULL), "stats");
    dump(t->body, t->len);
    registered(t, "ike-updown");
    registered(t, "list-conn");
    t->answered = false;
    check(!vici_register(t->conn, "no-such-event") && wait_answer(t) && t->unknown,
          "an unknown event is told from a known one");
    t->answered = false;
    check(!vici_command(t->conn, "no-such-command", NULL) && wait_answer(t) && t->unknown,
          "an unknown command is told from a known one");
    check(load_key(t, host), "the host key is taken");
    check(load_secret(t), "the published secret is taken");
    check(load_conn(t, "introduction", &host->pub, NULL, NULL), "introduction loaded");
    check(load_conn(t, "peer.1", &host->pub, &peer, "10.77.9.2"), "pinned connection loaded");
    t->events = 0;
    check(ask(t, "list-conns", NULL) && t->events == 2, "list-conns shows both");
    dump(t->event, t->event_len);
    check(initiate(t, "peer.1", "tcp-8000", "-1") && answer_is(t, "success", "yes"),
          "initiate without waiting");
    check(ask(t, "list-sas", NULL), "list-sas");
    check(initiate(t, "nobody", NULL, "-1") && answer_is(t, "success", "no"),
          "initiate of an unknown connection");
    dump(t->body, t->len);
}

/* ---- the process ---- */

static bool connect_talk(struct talk *t, const char *run, pid_t pid)
{
    char path[256];
    struct err err = {""};
    snprintf(path, sizeof path, "%s/" CHARON_SOCKET, run);
    for (int i = 0; i < 100 && !t->conn && !waitpid(pid, NULL, WNOHANG); i++) {
        t->conn = vici_conn_new(path, &ops, t, &err);
        if (!t->conn)
            usleep(50000);
    }
    if (!t->conn)
        printf("# %s\n", err.text);
    return t->conn;
}

int main(int argc, char **argv)
{
    static struct talk t;
    struct hostkey host;
    struct err err = {""};
    char run[200], keys[200];
    if (argc != 2)
        return 2;
    snprintf(run, sizeof run, "%s/run", argv[1]);
    snprintf(keys, sizeof keys, "%s/keys", argv[1]);
    struct charon_paths paths = {.run = run, .binary = "/usr/lib/ipsec/charon"};
    check(!hostkey_load(keys, &host, &err), "host key");
    pid_t pid = charon_start(&paths, &err);
    check(pid > 0, "charon starts");
    printf("# %s\n", err.text);
    if (pid > 0 && connect_talk(&t, run, pid)) {
        conversation(&t, &host);
        vici_conn_free(t.conn);
    } else {
        check(false, "VICI socket");
    }
    if (pid > 0) {
        charon_end_stale(&paths);
        check(waitpid(pid, NULL, WNOHANG) == pid, "charon is ended by its pid file");
    }
    printf("1..%d\n", number);
    return failed != 0;
}
