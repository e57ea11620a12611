/*
 * Fuzzes btnsd behind its socket: clients' messages, and between them what IKE and the kernel may
 * answer. Rules, requests, guards, floors and latches are the real ones; the socket, the kernel and
 * charon are played here. Whatever is asked for, every question is answered or its client closed,
 * and in the end nothing is left in the SPD.
 * An input is a row of steps: one octet what, then what it says (see step()).
 */
#include "btnsd/base/count_by_user.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/system/system.h"
#include "btnsd/latch/admission/callers.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/managers.h"
#include "btnsd/latch/registry/events.h"
#include "btnsd/latch/responder/callers_look.h"
#include "btnsd/reports/sa_events.h"
#include "btnsd/requests/table.h"
#include "btnsd/rules/files/source.h"
#include "btnsd/rules/read/child.h"
#include "btnsd/running/floor_claims.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/server/epoch.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/server/ring.h"
#include "btnsd/server/rings.h"
#include "btnsd/users/socket_wishes.h"
#include "libapi/wire/attrs.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what)
{
    fprintf(stderr, "not so: %s\n", what);
    abort();
}
#define demand(condition) ((condition) ? (void)0 : fail(#condition))

/* ---- the socket: four clients ---- */

#define CLIENTS 6 /* of root, root, a user, him; him elsewhere; root on a connection of his */
struct client {
    uid_t uid, opener;
    enum netns netns;
    void (*gone)(void *arg);
    void *arg;
    unsigned answers;
    bool list_over;
    struct list *lists;
    uint32_t id;
    struct btns_about about;
} client[CLIENTS];

/* An answer to libbtns, or an event for it: attributes; an answer's first is an errno. */
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

/* Everybody reads what is sent, after each step. */
static void send_lists(void)
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

/* There are no rings. */
void server_look(struct server *s)
{
    (void)s;
}

int client_process(const struct client *c, pid_t pid)
{
    (void)c;
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static void hang_up(struct client *c)
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
    demand(close(fd) == 0); /* never twice */
}

/* ---- the kernel: an SPD, some routes, no connections ---- */

#define SPD_MAX 65536
static struct spd_entry spd[SPD_MAX];
static size_t spd_n;

static struct spd_entry *spd_find(const struct spd_entry *e)
{
    for (struct spd_entry *p = spd; p < spd + spd_n; p++)
        if (p->dir == e->dir && p->priority == e->priority && p->protocol == e->protocol &&
            btns_addr_equal(&p->local, &e->local) && btns_addr_equal(&p->remote, &e->remote) &&
            p->local_bits == e->local_bits && p->remote_bits == e->remote_bits &&
            p->local_ports.port == e->local_ports.port && p->mark == e->mark)
            return p;
    return NULL;
}

/* Blocks ICMP errors of some types between two hosts, whose types stand in place of a port. */
static bool blocks_icmp_errors(const struct spd_entry *e)
{
    bool v6 = e->local.family == AF_INET6;
    return e->priority == PRIO_ICMP_ERROR && e->dir == SPD_OUT && e->action == SPD_BLOCK &&
           e->protocol == (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) &&
           (e->local.port || e->local_ports.mask) && !e->remote.port &&
           e->local_bits == btns_addr_bits(&e->local) &&
           e->remote_bits == btns_addr_bits(&e->remote);
}

/* Lets errors about unprotected packets of one host out: the last entry of all. */
static bool allows_icmp_errors(const struct spd_entry *e)
{
    return e->priority == PRIO_LAST && e->dir == SPD_OUT && e->action == SPD_ALLOW &&
           e->icmp_errors && !e->protocol && e->remote_bits == btns_addr_bits(&e->remote);
}

/* Blocks whatever a socket sends that is shut, or a datagram socket that is limited. */
static bool blocks_shut_sockets(const struct spd_entry *e)
{
    bool shut = e->priority == PRIO_SHUT && e->mark == SHUT_MARK;
    bool limited = e->priority == PRIO_UNGUARDED && e->mark == UNGUARDED_MARK;
    return (shut || limited) && e->dir == SPD_OUT && e->action == SPD_BLOCK && !e->protocol &&
           !e->local_bits && !e->remote_bits;
}

int spd_set(struct xfrm *x, const struct spd_entry *e, struct err *err)
{
    (void)x;
    demand(e->dir == SPD_IN || e->dir == SPD_OUT);
    demand(e->action != SPD_OTHER);
    demand(e->local.family == e->remote.family);
    /* Ours are about one service, or about errors that would quote what is protected. */
    demand((protocol_known(e->protocol) && (e->local.port || e->remote.port)) ||
           blocks_icmp_errors(e) || allows_icmp_errors(e) || blocks_shut_sockets(e));
    demand(e->local_bits <= btns_addr_bits(&e->local));
    demand(e->remote_bits <= btns_addr_bits(&e->remote));
    demand(e->action != SPD_ESP || e->reqid);
    struct spd_entry *p = spd_find(e);
    if (!p && spd_n == SPD_MAX) {
        err_set(err, "full");
        return -ENOSPC;
    }
    *(p ? p : &spd[spd_n++]) = *e;
    return 0;
}

int spd_del(struct xfrm *x, const struct spd_entry *e)
{
    struct spd_entry *p = spd_find(e);
    (void)x;
    if (!p)
        return -ENOENT;
    *p = spd[--spd_n];
    return 0;
}

int spd_dump(struct xfrm *x, void (*cb)(void *arg, const struct spd_entry *e), void *arg)
{
    (void)x, (void)cb, (void)arg;
    return 0;
}

int sad_dump(struct xfrm *x, void (*cb)(void *arg, const struct sad_entry *e), void *arg)
{
    (void)x, (void)cb, (void)arg;
    return 0;
}

int sad_del(struct xfrm *x, const struct sad_entry *e)
{
    (void)x, (void)e;
    return 0;
}

int sad_drop_larval(struct xfrm *x, const struct btns_addr *src, const struct btns_addr *dst,
                    uint32_t reqid, uint32_t spi)
{
    (void)x, (void)src, (void)dst, (void)reqid, (void)spi;
    return 0;
}

int sockdiag_connections(struct sockdiag *s, const struct btns_addr *local,
                         const struct btns_addr *remote,
                         void (*cb)(void *arg, const struct sock_entry *e), void *arg)
{
    (void)s, (void)local, (void)remote, (void)cb, (void)arg;
    return 0;
}

int sockdiag_attempts(struct sockdiag *s, const struct btns_addr *local,
                      const struct btns_addr *remote,
                      void (*cb)(void *arg, const struct sock_entry *e), void *arg)
{
    (void)s, (void)local, (void)remote, (void)cb, (void)arg;
    return 0;
}

int sockdiag_listeners(struct sockdiag *s, void (*cb)(void *arg, const struct sock_entry *e),
                       void *arg)
{
    (void)s, (void)cb, (void)arg;
    return 0;
}

int socket_block(int fd, int family)
{
    demand(fd >= 0 && (family == AF_INET || family == AF_INET6));
    return 0;
}

int socket_shut(int fd)
{
    return socket_block(fd, AF_INET);
}

int socket_unfilter(int fd)
{
    demand(fd >= 0);
    return 0;
}

int socket_open(int fd)
{
    return socket_unblock(fd);
}

int socket_deafen(int fd, int family)
{
    return socket_block(fd, family);
}

int socket_bypass(int fd, int family)
{
    return socket_block(fd, family);
}

/* Half of all sockets are root's. */
static uid_t owner_of(uint64_t cookie)
{
    return cookie & 1 ? 1000 : 0;
}

int sockdiag_find(struct sockdiag *s, const struct btns_addr *local, const struct btns_addr *remote,
                  uint64_t cookie, struct sock_entry *e)
{
    (void)s;
    *e = (struct sock_entry){.cookie = cookie,
                             .protocol = IPPROTO_TCP,
                             .uid = owner_of(cookie),
                             .inode = 1,
                             .local = *local,
                             .remote = *remote};
    return 0;
}

static bool somebody_may_act(uint64_t cookie);

int sockdiag_destroy(struct sockdiag *s, const struct btns_addr *local,
                     const struct btns_addr *remote, uint64_t cookie)
{
    (void)s, (void)local, (void)remote;
    demand(somebody_may_act(cookie));
    return 0;
}

bool spd_snapshot_mend(const struct spd_snapshot *s, struct xfrm *x, const struct spd_entry *e)
{
    (void)s;
    return spd_set(x, e, NULL) == 0;
}

int socket_unblock(int fd)
{
    demand(fd >= 0);
    return 0;
}

/* 10.0.0.1 and fd00::1, on a network without 10.9.0.0/16. */
static struct btns_addr own(int family)
{
    struct btns_addr a;
    demand(btns_addr_parse(&a, family == AF_INET ? "10.0.0.1" : "fd00::1"));
    return a;
}

int route_lookup(const struct route_query *q, struct route *r)
{
    const struct btns_addr *remote = &q->remote;
    memset(r, 0, sizeof *r);
    demand(remote->family == AF_INET || remote->family == AF_INET6);
    if (remote->ip[0] == 10 && remote->ip[1] == 9)
        return -ENETUNREACH;
    r->local = own(remote->family);
    r->to_self = btns_addr_ip_equal(&r->local, remote);
    return 0;
}

/* ---- charon, and whom it knows ---- */

struct ike_task {
    struct ike_task *next;
    ike_done *done;
    void *arg;
};
static struct ike_task *tasks;

static struct ike_task *task_new(ike_done *done, void *arg)
{
    struct ike_task *t = calloc(1, sizeof *t);
    demand(t != NULL);
    *t = (struct ike_task){tasks, done, arg};
    tasks = t;
    return t;
}

bool ike_task_answered(const struct ike_task *t)
{
    return t->arg == NULL;
}

bool ike_room(const struct ike *k, uid_t user, struct err *err)
{
    (void)k, (void)user, (void)err;
    return true;
}

void ike_charge(struct ike_task *t, uid_t user)
{
    (void)t, (void)user;
}

struct ike_task *ike_introduce(struct ike *k, const struct btns_addr *local,
                               const struct btns_addr *remote, unsigned ms, ike_done *done,
                               void *arg)
{
    (void)k, (void)ms;
    demand(local->family == remote->family);
    return task_new(done, arg);
}

struct ike_task *ike_prove(struct ike *k, const struct ike_service *s, unsigned ms, ike_done *done,
                           void *arg)
{
    (void)k, (void)ms;
    demand(s->to.port && s->suite && reqid_is_ours(s->reqid));
    return task_new(done, arg);
}

struct ike_task *ike_close(struct ike *k, const struct ike_service *s, ike_done *done, void *arg)
{
    (void)k, (void)s;
    return done ? task_new(done, arg) : NULL;
}

void ike_cancel(struct ike_task *t)
{
    struct ike_task **p = &tasks;
    while (*p && *p != t)
        p = &(*p)->next;
    demand(!t || *p == t);
    if (t)
        *p = t->next;
    free(t);
}

int ike_allow(struct ike *k, const struct ike_entry *e)
{
    (void)k;
    demand(e->inlets.n && reqid_is_ours(e->reqid));
    return 0;
}

int ike_allow_claimed(struct ike *k, const struct ike_entry *e)
{
    return ike_allow(k, e);
}

void ike_proved(struct ike *k, const struct ike_entry *e)
{
    (void)k, (void)e;
}

void ike_release(struct ike *k, const struct ike_service *s, bool stays)
{
    (void)k, (void)s, (void)stays;
}

void ike_forgotten(struct ike *k, const struct btns_key *key)
{
    (void)k, (void)key;
}

bool ike_knows(const struct ike *k, const struct btns_key *key)
{
    (void)k, (void)key;
    return false;
}

void ike_disallow(struct ike *k, const struct ike_entry *e)
{
    (void)k, (void)e;
}

void ike_shut(struct ike *k, const struct ike_entry *e)
{
    (void)k, (void)e;
}

void ike_hang_up(struct ike *k, const struct ike_entry *e)
{
    (void)k, (void)e;
}

void ike_each_entry(struct ike *k, void (*cb)(void *arg, const struct ike_entry *e), void *arg)
{
    (void)k, (void)cb, (void)arg;
}

struct credential *ike_credential(struct ike *k, const struct btns_addr *local,
                                  const struct btns_addr *remote, const struct btns_key *key)
{
    (void)k, (void)local, (void)remote, (void)key;
    return NULL;
}

struct ike_task *ike_certify(struct ike *k, const struct ike_entry *e, const char *ca_file,
                             const char *ca_pem, unsigned ms, ike_done *done, void *arg)
{
    (void)k, (void)e, (void)ms;
    demand(ca_file && ca_pem);
    return task_new(done, arg);
}

struct credentials ike_task_credentials(const struct ike_task *t)
{
    (void)t;
    return (struct credentials){0};
}

bool ike_has_certificate(const struct ike *k)
{
    (void)k;
    return true;
}

void ike_authorities_begin(struct ike *k)
{
    (void)k;
}

void ike_authority_want(struct ike *k, const char *file, const char *pem)
{
    (void)k, (void)file, (void)pem;
}

void ike_authorities_end(struct ike *k)
{
    (void)k;
}

void ike_set_certificate(struct ike *k, const struct own_cert *own)
{
    (void)k, (void)own;
}

bool ike_is_ready(const struct ike *k)
{
    (void)k;
    return true;
}

bool ike_is_off(const struct ike *k)
{
    (void)k;
    return false;
}

bool ike_expects(const struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                 const struct btns_key *key)
{
    (void)k, (void)local, (void)remote, (void)key;
    return true;
}

void ike_hang_up_key(struct ike *k, const struct btns_key *key)
{
    (void)k, (void)key;
}

void ike_shut_key(struct ike *k, const struct btns_key *key)
{
    (void)k, (void)key;
}

const char *system_text(const struct system_ike *s, char *buf, size_t size)
{
    (void)s;
    snprintf(buf, size, "none");
    return buf;
}

pid_t ike_charon_pid(const struct ike *k)
{
    (void)k;
    return 0;
}

static struct peer peer[8];
static size_t peers_n;

size_t peers_count(const struct peers *p)
{
    (void)p;
    return peers_n;
}

const struct peer *peers_at(const struct peers *p, size_t i)
{
    (void)p;
    return &peer[i];
}

const struct peer *peers_by_addr(const struct peers *p, const struct btns_addr *a)
{
    (void)p;
    for (size_t i = 0; i < peers_n; i++)
        if (btns_addr_ip_equal(&peer[i].addr[0], a))
            return &peer[i];
    return NULL;
}

int peers_seen(struct peers *p, const struct btns_key *k, const struct btns_addr *a, uint64_t now,
               struct err *err)
{
    struct peer *known = (struct peer *)(uintptr_t)peers_by_addr(p, a);
    (void)now;
    err_set(err, "full");
    if (!known && peers_n == 8)
        return -ENOSPC;
    known = known ? known : &peer[peers_n++];
    *known = (struct peer){.key = *k, .addr = {*a}, .addrs = 1};
    return 0;
}

const struct peer *peers_by_key(const struct peers *p, const struct btns_key *k)
{
    (void)p;
    for (size_t i = 0; i < peers_n; i++)
        if (btns_key_equal(&peer[i].key, k))
            return &peer[i];
    return NULL;
}

const struct peer *peers_by_name(const struct peers *p, const char *name)
{
    (void)p;
    for (size_t i = 0; *name && i < peers_n; i++)
        if (!strcmp(peer[i].name, name))
            return &peer[i];
    return NULL;
}

int peers_pin(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
              const char *name, uint64_t now, struct err *err)
{
    int rc = a ? peers_seen(p, k, a, now, err) : -ENOENT;
    struct peer *pinned = (struct peer *)(uintptr_t)peers_by_key(p, k);
    if (rc || !pinned)
        return rc;
    pinned->trust = BTNS_T_PINNED;
    snprintf(pinned->name, sizeof pinned->name, "%s", name);
    return 0;
}

int peers_set_no_latch(struct peers *p, const struct btns_key *k, bool on, struct err *err)
{
    struct peer *known = (struct peer *)(uintptr_t)peers_by_key(p, k);
    err_set(err, "no such peer");
    if (known)
        known->no_latch = on;
    return known ? 0 : -ENOENT;
}

int peers_forget(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
                 struct err *err)
{
    (void)p, (void)k, (void)a, (void)err;
    return peers_n ? (peers_n--, 0) : -ENOENT;
}

/* ---- rules: read in this process ---- */

int policy_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                 struct policy_stream *out, struct err *err)
{
    int rc = work(arg, out);
    if (rc)
        err_set(err, "not read");
    return rc;
}

int policy_lookup_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                        struct policy_stream *out, struct err *err)
{
    return policy_child(work, arg, out, err);
}

static struct pending_reading {
    struct policy_text *text;
    unsigned n;
    reading_done *done;
    void *arg;
} read_later;

struct reading *reading_start(struct readings *rs, uid_t uid, const char *name,
                              struct policy_text *text, unsigned n, reading_done *done, void *arg,
                              struct err *err)
{
    (void)rs, (void)uid, (void)name, (void)err;
    demand(!read_later.done); /* one message, one reading */
    read_later = (struct pending_reading){text, n, done, arg};
    return (struct reading *)&read_later;
}

void reading_cancel(struct reading *r)
{
    demand(r == (struct reading *)&read_later && read_later.done);
    policy_texts_free(read_later.text, read_later.n);
    read_later.done = NULL;
}

static void finish_reading(void)
{
    struct pending_reading now = read_later;
    struct err err = {""};
    if (!now.done)
        return;
    struct rules *rules = policy_load_texts("policy", now.text, now.n, &err);
    read_later.done = NULL;
    demand(rules || *err.text);
    now.done(now.arg, rules, &err);
    policy_texts_free(now.text, now.n);
}

int sequences_accept(const char *path, const struct rules *r, struct err *err)
{
    (void)path, (void)r, (void)err;
    return 0;
}

int user_write_text(const struct users *us, const struct user *u, const char *name,
                    const char *text, size_t len, struct err *err)
{
    (void)us, (void)u, (void)name, (void)text, (void)len, (void)err;
    return 0;
}

int user_remove_text(const struct users *us, const struct user *u, const char *name,
                     struct err *err)
{
    (void)us, (void)u, (void)name, (void)err;
    return 0;
}

int user_write_blocks(const struct users *us, const struct user *u, struct err *err)
{
    (void)us, (void)u, (void)err;
    return 0;
}

void user_read_again(struct users *us, struct user *u)
{
    (void)us, (void)u;
}

static const char policy[] =
    "format = 1\n"
    "profile \"n\" { identity = named permit = { bob } }\n"
    "program \"p\" { match = { \"*\" }\n"
    "rule \"a\" { remote = { \"127.0.0.0/8\", \"::1/128\" } action = bypass }\n"
    "rule \"b\" { remote = { \"10.1.0.0/16\", \"fd01::/16\" } action = protect }\n"
    "rule \"c\" { remote = { \"10.2.0.0/16\" } action = discard }\n"
    "rule \"d\" { port = { \"1-100\" } action = prefer }\n"
    "rule \"e\" { port = { 200 } action = bypass }\n"
    "rule \"f\" { at = { accept } port = { 300 } action = discard }\n"
    "rule \"n\" { port = { 400 } action = protect profile = \"n\" }\n"
    "rule \"o\" { port = { 401 } remote = { \"10.3.0.0/16\" } action = protect profile = \"n\" }\n"
    "rule \"g\" { action = protect } }\n";

/* ---- one input ---- */

static struct btnsd d;
/* TCP over IPv4, over IPv6, bound; UDP; TCP that is not bound; TCP of another network namespace;
 * and TCP over IPv4, connected */
static int sockets[6];

static void settle(void *arg)
{
    (void)arg;
}

static void changed(void *arg, struct guard *g)
{
    (void)arg;
    demand(g->state != GS_NEW);
    guard_report(g);
}

static void freed(void *arg, struct guard *g)
{
    (void)arg;
    guard_report_end(g);
    registry_guard_freed(d.latches, g);
}

static bool wanted(void *arg, const struct guard *g)
{
    (void)arg;
    return callers_want(g);
}

static void gone(void *arg)
{
    (void)arg;
    callers_look_later(&d.guards, 1000);
}

static const struct guards_ops ops = {settle, changed, freed, wanted, gone};

static int bound(int family)
{
    struct sockaddr_in6 sa = {.sin6_family = (sa_family_t)family};
    int fd = socket(family, SOCK_STREAM, 0);
    socklen_t len = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof sa;
    demand(bind(fd, (struct sockaddr *)&sa, len) == 0);
    return fd;
}

static int connected(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof sa;
    int listening = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    demand(!bind(listening, (struct sockaddr *)&sa, len) && !listen(listening, 1));
    demand(!getsockname(listening, (struct sockaddr *)&sa, &len));
    demand(!connect(fd, (struct sockaddr *)&sa, len));
    return fd;
}

static void start(void)
{
    struct err err;
    d.loop = loop_new();
    d.epoch = epoch_new();
    d.waiting = count_by_user_new(LIMIT_WAITS);
    d.sources.policy = "/nonexistent";
    d.guards.loop = d.loop;
    d.guards.ops = &ops;
    d.guards.keying = key_managers;
    d.guards.host = &d.host;
    d.guards.rules = (const struct rules *const *)&d.rules;
    d.guards.floors = &d.floors;
    sockets[0] = bound(AF_INET);
    sockets[1] = bound(AF_INET6);
    sockets[2] = socket(AF_INET, SOCK_DGRAM, 0);
    sockets[3] = socket(AF_INET, SOCK_STREAM, 0);
    sockets[4] = bound(AF_INET);
    sockets[5] = connected();
    d.rules = rules_load_text("policy", policy, sizeof policy - 1, &err);
    demand(d.loop && d.epoch && d.waiting && d.rules && sockets[1] >= 0);
}

static uint64_t cookie_of(int fd);

enum netns netns_of_socket(int fd)
{
    uint64_t cookie = cookie_of(fd);
    return !cookie ? NETNS_UNKNOWN : cookie == cookie_of(sockets[4]) ? NETNS_OTHER : NETNS_OURS;
}

/* Who announced the socket owns it, or showed it. */
static bool somebody_may_act(uint64_t cookie)
{
    struct latch *l = registry_next(d.latches, cookie, NULL);
    while (l && !l->shown && l->uid != owner_of(cookie))
        l = registry_next(d.latches, cookie, l);
    return l != NULL;
}

static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

/* What is right so often that nothing else would be reached is made right, unless `raw`. */
static void make_right(struct btns_hdr *h, size_t len, int with, bool raw)
{
    struct btns_flow *q = (struct btns_flow *)h;
    h->version = BTNS_WIRE_VERSION;
    if (raw || len != sizeof *q)
        return;
    q->protocol = IPPROTO_TCP;
    q->policy = q->policy % 4 ? d.run_policies.item[q->policy % 4 - 1].handle : 0;
    q->cookie = with >= 0 ? cookie_of(with) : q->cookie % 16;
    struct btns_addr *a[] = {&q->local, &q->remote};
    for (int i = 0; i < 2; i++) {
        a[i]->family =
            (uint16_t)(a[i]->family % 3 ? a[i]->family % 3 == 1 ? AF_INET : AF_INET6 : 0);
        a[i]->scope = 0;
        memset(a[i]->ip + (a[i]->family == AF_INET ? 4 : 16), 0, a[i]->family == AF_INET ? 12 : 0);
    }
}

/* A ring whose first slots hold the messages of the input. -1: none. */
static int ring_of(const uint8_t *body, size_t len)
{
    struct btns_ring *ring = calloc(1, BTNS_RING_SIZE);
    int fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    demand(ring && fd >= 0);
    for (size_t i = 0; i < BTNS_RING_SLOTS && len >= sizeof ring->slot[i].flow; i++) {
        memcpy(&ring->slot[i].flow, body, sizeof ring->slot[i].flow);
        make_right(&ring->slot[i].flow.hdr, sizeof ring->slot[i].flow, -1, false);
        ring->slot[i].state = BTNS_SLOT_FULL;
        body += sizeof ring->slot[i].flow;
        len -= sizeof ring->slot[i].flow;
    }
    demand(write(fd, ring, BTNS_RING_SIZE) == BTNS_RING_SIZE);
    demand(!fcntl(fd, F_ADD_SEALS, BTNS_RING_SEALS));
    free(ring);
    return fd;
}

/* Reads it at once; the real one is tested beside a real client. */
bool client_hands_over(struct client *c, int fd, const struct ucred *from)
{
    (void)c, (void)fd, (void)from;
    return false;
}

bool client_offers_ring(struct client *c, int fd, const struct ucred *from, uint64_t btnsd)
{
    struct btns_ring *ring = ring_map(fd);
    struct btns_flow f;
    bool ok = ring;
    demand(btnsd && from->uid == c->uid);
    for (unsigned i = 0; ok && i < BTNS_RING_SLOTS; i++) {
        struct request r = {.client = c,
                            .from = *from,
                            .opener = {.pid = getpid(), .uid = c->opener},
                            .client_netns = c->netns,
                            .shared = true,
                            .fd = -1,
                            .hdr = &f.hdr,
                            .len = sizeof f};
        if (!ring_take(ring, i, &f))
            continue;
        demand(!ring_take(ring, i, &f)); /* never twice */
        unsigned answers = c->answers;
        ok = request_dispatch(&d, &r);
        demand(!ok || f.hdr.type == BTNS_MSG_CONNECTING || f.hdr.type == BTNS_MSG_ACCEPTED);
        demand(c->answers == answers || c->gone); /* but events */
    }
    ring_unmap(ring);
    return ok;
}

/* The socket or memory that comes with a message. */
static int attached(unsigned how, const uint8_t *body, size_t *len)
{
    if (how & 32 && *len >= sizeof(struct btns_hdr)) {
        int fd = ring_of(body + sizeof(struct btns_hdr), *len - sizeof(struct btns_hdr));
        *len = sizeof(struct btns_hdr);
        return fd;
    }
    int with = sockets[how & 16 ? 4 : how & 64 ? 5 : how & 3];
    return how & 4 ? dup(with) : -1;
}

static void message(struct client *c, unsigned how, const uint8_t *body, size_t len)
{
    /* In a block of its own size, so that one octet too far is seen. */
    int with = attached(how, body, &len);
    struct btns_hdr *h = malloc(len ? len : 1);
    demand(h != NULL);
    memcpy(h, body, len);
    if (len < sizeof *h) { /* the server refuses it before */
        free(h);
        if (with >= 0)
            close(with);
        return;
    }
    make_right(h, len, with, how & 8);
    struct request r = {.client = c,
                        .from = {.pid = getpid(), .uid = c->uid},
                        .opener = {.pid = getpid(), .uid = c->opener},
                        .client_netns = c->netns,
                        .fd = with,
                        .hdr = h,
                        .len = len};
    bool one_way = h->type == BTNS_MSG_CONNECTING || h->type == BTNS_MSG_ACCEPTED ||
                   h->type == BTNS_MSG_RING || h->type == BTNS_MSG_CHANNEL;
    bool waited = c->gone;
    c->answers = 0;
    /* Nothing comes of what is another namespace's, or only seems to be root's. */
    bool elsewhere = (how & 52) == 20 || (with < 0 && c->netns != NETNS_OURS);
    size_t latches = registry_count(d.latches), guards = d.guards.count, entries = spd_n;
    size_t known = peers_n;
    bool ok = request_dispatch(&d, &r);
    demand(!elsewhere ||
           (registry_count(d.latches) == latches && d.guards.count == guards && spd_n == entries));
    demand(!c->opener || peers_n == known);
    finish_reading();
    send_lists();
    demand(!ok || one_way || c->answers > 0 || (!waited && c->gone));
    if (r.fd >= 0)
        passed_close(r.fd, c->uid);
    if (!ok)
        hang_up(c);
    free(h);
}

static void finish_task(unsigned how)
{
    struct btns_key key = {.raw = {(uint8_t)(how >> 2 & 1)}};
    struct ike_task *t = tasks;
    if (!t)
        return;
    ike_done *done = t->done;
    void *arg = t->arg;
    tasks = t->next;
    free(t);
    enum ike_result result = (enum ike_result)(how & 3);
    done(arg, result, result == IKE_OK ? &key : NULL, "as the fuzzer says");
}

static void sa_event(unsigned how)
{
    struct guard *g = d.guards.list;
    for (unsigned i = how >> 4; g && i--;)
        g = g->next;
    if (!g)
        return;
    struct xfrm_event ev = {.type = how & 1 ? XFRM_EV_SA_GONE : XFRM_EV_SA_NEW};
    ev.sa = (struct sad_entry){.src = g->local,
                               .dst = g->remote,
                               .spi = 1000 + (how >> 1 & 3),
                               .reqid = g->reqid,
                               .protocol = IPPROTO_ESP,
                               .mode = XFRM_MODE_TRANSPORT,
                               .sel_protocol = g->service.protocol,
                               .key_bits = how & 8 ? 160 : 288};
    *(g->mirror ? &ev.sa.sel_sport : &ev.sa.sel_dport) = g->service.port;
    strcpy(ev.sa.alg, "rfc4106(gcm(aes))");
    guards_xfrm_event(&d.guards, &ev);
}

static void mirror_event(unsigned how)
{
    struct btns_key key = {.raw = {(uint8_t)(how & 3)}};
    const struct pair *pair = pair_get(&d.guards.pairs, &key, NULL);
    struct xfrm_event ev = {.type = XFRM_EV_SA_NEW};
    demand(pair != NULL);
    ev.sa = (struct sad_entry){.src = own(AF_INET),
                               .dst = own(AF_INET),
                               .spi = 2000 + how,
                               .reqid = pair->reqid,
                               .protocol = IPPROTO_ESP,
                               .mode = XFRM_MODE_TRANSPORT,
                               .sel_protocol = IPPROTO_TCP,
                               .sel_sport = 80,
                               .key_bits = 288};
    ev.sa.dst.ip[3] = (uint8_t)(how >> 4);
    strcpy(ev.sa.alg, "rfc4106(gcm(aes))");
    guards_xfrm_event(&d.guards, &ev);
}

/* Takes one step from the input; returns its length, 0: the end. */
static size_t step(const uint8_t *data, size_t size)
{
    unsigned how = size > 1 ? data[1] : 0;
    if (size < 2)
        return 0;
    switch (data[0] & 7) {
    case 0:
        finish_task(how);
        return 2;
    case 1:
        sa_event(how);
        return 2;
    case 2:
        hang_up(&client[how % CLIENTS]);
        return 2;
    case 3:
        registry_socket_gone(d.latches, how & 16 ? cookie_of(sockets[how & 3]) : how);
        socket_wish_drop(d.wishes, cookie_of(sockets[how & 3]));
        return 2;
    case 4:
        if (d.guards.list)
            guard_fail(d.guards.list, BTNS_R_PEER_GONE, "the fuzzer says so");
        return 2;
    case 5:
        mirror_event(how);
        return 2;
    default:
        break;
    }
    size_t len = size > 3 ? (size_t)(data[2] | data[3] << 8) : 0;
    if (size < 4 || len > size - 4)
        return 0;
    message(&client[(data[0] >> 3 & 7) % CLIENTS], how, data + 4, len);
    return 4 + len;
}

static void drop_wish(void *arg, struct socket_wish *w)
{
    socket_wish_drop(arg, w->cookie);
}

/* Everybody goes, and nothing of them may stay. */
static void finish(void)
{
    for (struct client *c = client; c < client + CLIENTS; c++)
        hang_up(c);
    while (d.guards.list) {
        struct guard *g = d.guards.list;
        guard_fail(g, BTNS_R_PEER_GONE, "the end");
        if (d.guards.list == g) {
            demand(!g->waiters);
            guard_spd(g, SPD_ALLOW, 0);
            guard_free(g);
        }
    }
    floor_claims_stop(&d);
    loop_cancel(d.loop, &d.floor_checks);
    loop_cancel(d.loop, &d.guards.resets);
    socket_wishes_each(d.wishes, drop_wish, d.wishes);
    shut_sockets_end(&d);
    registry_free(d.latches);
    socket_wishes_free(d.wishes);
    demand(!spd_n);
    demand(!d.floors.list && !tasks && !d.guards.count);
    for (uid_t uid = 0; uid < 2; uid++)
        demand(!count_by_user_of(d.waiting, uid * 1000));
    for (struct run_policy *p = d.run_policies.item; p < d.run_policies.item + RUN_POLICIES; p++) {
        rules_free(p->rules);
        memset(p, 0, sizeof *p);
    }
    users_free(&d.users);
    loop_cancel(d.loop, &d.sweep);
    pairs_free(&d.guards.pairs);
    memset(&d.guards.pairs, 0, sizeof d.guards.pairs);
    memset(&d.recent_failures, 0, sizeof d.recent_failures);
    peers_n = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!d.loop)
        start();
    d.latches = registry_new();
    d.wishes = socket_wishes_new();
    pairs_init(&d.guards.pairs, 0);
    for (int i = 0; i < CLIENTS; i++)
        client[i] = (struct client){.uid = i < 2 || i == 5 ? 0 : 1000,
                                    .opener = i < 2 ? 0 : 1000,
                                    .netns = i == 4 ? NETNS_OTHER : NETNS_OURS};
    for (size_t n; (n = step(data, size)) > 0; data += n, size -= n)
        send_lists();
    finish();
    return 0;
}
