/* btnsctl keyscan: asks hosts for their keys, and writes lines for peers import. */
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/line/own_messages.h"
#include "btnsd/ike/peers/peers_text.h"
#include "libapi/client/ask.h"
#include "libapi/tool/json.h"
#include "libapi/wire/array.h"
#include "libapi/wire/inner_address.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AT_ONCE 16 /* a host that does not answer takes 8 s, and others should not wait for it */
/* charon takes only a few new tasks at a time */
#define BUSY_MS    100
#define BUSY_TRIES 100

/* One address to be asked, or a host without one. */
struct target {
    const char *host; /* as on the command line */
    struct btns_addr addr;
    struct btns_key key; /* valid if `why` is empty */
    struct err why;
    int status; /* CTL_OK: the host was asked, whether or not it has a key; else the status with
                   which the scan ends */
    bool done;
};

struct scanning {
    const struct ctl *c;
    struct target *target;
    size_t n, room;
    size_t next; /* the next target that no thread asks yet */
    bool stop;
    pthread_mutex_t lock; /* guards next, stop and each target's done */
    pthread_cond_t some_done;
};

/* ---- asking ---- */

/* Asks btnsd, and again as long as btnsd has no room. Returns what ask_one() returns. */
static int scan_key(const struct scanning *s, const struct btns_addr *a, union btns_reply *r,
                    struct err *why)
{
    int rc = 0;
    for (int i = 0; i < BUSY_TRIES; i++) {
        struct btns_keyscan m = {.addr = *a};
        const struct timespec pause = {.tv_nsec = BUSY_MS * 1000000};
        *why = (struct err){""};
        memset(r, 0, sizeof *r);
        rc = ask_one(s->c->socket, &m.hdr, sizeof m, BTNS_REQ_KEYSCAN, BTNS_REP_END, r, why);
        if (rc != -EAGAIN || r->hdr.type != BTNS_REP_END)
            break;
        nanosleep(&pause, NULL);
    }
    return rc;
}

static void scan_target(const struct scanning *s, struct target *t)
{
    union btns_reply r;
    char ip[BTNS_ADDR_STR];
    struct err why;
    if (*t->why.text) /* the host's name has no address */
        return;
    int rc = scan_key(s, &t->addr, &r, &why);
    if (!rc && btns_key_parse(&t->key, r.end.text))
        return;
    if (rc && r.hdr.type != BTNS_REP_END) { /* btnsd itself does not answer */
        t->status = ctl_exit(rc);
        t->why = why;
        return;
    }
    t->status = ctl_exit(rc) == CTL_DENIED ? CTL_DENIED : CTL_OK;
    err_set(&t->why, "keyscan: %.200s (%s) gave no key: %.250s", t->host,
            btns_addr_ip_str(&t->addr, ip), rc ? why.text : "btnsd's answer has none");
}

static void *scan_targets(void *arg)
{
    struct scanning *s = arg;
    pthread_mutex_lock(&s->lock);
    while (!s->stop && s->next < s->n) {
        struct target *t = &s->target[s->next++];
        pthread_mutex_unlock(&s->lock);
        scan_target(s, t);
        pthread_mutex_lock(&s->lock);
        t->done = true;
        pthread_cond_signal(&s->some_done);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* ---- writing, in the order of the command line ---- */

static void write_scanned_key(const struct scanning *s, struct json *j, const struct target *t)
{
    char text[BTNS_KEY_STR], ip[BTNS_ADDR_STR], inner[INNER_ADDRESS_STR];
    struct peer p = {.key = t->key, .addr = {t->addr}, .addrs = 1, .trust = BTNS_T_LEAP};
    p.first_seen = p.last_seen = (uint64_t)time(NULL);
    if (!s->c->json) {
        printf("# %s, inner address %s\n", t->host, inner_address_str(&t->key, inner));
        peer_print(stdout, &p);
        return;
    }
    json_open_record(j, NULL);
    json_string(j, "host", t->host);
    json_string(j, "address", btns_addr_ip_str(&t->addr, ip));
    json_string(j, "key", btns_key_str(&t->key, text));
    json_string(j, "inner_address", inner_address_str(&t->key, inner));
    json_close(j, '}');
}

/* Returns the exit status; err has the reason when the scan cannot go on. */
static int write_scan_targets(struct scanning *s, struct json *j, struct err *err)
{
    bool silent = false;
    for (size_t i = 0; i < s->n; i++) {
        const struct target *t = &s->target[i];
        pthread_mutex_lock(&s->lock);
        while (!t->done)
            pthread_cond_wait(&s->some_done, &s->lock);
        s->stop = t->status != CTL_OK;
        pthread_mutex_unlock(&s->lock);
        if (t->status != CTL_OK) {
            *err = t->why;
            return t->status;
        }
        if (!*t->why.text)
            write_scanned_key(s, j, t);
        else
            ctl_say_error(s->c, CTL_FAILED, t->why.text);
        silent |= *t->why.text != '\0';
    }
    return silent ? CTL_FAILED : CTL_OK;
}

static int scan_hosts(struct scanning *s, struct json *j, struct err *err)
{
    pthread_t thread[AT_ONCE];
    size_t threads = 0;
    while (threads < AT_ONCE && threads < s->n &&
           !pthread_create(&thread[threads], NULL, scan_targets, s))
        threads++;
    if (!threads) /* without threads, asks one host after the other */
        scan_targets(s);
    int status = write_scan_targets(s, j, err);
    while (threads)
        pthread_join(thread[--threads], NULL);
    return status;
}

/* ---- the hosts' addresses ---- */

static bool is_scan_target(const struct scanning *s, const struct btns_addr *a)
{
    for (size_t i = 0; i < s->n; i++)
        if (btns_addr_ip_equal(&s->target[i].addr, a))
            return true;
    return false;
}

static struct target *add_scan_target(struct scanning *s, const char *host)
{
    struct target *more = array_grow(s->target, &s->room, s->n + 1, sizeof *more);
    if (!more)
        return NULL;
    s->target = more;
    s->target[s->n] = (struct target){.host = host, .status = CTL_OK};
    return &s->target[s->n++];
}

/* Adds the host's addresses, each of them once. False: out of memory. */
static bool add_scanned_host(struct scanning *s, const char *host)
{
    struct btns_addr a;
    struct target *t;
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    bool numeric = btns_addr_parse(&a, host), ok = true;
    int gai = numeric ? 0 : getaddrinfo(host, NULL, &hints, &found);
    if (gai || (numeric && !is_scan_target(s, &a))) {
        if (!(t = add_scan_target(s, host)))
            return false;
        t->addr = a;
        if (gai)
            err_set(&t->why, "keyscan: %.200s: %s", host, gai_strerror(gai));
    }
    for (const struct addrinfo *i = found; i && ok; i = i->ai_next)
        if (btns_addr_from_sa(&a, i->ai_addr, i->ai_addrlen) && !is_scan_target(s, &a)) {
            ok = (t = add_scan_target(s, host));
            if (ok)
                t->addr = a;
        }
    freeaddrinfo(found);
    return ok;
}

int ctl_keyscan(const struct ctl *c, struct err *err)
{
    struct scanning s = {
        .c = c, .lock = PTHREAD_MUTEX_INITIALIZER, .some_done = PTHREAD_COND_INITIALIZER};
    struct json json = {.to = stdout};
    bool ok = true;
    for (int i = 0; i < c->n && ok; i++)
        ok = add_scanned_host(&s, c->args[i]);
    if (!ok)
        err_set(err, "keyscan: out of memory");
    if (ok && c->json)
        json_begin_list(&json);
    int status = ok ? scan_hosts(&s, &json, err) : CTL_FAILED;
    if (ok && c->json && !*err->text)
        json_close(&json, ']');
    free(s.target);
    return status;
}
