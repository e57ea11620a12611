/*
 * Talks to a live charon with btnsd's VICI client: the behaviour of charon that btnsd relies on.
 * TAP. Needs root.
 */
#include "btnsd/ike/keys/hostkey.h"
#include "btnsd/ike/private/config.h"
#include "btnsd/ike/vici/vici.h"
#include "libapi/wire/service.h"
#include "test/unit/ike/charon/charon_talk.h"

#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void basics(struct talk *t)
{
    check(ask(t, "version", NULL) && answer_is(t, "daemon", "charon"), "version");
    check(ask(t, "stats", NULL) && answer_is(t, "workers.total", "160"), "stats");
    registered(t, "ike-updown");
    registered(t, "child-updown");
    registered(t, "child-rekey");
    registered(t, "ike-rekey");
    registered(t, "list-sa");
    registered(t, "list-conn");
    t->answered = false;
    check(!vici_register(t->conn, "no-such-event") && wait_answer(t) && t->unknown,
          "an unknown event is told from a known one");
    t->answered = false;
    check(!vici_command(t->conn, "no-such-command", NULL) && wait_answer(t) && t->unknown,
          "an unknown command is told from a known one");
}

static void credentials(struct talk *t, const struct hostkey *host)
{
    struct hostkey broken = *host;
    broken.pkcs8[0] ^= 1;
    check(load_key(t, host), "the host key is taken");
    check(!load_key(t, &broken), "a broken key is not");
    check(load_secret(t), "the published secret is taken");
}

static void connections(struct talk *t, const struct hostkey *host)
{
    struct btns_key peer = {.raw = {1, 2, 3}};
    check(load_conn(t, "introduction", &host->pub, NULL, NULL), "an introduction is taken");
    check(load_conn(t, "peer.1", &host->pub, &peer, "10.77.9.2"), "a key connection is taken");
    t->events = 0;
    check(ask(t, "list-conns", NULL) && t->events == 2, "both are listed");
    check(load_conn(t, "peer.1", &host->pub, &peer, "10.77.9.3") && ask(t, "list-conns", NULL) &&
              t->events == 4,
          "one of the same name replaces it");
    check(unload(t, "introduction") && !unload(t, "introduction"), "one is unloaded, once");
    t->events = 0;
    check(ask(t, "list-conns", NULL) && t->events == 1 && key_id_is(t, "*.remote-1.id", &peer) &&
              key_id_is(t, "*.local-1.id", &host->pub),
          "the identities are the raw keys");
}

static void initiating(struct talk *t)
{
    check(initiate(t, "peer.1", "tcp-8000", "-1") && answer_is(t, "success", "yes"),
          "initiate does not wait when told so");
    t->events = 0;
    check(ask(t, "list-sas", NULL) && t->events == 1, "an SA is begun");
    check(initiate(t, "nobody", NULL, "-1") && answer_is(t, "success", "no"),
          "an unknown connection cannot be initiated");
    check(terminate(t, "peer.1"), "an SA is ended by force at once");
    t->events = 0;
    check(ask(t, "list-sas", NULL) && !t->events, "and is gone");
}

/* Loads a connection as btnsd writes it, for one service and for inlets of one protocol. */
static bool load_of_protocol(struct talk *t, const char *name, uint8_t protocol)
{
    struct ike_service to = {
        .to = {protocol, 8000}, .reqid = 4001, .suite = "aes256gcm16", .lifetime = 0};
    struct inlet open = {protocol, 9000, 9010, NULL};
    struct ike_conn c = {.key = {.raw = {7}},
                         .own = {.raw = {9}},
                         .in_reqid = 4002,
                         .service = &to,
                         .services = 1,
                         .inlets = {.at = &open, .n = 1, .room = 1}};
    struct vici_msg m;
    snprintf(c.name, sizeof c.name, "%s", name);
    btns_addr_parse(&c.local, "10.77.9.1");
    btns_addr_parse(&c.remote, "10.77.9.7");
    vici_init(&m);
    config_key_conn(&m, &c, NULL);
    check(!memmem(m.data, m.len, "[tcp", 4) && !memmem(m.data, m.len, "[udp", 4),
          "no protocol is written by its name");
    return ask(t, "load-conn", &m) && answer_is(t, "success", "yes");
}

static bool is_listed(const struct talk *t, const char *text)
{
    return memmem(t->event, t->event_len, text, strlen(text));
}

/*
 * charon looks up a protocol's name with getprotobyname(3), which is not thread-safe: of two
 * connections loaded at once, one for TCP became one for another protocol. So btnsd writes protocol
 * numbers, and gives charon empty tables of names, because charon would list names otherwise.
 */
static void protocols(struct talk *t)
{
    check(load_of_protocol(t, "tcp", IPPROTO_TCP) && ask(t, "list-conns", NULL) &&
              is_listed(t, "dynamic[6/8000]") && is_listed(t, "dynamic[6/9000-9010]") &&
              !is_listed(t, "[17/8000]"),
          "a child for TCP is one");
    check(unload(t, "tcp") && load_of_protocol(t, "udp", IPPROTO_UDP) &&
              ask(t, "list-conns", NULL) && is_listed(t, "dynamic[17/8000]") &&
              is_listed(t, "dynamic[17/9000-9010]") && !is_listed(t, "[6/8000]"),
          "a child for UDP is one");
    check(unload(t, "udp"), "and it is unloaded");
}

static void conversation(const char *dir)
{
    static struct talk t;
    struct hostkey host;
    struct err err = {""};
    char run[120], keys[120], tail[300];
    snprintf(run, sizeof run, "%s/run", dir);
    snprintf(keys, sizeof keys, "%s/keys", dir);
    const struct charon_paths paths = {.run = run, .binary = "/usr/lib/ipsec/charon"};
    int key = hostkey_load(keys, &host, &err);
    pid_t pid = charon_start(&paths, &err);
    check(!key && pid > 0 && connect_talk(&t, run, pid), "charon is there %s", err.text);
    if (t.conn) {
        basics(&t);
        credentials(&t, &host);
        connections(&t, &host);
        initiating(&t);
        protocols(&t);
        vici_conn_free(t.conn);
    }
    if (check_failed)
        printf("# %s\n", charon_log_tail(&paths, tail, sizeof tail));
    charon_end_stale(&paths);
    check(waitpid(pid, NULL, WNOHANG) == pid, "charon is ended");
}

int main(void)
{
    char dir[80];
    if (geteuid() || unshare(CLONE_NEWNET)) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    if (!scratch(dir, sizeof dir))
        return 1;
    conversation(dir);
    scratch_remove(dir);
    return check_end();
}
