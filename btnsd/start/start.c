/* Starts the parts of btnsd, each after the parts that it needs, and stops them. */
#include "btnsd/start/start.h"
#include "btnsd/base/count_by_user.h"
#include "btnsd/base/file.h"
#include "btnsd/base/log.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/foreign_spd.h"
#include "btnsd/latch/guard/guards_end.h"
#include "btnsd/latch/guard/orphaned_sas.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/managers.h"
#include "btnsd/latch/responder/callers_find.h"
#include "btnsd/reports/adopt.h"
#include "btnsd/reports/ike_events.h"
#include "btnsd/reports/kernel_events.h"
#include "btnsd/reports/spd_events.h"
#include "btnsd/reports/system_events.h"
#include "btnsd/requests/accept_scan.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/early_floors.h"
#include "btnsd/running/first_rules.h"
#include "btnsd/running/inner_host.h"
#include "btnsd/running/living_ao_keys.h"
#include "btnsd/running/names_retry.h"
#include "btnsd/running/old_key.h"
#include "btnsd/running/own_certificate.h"
#include "btnsd/running/peers_files.h"
#include "btnsd/running/persist_latches.h"
#include "btnsd/running/plain_host_file.h"
#include "btnsd/running/reload.h"
#include "btnsd/running/review_latches.h"
#include "btnsd/running/review_user.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/running/signatures.h"
#include "btnsd/running/stored_policies.h"
#include "btnsd/running/translation.h"
#include "btnsd/server/epoch.h"
#include "btnsd/start/guard_calls.h"
#include "btnsd/start/instance.h"
#include "btnsd/start/kernel_open.h"
#include "btnsd/users/socket_wishes.h"
#include "btnsd/xfrm/addresses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RUN_DIR   "/run/btns"
#define IKE_DIR   "/run/btns/ike"
#define IKE_MODE  0711 /* charon's /run in the unit: a child as nobody passes through it */
#define STATE_DIR "/var/lib/btns"

static int make_state_dir(const char *path, mode_t mode, struct err *err)
{
    struct stat st = {.st_mode = S_IFDIR};
    int rc = mkdir(path, mode) && errno != EEXIST ? -errno : 0;
    if (!rc && stat(path, &st))
        rc = -errno;
    if (!rc && !S_ISDIR(st.st_mode))
        rc = -ENOTDIR;
    if (!rc && (st.st_mode & 07777) != mode && chmod(path, mode))
        rc = -errno;
    if (rc)
        err_set(err, "%s: %s", path, strerror(-rc));
    return rc;
}

/* Adopts guards, floors and latches of an earlier btnsd, whose charon and SAs are gone. */
static int start_from_earlier(struct btnsd *d, struct err *err)
{
    guards_drop_sas(&d->guards);
    int rc = guards_adopt(&d->guards, err);
    guards_spd_read(&d->guards);
    shields_sweep(&d->guards);
    if (rc)
        return rc;
    d->latches_lost = !persist_restore(d, RUN_DIR "/latches");
    inner_host_adopted(d);
    floors_adopt(d);
    latches_review_listeners(d);
    callers_review(&d->guards, BTNS_R_RULE);
    persist_begin(d, RUN_DIR "/latches");
    return 0;
}

static void start_guards(struct btnsd *d, const struct options *o)
{
    d->guards.loop = d->loop;
    d->guards.past.whole = instant_now();
    guards_count_begin(&d->guards);
    d->guards.xfrm = d->xfrm;
    d->guards.sockets = d->sockets;
    d->guards.datagrams = d->datagrams;
    d->guards.ike = d->ike;
    d->guards.peers = d->peers;
    d->guards.host = &d->host;
    d->guards.floors = &d->floors;
    d->guards.certificates = RUN_DIR "/certificates";
    d->floors.gone = on_floor_gone;
    d->floors.listens = adopted_floor_listens;
    d->floors.arg = d;
    d->guards.keying = key_managers;
    d->guards.ops = &guard_calls;
    d->guards.arg = d;
    d->guards.events = &d->events;
    d->guards.rules = (const struct rules *const *)&d->rules;
    d->guards.off = o->no_latching;
    d->guards.linger_ms = o->linger * 1000;
    d->guards.hold_ms = o->hold * 1000;
}

/* The administrator's IKE daemon opens its socket in the host's /run. */
static int start_watching_system(struct btnsd *d, const struct charon_paths *paths,
                                 const char *socket)
{
    char path[FILE_PATH];
    return system_events_watch(d, charon_host_path(paths, socket, path));
}

/* The parts that need nothing but memory. */
static int make_started_parts(struct btnsd *d, struct err *err)
{
    d->epoch = epoch_new();
    d->latches = registry_new();
    d->wishes = socket_wishes_new();
    d->waiting = count_by_user_new(LIMIT_WAITS);
    d->acceptors.users = count_by_user_new(LIMIT_ACCEPTORS);
    d->early_floor_counts = count_by_user_new(LIMIT_EARLY_FLOORS);
    if (!d->epoch || !d->latches || !d->wishes || !d->waiting || !d->acceptors.users ||
        !d->early_floor_counts) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    return 0;
}

int parts_start(struct btnsd *d, const struct options *o, struct err *err)
{
    static struct charon_paths paths = {.run = IKE_DIR};
    paths.binary = o->charon;
    enum first_rules which;
    struct peers_files files;
    if (instance_only(RUN_DIR, err))
        return -EBUSY;
    file_remove_unfinished(RUN_DIR);
    file_remove_unfinished(STATE_DIR);
    if (make_started_parts(d, err))
        return -ENOMEM;
    d->run_dir = RUN_DIR;
    d->state_dir = STATE_DIR;
    d->sequences = STATE_DIR "/packages";
    d->readings.loop = d->loop;
    d->users.dir = STATE_DIR "/users";
    audit_start(&d->audit, &d->events, o->audit_log);
    d->xfrm = xfrm_open(err);
    if (!d->xfrm || first_rules_entries(d, &which, err)) /* before anything that can fail */
        return -EIO;
    if (make_state_dir(RUN_DIR, 0755, err) || make_state_dir(IKE_DIR, IKE_MODE, err))
        return -EIO;
    stored_policies_find(d);
    if (first_rules(d, which, err))
        return -EINVAL;
    if (hostkey_load(STATE_DIR, &d->host, err))
        return -EIO;
    d->peers = peers_load(STATE_DIR "/known_peers", err);
    if (!d->peers || peers_files_read(d, &files, err))
        return -EIO;
    peers_files_swap(d, &files);
    plain_hosts_begin(d, STATE_DIR "/plain_hosts");
    d->server = server_new(d->loop, BTNS_SOCKET, request_dispatch, d, err);
    if (!d->server || kernel_open(d, RUN_DIR "/reqids", err))
        return -EIO;
    stored_policies_serve(d);
    d->ike = ike_new(d->loop, &paths, &d->host, &ike_events, d);
    if (!d->ike || start_watching_system(d, &paths, o->system_vici)) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    old_key_load(d, RUN_DIR "/old_key_peers");
    start_guards(d, o);
    registry_set_events(d->latches, &d->events);
    peers_set_needed(d->peers, guards_latched_key, &d->guards);
    own_certificate_load(d);
    charon_end_stale(&paths);
    inner_host_follow(d);
    int rc = start_from_earlier(d, err);
    if (!rc)
        peers_files_apply(d);
    if (!rc)
        rc = ike_start(d->ike, err);
    return rc ? rc : kernel_events_watch(d);
}

/* Keeps the floor in the SPD after btnsd's end, as the program still listens. */
static void leave_floor_at_end(void *arg, struct latch *l)
{
    (void)arg;
    if (l->floor)
        l->floor->stays = true;
    l->floor = NULL;
}

/* Latches live on without btnsd: freeing them must not emit events of their end. */
static void mute_starting_events(struct btnsd *d)
{
    d->guards.events = NULL;
    if (d->latches)
        registry_set_events(d->latches, NULL);
}

static void free_started_parts(struct btnsd *d)
{
    pairs_free(&d->guards.pairs);
    sockdiag_close(d->sockets);
    sockdiag_close(d->datagrams);
    addresses_close(d->addresses);
    xfrm_close(d->xfrm);
    peers_free(d->peers);
    audit_end(&d->audit);
    review_user_end(d);
    readings_end(&d->readings);
    names_retry_end(d);
    users_free(&d->users);
    own_cert_free(&d->own_cert);
    run_policies_free(&d->run_policies);
    rules_free(d->rules);
    guards_count_end(&d->guards);
    policy_set_free(&d->texts);
    count_by_user_free(d->watching);
    count_by_user_free(d->waiting);
    count_by_user_free(d->early_floor_counts);
}

void parts_stop(struct btnsd *d)
{
    persist_end(d);
    loop_cancel(d->loop, &d->revocation);
    plain_hosts_end(d);
    mute_starting_events(d);
    epoch_free(d->epoch); /* first: from now on, no program may rely on a cached verdict */
    d->epoch = NULL;
    server_free(d->server);
    system_free(d->system); /* the system's SAs stay */
    d->floors.gone = NULL;
    loop_cancel(d->loop, &d->floor_checks);
    signatures_end(d);
    living_keys_end(d);
    accept_scan_end(d);
    if (d->latches)
        early_floors_stop(d);
    loop_cancel(d->loop, &d->guards.review);
    loop_cancel(d->loop, &d->guards.callers);
    loop_cancel(d->loop, &d->guards.resets);
    loop_cancel(d->loop, &d->guards.traffic);
    guards_ike_ends(&d->guards);
    ike_free(d->ike); /* deletes charon's SAs, also at the peers, while guards still block */
    if (d->guards.loop) {
        guards_clear(&d->guards);
        guards_drop_sas(&d->guards);
    }
    if (d->latches && d->xfrm)
        shut_sockets_end(d);
    if (d->latches) {
        registry_each(d->latches, leave_floor_at_end, NULL);
        if (d->floors.xfrm)
            floors_clear(&d->floors);
        past_guards_free(&d->guards.past);
        registry_free(d->latches);
        socket_wishes_free(d->wishes);
        refused_sockets_free(&d->refused_sockets);
        d->latches = NULL;
    }
    if (d->mandatory.n)
        log_note("traffic that mandatory rules block stays blocked (%zu SPD entries): start btnsd "
                 "without "
                 "these rules, or run btnsd --drop-mandatory, to end that",
                 d->mandatory.n);
    free(d->mandatory.entry);
    inner_host_end(d);
    if (d->xfrm)
        translation_end(d);
    if (d->xfrm && !d->mandatory.n)
        own_ipv6_unspare(d->xfrm);
    free_started_parts(d);
}
