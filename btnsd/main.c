/* btnsd: starts its parts, ties their events together, and takes them down in order. */
#include "daemon.h"
#include "epoch.h"
#include "kernel_events.h"
#include "log.h"
#include "notify.h"
#include "options.h"
#include "passed.h"
#include "remember.h"
#include "requests.h"
#include "server.h"
#include "system_events.h"
#include "tally.h"
#include "xfrm/addresses.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUN_DIR   "/run/btns"
#define IKE_DIR   "/run/btns/ike"
#define STATE_DIR "/var/lib/btns"

/* ---- events of the parts ---- */

static void settle(void *arg)
{
    struct btnsd *d = arg;
    epoch_move(d->epoch);
    server_drain(d->server);
}

static void guard_changed(void *arg, struct guard *g)
{
    (void)arg;
    (void)g;
}

static void guard_freed(void *arg, struct guard *g)
{
    registry_guard_freed(((struct btnsd *)arg)->latches, g);
}

static void ike_ready(void *arg)
{
    struct btnsd *d = arg;
    log_debug("charon is ready");
    guards_ike_ready(&d->guards);
    if (!d->ready && d->ready_fd >= 0) {
        ssize_t ignored = write(d->ready_fd, "ready\n", 6);
        (void)ignored;
        close(d->ready_fd);
    }
    if (!d->ready) {
        log_note("ready");
        notify_ready();
    } else
        event_emit(&d->events, &(struct event){.kind = BTNS_E_MANAGER_BACK});
    d->ready = true;
}

/* The strictest identity that any accept rule demands: IKE must not admit what a floor would not.
 */
static enum identity accept_identity(const struct rules *r)
{
    enum identity most = IDENTITY_ANY_KEY;
    for (size_t i = 0; i < r->n; i++)
        if (r->rule[i].at_accept && r->rule[i].profile && r->rule[i].profile->identity > most)
            most = r->rule[i].profile->identity;
    return most;
}

static void ike_introduced(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                           const struct btns_key *key)
{
    struct btnsd *d = arg;
    struct err err;
    char ip[BTNS_ADDR_STR], text[BTNS_KEY_STR];
    enum btns_reason no = guards_no_latch(&d->guards, remote, key, &err);
    if (no || !guards_admit(&d->guards, local, remote, key, accept_identity(d->rules), &err)) {
        event_emit(&d->events, &(struct event){.kind = BTNS_E_PEER_REFUSED,
                                               .reason = no ? no : BTNS_R_IDENTITY,
                                               .local = *local,
                                               .remote = *remote,
                                               .key = key,
                                               .text = err.text});
        return;
    }
    guards_trim_pairs(&d->guards);
    const struct pair *pair = pair_get(&d->guards.pairs, key, NULL);
    log_debug("%s introduces itself as %s", btns_addr_ip_str(remote, ip), btns_key_str(key, text));
    if (!pair || ike_allow_claimed(d->ike, local, remote, key, pair->reqid))
        log_debug("no room for a connection with %s", ip);
}

static void ike_child_up(void *arg, uint32_t reqid, uint32_t spi_out, const struct ike_nat *nat)
{
    guards_child_up(&((struct btnsd *)arg)->guards, reqid, spi_out, nat);
}

static void ike_inner(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                      const struct btns_key *key, const struct btns_addr *inner)
{
    guards_inner(&((struct btnsd *)arg)->guards, local, remote, key, inner);
}

static void ike_died(void *arg, const char *why)
{
    struct btnsd *d = arg;
    char text[BTNS_TEXT_MAX];
    guards_ike_died(&d->guards);
    snprintf(text, sizeof text,
             "charon died (%s): starting it again; what is latched stays protected", why);
    event_emit(
        &d->events,
        &(struct event){.kind = BTNS_E_MANAGER_LOST, .reason = BTNS_R_MANAGER, .text = text});
}

static void ike_away(void *arg, const char *why)
{
    struct btnsd *d = arg;
    char text[BTNS_TEXT_MAX];
    bool said = d->guards.away[0];
    guards_ike_away(&d->guards, why);
    snprintf(text, sizeof text, "%.900s; latches are broken until that has changed",
             d->guards.away);
    if (!said)
        event_emit(
            &d->events,
            &(struct event){.kind = BTNS_E_MANAGER_LOST, .reason = BTNS_R_MANAGER, .text = text});
}

static void on_signal(struct watch *w, uint32_t events)
{
    struct btnsd *d = w->arg;
    struct signalfd_siginfo si;
    int status;
    pid_t pid;
    (void)events;
    while (read(w->fd, &si, sizeof si) == sizeof si) {
        if (si.ssi_signo == SIGHUP) {
            audit_reopen(&d->audit);
            btnsd_reload(d);
        }
        if (si.ssi_signo != SIGHUP && si.ssi_signo != SIGCHLD)
            loop_stop(d->loop);
    }
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (!passed_reaped(pid) && !reading_reaped(&d->readings, pid, status) &&
            !audit_reaped(&d->audit, pid))
            ike_reaped(d->ike, pid, status);
}

/* ---- start and end ---- */

static int make_dir(const char *path, mode_t mode)
{
    if ((mkdir(path, mode) && errno != EEXIST) || chmod(path, mode)) {
        log_note("%s: %s", path, strerror(errno));
        return -errno;
    }
    return 0;
}

static int start_signals(struct btnsd *d, struct watch *w)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : loop_watch(d->loop, w, fd, EPOLLIN, on_signal, d);
}

static void highest(void *arg, const struct sad_entry *sa)
{
    uint32_t *most = arg;
    if (reqid_is_ours(sa->reqid) && sa->reqid > *most)
        *most = sa->reqid;
}

static const char *suite_text(const char *name)
{
    const struct suite *s = suites;
    while (s->name && strcmp(s->name, name))
        s++;
    return s->name;
}

static const struct guards_ops guards_ops = {settle, guard_changed, guard_freed};
static const struct ike_ops ike_ops = {ike_ready, ike_introduced, ike_child_up,
                                       ike_inner, ike_died,       ike_away};

/* A suite that is missing is a warning: rules that ask for it fail closed. All of them: no start.
 */
static int probe_suites(struct btnsd *d, struct err *err)
{
    unsigned available = 0;
    int rc = 0;
    for (const struct suite *s = suites; s->name; s++) {
        int missing = xfrm_probe(d->xfrm, s->kernel, s->key_bits);
        if (missing) {
            rc = missing;
            log_note("this kernel does not offer ESP with %s: %s", s->name, strerror(-missing));
        }
        available += !missing;
    }
    if (available)
        return 0;
    err_set(err, "this kernel has no ESP (%s): load esp4 and esp6, or boot one that has it",
            strerror(-rc));
    return rc;
}

static int start_kernel(struct btnsd *d, struct err *err)
{
    uint32_t used = 0;
    d->xfrm = xfrm_open(err);
    if (!d->xfrm || rules_into_kernel(d, err)) /* before anything else */
        return -EIO;
    d->sockets = sockdiag_open(err);
    d->addresses = addresses_open(err); /* before they are read */
    if (!d->sockets || !d->addresses || xfrm_larval_drop_off(err))
        return -EIO;
    int rc = probe_suites(d, err);
    if (rc)
        return rc;
    sad_dump(d->xfrm, highest, &used);
    pairs_read(&d->guards.pairs, RUN_DIR "/reqids", suite_text);
    pairs_init(&d->guards.pairs, used);
    d->floors.xfrm = d->xfrm;
    floor_spare_own6(d->xfrm);
    return 0;
}

/* What an earlier btnsd left; its charon has ended, and its SAs with it. */
static int take_over(struct btnsd *d, struct err *err)
{
    guards_drop_sas(&d->guards);
    floors_adopt(&d->floors, d->sockets);
    int rc = guards_adopt(&d->guards, err);
    guards_spd_read(&d->guards);
    if (rc)
        return rc;
    remember_restore(d, RUN_DIR "/latches");
    remember_begin(d, RUN_DIR "/latches");
    return 0;
}

static int start(struct btnsd *d, const struct options *o, struct err *err)
{
    static struct charon_paths paths = {.run = IKE_DIR};
    paths.binary = o->charon;
    if (make_dir(RUN_DIR, 0755) || make_dir(IKE_DIR, 0700)) {
        err_set(err, "no run directory");
        return -EIO;
    }
    d->epoch = epoch_new();
    d->latches = registry_new();
    d->waiting = tally_new();
    if (!d->epoch || !d->latches || !d->waiting) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    d->readings.loop = d->loop;
    d->users.dir = STATE_DIR "/users";
    audit_start(&d->audit, &d->events, o->audit_log);
    if (users_load(&d->users, err))
        return -EIO;
    if (btnsd_reload(d)) {
        err_set(err, "no policy to start with");
        return -EINVAL;
    }
    if (hostkey_load(STATE_DIR, &d->host, err))
        return -EIO;
    d->peers = peers_load(STATE_DIR "/known_peers", err);
    if (!d->peers)
        return -EIO;
    d->server = server_new(d->loop, BTNS_SOCKET, request_dispatch, d, err);
    if (!d->server || start_kernel(d, err))
        return -EIO;
    d->ike = ike_new(d->loop, &paths, &d->host, &ike_ops, d);
    if (!d->ike || system_events_watch(d, o->system_vici)) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    d->guards.loop = d->loop;
    d->guards.xfrm = d->xfrm;
    d->guards.sockets = d->sockets;
    d->guards.ike = d->ike;
    d->guards.peers = d->peers;
    d->guards.host = &d->host;
    d->guards.ops = &guards_ops;
    d->guards.arg = d;
    d->guards.events = &d->events;
    d->guards.rules = (const struct rules *const *)&d->rules;
    d->guards.off = o->no_latching;
    registry_set_events(d->latches, &d->events);
    d->guards.linger_ms = o->linger * 1000;
    charon_end_stale(&paths);
    int rc = take_over(d, err);
    return rc ? rc : ike_start(d->ike, err);
}

/* The floor stays as long as the program listens, not as long as we run. */
static void leave_floor(void *arg, struct latch *l)
{
    (void)arg;
    l->floor = NULL;
}

/* What lives on without us has not ended. */
static void event_quiet(struct btnsd *d)
{
    d->guards.events = NULL;
    if (d->latches)
        registry_set_events(d->latches, NULL);
}

static void stop(struct btnsd *d)
{
    remember_end(d);
    event_quiet(d);
    epoch_free(d->epoch); /* first: nobody may rely on a cached verdict any more */
    d->epoch = NULL;
    server_free(d->server);
    system_free(d->system); /* its SAs are not ours to end */
    guards_ike_ends(&d->guards);
    ike_free(d->ike); /* its SAs go, with the peers, while the guards still stand */
    if (d->guards.loop) {
        guards_clear(&d->guards);
        guards_drop_sas(&d->guards);
    }
    if (d->latches) {
        registry_each(d->latches, leave_floor, NULL);
        registry_free(d->latches);
        d->latches = NULL;
    }
    if (d->floors.xfrm)
        floors_clear(&d->floors, d->sockets);
    if (d->mandatory.n)
        log_note("what mandatory rules block stays blocked: see btnsd(8)");
    free(d->mandatory.entry);
    if (d->xfrm && !d->mandatory.n)
        floor_unspare_own6(d->xfrm);
    pairs_free(&d->guards.pairs);
    sockdiag_close(d->sockets);
    addresses_close(d->addresses);
    xfrm_close(d->xfrm);
    peers_free(d->peers);
    audit_end(&d->audit);
    readings_end(&d->readings);
    users_free(&d->users);
    for (int i = 0; i < USER_POLICIES; i++)
        rules_free(d->user_policy[i].rules);
    rules_free(d->rules);
    tally_free(d->watching);
    tally_free(d->waiting);
}

static int run(struct btnsd *d, const struct options *o)
{
    struct watch signals;
    struct err err = {""};
    int rc = start_signals(d, &signals);
    if (!rc)
        rc = start(d, o, &err);
    if (!rc)
        rc = kernel_events_watch(d);
    if (rc)
        log_note("cannot start: %s", err.text[0] ? err.text : strerror(-rc));
    else
        rc = loop_run(d->loop);
    stop(d);
    return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
    static struct btnsd d;
    struct options o;
    struct rlimit files = {65536, 65536};
    notify_init();
    int status = options_parse(argc, argv, &o);
    if (status >= 0)
        return status;
    if (geteuid()) {
        fputs("btnsd: must be run as root\n", stderr);
        return 1;
    }
    setrlimit(RLIMIT_NOFILE, &files);
    event_subscribe(&d.events, &event_log);
    d.sources = o.sources;
    d.sequences = STATE_DIR "/packages";
    d.ready_fd = o.ready_fd;
    d.started = (uint64_t)time(NULL);
    d.loop = loop_new();
    if (!d.loop)
        return 1;
    status = run(&d, &o);
    loop_free(d.loop);
    return status;
}
