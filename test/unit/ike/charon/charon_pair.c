/*
 * Two live charons with the connections that btnsd loads: an introduction claims a key, a key
 * connection proves it, an impostor fails. ESP is not needed: the IKE SA is the proof. TAP. Needs
 * root.
 */
#include "btnsd/ike/keys/hostkey.h"
#include "btnsd/ike/private/config.h"
#include "btnsd/ike/vici/vici.h"
#include "test/unit/ike/charon/charon_talk.h"

#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>

#define BINARY "/usr/lib/ipsec/charon"

struct host {
    char run[120], keys[120];
    struct hostkey key;
    struct btns_addr addr;
    pid_t pid;
    struct talk talk;
};

static struct host a, b;

static bool shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool shell(const char *fmt, ...)
{
    char command[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(command, sizeof command, fmt, ap);
    va_end(ap);
    return !system(command);
}

/* Starts a charon in its own network namespace. */
static bool start(struct host *h, const char *dir, const char *name, const char *addr)
{
    struct err err = {""};
    snprintf(h->run, sizeof h->run, "%s/%s-run", dir, name);
    snprintf(h->keys, sizeof h->keys, "%s/%s-keys", dir, name);
    const struct charon_paths paths = {.run = h->run, .binary = BINARY};
    if (unshare(CLONE_NEWNET) || !btns_addr_parse(&h->addr, addr) ||
        hostkey_load(h->keys, &h->key, &err))
        return false;
    h->pid = charon_start(&paths, &err);
    if (h->pid < 0)
        printf("# %s\n", err.text);
    return h->pid > 0 && connect_talk(&h->talk, h->run, h->pid);
}

static bool wire(void)
{
    return shell("nsenter -n -t %d ip link add va type veth peer name vb netns %d", (int)a.pid,
                 (int)b.pid) &&
           shell("nsenter -n -t %d sh -c 'ip addr add 10.77.9.1/24 dev va; ip link set va up'",
                 (int)a.pid) &&
           shell("nsenter -n -t %d sh -c 'ip addr add 10.77.9.2/24 dev vb; ip link set vb up'",
                 (int)b.pid);
}

/* ---- loading connections ---- */

static bool loaded(struct host *h, struct vici_msg *m)
{
    return ask(&h->talk, "load-conn", m) && answer_is(&h->talk, "success", "yes");
}

static bool load_published(struct host *h)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "type", "ike");
    vici_kv(&m, "data", config_published_secret);
    return ask(&h->talk, "load-shared", &m) && answer_is(&h->talk, "success", "yes");
}

static bool load_responder(struct host *h)
{
    struct vici_msg m;
    vici_init(&m);
    config_responder(&m, "responder", &h->key);
    return loaded(h, &m);
}

static bool load_pinned(struct host *h, const struct host *peer, const struct btns_key *key,
                        uint16_t port)
{
    struct ike_service service = {.to = {IPPROTO_TCP, port}, .reqid = 4001, .suite = "aes256gcm16"};
    struct inlet every = {IPPROTO_TCP, 1, 65535, NULL};
    struct ike_conn c = {.key = *key,
                         .own = h->key.pub,
                         .local = h->addr,
                         .remote = peer->addr,
                         .name = "pinned",
                         .in_reqid = 4001,
                         .inlets = {.at = &every, .n = 1},
                         .service = &service,
                         .services = port ? 1 : 0};
    struct vici_msg m;
    vici_init(&m);
    config_key_conn(&m, &c, NULL);
    return loaded(h, &m);
}

/* ---- the resulting SAs ---- */

/* Is there one SA with this name, in this state? */
static bool is_in(struct host *h, const char *name, const char *expected)
{
    struct vici_msg m;
    char state[40];
    vici_init(&m);
    vici_kv(&m, "ike", name);
    h->talk.events = 0;
    return ask(&h->talk, "list-sas", &m) && h->talk.events == 1 &&
           vici_find_str(h->talk.event, h->talk.event_len, "*.state", state, sizeof state) &&
           !strcmp(state, expected);
}

/* Is the one SA with this name established, with this key at the other end? */
static bool established(struct host *h, const char *name, const struct btns_key *key)
{
    return is_in(h, name, "ESTABLISHED") && key_id_is(&h->talk, "*.remote-id", key);
}

static void introduction(void)
{
    struct vici_msg m;
    vici_init(&m);
    config_introduction(&m, 1, "introduction", &a.key, &a.addr, &b.addr);
    check(loaded(&a, &m), "a loads an introduction");
    check(initiate(&a.talk, "introduction", NULL, "5000") && answer_is(&a.talk, "success", "yes"),
          "it is answered");
    check(established(&a, "introduction", &b.key.pub), "a sees b's key claimed");
    check(established(&b, "responder", &a.key.pub), "b sees a's");
    check(terminate(&a.talk, "introduction"), "it is ended");
}

static bool begin_introduction(unsigned number, const char *name)
{
    struct btns_addr nobody;
    struct vici_msg m;
    vici_init(&m);
    config_introduction(&m, number, name, &a.key, &a.addr,
                        btns_addr_parse(&nobody, "10.77.9.9") ? &nobody : NULL);
    return loaded(&a, &m) && initiate(&a.talk, name, NULL, "100") &&
           answer_is(&a.talk, "success", "no");
}

/* A second introduction gives up the first one early: the peer may have started in between. */
static void introduction_of_its_own(void)
{
    check(begin_introduction(8, "older") && is_in(&a, "older", "CONNECTING"),
          "an introduction to nobody goes on");
    check(begin_introduction(9, "later") && is_in(&a, "later", "CONNECTING"),
          "the next one there does not join it");
    terminate(&a.talk, "older");
    terminate(&a.talk, "later");
}

/* Without ESP in the kernel the child SA fails, but the IKE SA, which is the proof, stays. */
static void proof(void)
{
    check(load_pinned(&b, &a, &a.key.pub, 0) && load_pinned(&a, &b, &b.key.pub, 8000),
          "both load a key connection");
    initiate(&a.talk, "pinned", "tcp-8000-4001", "5000");
    check(established(&a, "pinned", &b.key.pub) && established(&b, "pinned", &a.key.pub),
          "each proves the other's key");
}

static void introduction_again(void)
{
    check(initiate(&a.talk, "introduction", NULL, "5000") && answer_is(&a.talk, "success", "yes") &&
              established(&b, "responder", &a.key.pub) && established(&b, "pinned", &a.key.pub) &&
              established(&a, "pinned", &b.key.pub),
          "an introduction beside it is answered, and leaves it alone");
    check(terminate(&a.talk, "introduction") && terminate(&a.talk, "pinned"), "both are ended");
}

/* An impostor at b's address claims another's key, whose private half it does not have. */
static void impostor(void)
{
    struct btns_key other = a.key.pub;
    other.raw[0] ^= 1;
    check(load_pinned(&a, &b, &other, 8000), "a expects another key at b's address");
    check(initiate(&a.talk, "pinned", "tcp-8000-4001", "5000") &&
              answer_is(&a.talk, "success", "no") && !established(&a, "pinned", &b.key.pub) &&
              !established(&a, "pinned", &other),
          "and has no SA with the host at that address");
    terminate(&a.talk, "pinned");
    check(load_pinned(&a, &b, &b.key.pub, 8000) && load_pinned(&b, &a, &other, 0),
          "b expects another key at a's address");
    check(initiate(&a.talk, "pinned", "tcp-8000-4001", "5000") &&
              answer_is(&a.talk, "success", "no") && !established(&b, "pinned", &a.key.pub) &&
              !established(&b, "pinned", &other),
          "and has no SA with a");
}

/* ---- */

static void end(struct host *h)
{
    char tail[300];
    const struct charon_paths paths = {.run = h->run, .binary = BINARY};
    if (check_failed)
        printf("# %s: %s\n", h->run, charon_log_tail(&paths, tail, sizeof tail));
    vici_conn_free(h->talk.conn);
    charon_end_stale(&paths);
    if (h->pid > 0)
        waitpid(h->pid, NULL, 0);
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
    bool ready = start(&a, dir, "a", "10.77.9.1") && start(&b, dir, "b", "10.77.9.2") && wire();
    check(ready, "two charons on a wire");
    if (ready) {
        registered(&a.talk, "list-sa");
        registered(&b.talk, "list-sa");
        check(load_key(&a.talk, &a.key) && load_key(&b.talk, &b.key) && load_published(&a) &&
                  load_published(&b) && load_responder(&b),
              "each has its key and the published secret");
        introduction();
        introduction_of_its_own();
        proof();
        introduction_again();
        impostor();
    }
    end(&a);
    end(&b);
    scratch_remove(dir);
    return check_end();
}
