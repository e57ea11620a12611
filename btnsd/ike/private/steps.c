/* The steps of the tasks introduce, prove and close, as tables of VICI commands. */
#include "btnsd/ike/private/state.h"

#include "btnsd/base/log.h"

#include <string.h>

/* ---- what went wrong, from charon's own words ---- */

/*
 * If the first message is not answered, no IKE daemon is there. If a later one is not answered, or
 * one on an IKE SA that was up before, the peer's IKE daemon has lost its SAs: it does not say so,
 * it just does not answer. An introduction always begins an IKE SA of its own.
 */
static void note_silence(struct ike_task *t)
{
    bool silent = t->result == IKE_SILENT || t->result == IKE_NO_WAY;
    if (silent && (t->answered || (t->conn && !t->began))) {
        t->result = IKE_AGAIN;
        snprintf(t->why, sizeof t->why, "the peer's IKE daemon fell silent");
    }
}

/*
 * charon logs the reason of a failed exchange; the answer to `initiate` only says that it failed.
 */
void task_log_line(struct ike_task *t, const char *line)
{
    static const struct {
        const char *log;
        enum ike_result result;
        const char *why;
    } reasons[] = {
        {"received AUTHENTICATION_FAILED", IKE_REFUSED,
         "the peer refuses ours: it may know another at our address (a changed key, or two hosts "
         "behind one NAT)"},
        {"signature validation failed", IKE_WRONG_PEER, "the peer's signature is not by that key"},
        {"subject certificate invalid", IKE_WRONG_PEER,
         "its certificate is expired, or not valid yet"},
        {"issuer certificate invalid", IKE_WRONG_PEER,
         "its authority's certificate is expired, or not valid yet"},
        {"no issuer certificate found", IKE_WRONG_PEER,
         "its certificate is not of the authority asked for"},
        {"not authenticated by CA", IKE_WRONG_PEER,
         "its certificate is not of the authority asked for"},
        {"no trusted", IKE_WRONG_PEER, "the peer's signature is not by that key"},
        {"tried", IKE_WRONG_PEER, "the pre-shared secrets differ: the peer is not another btnsd"},
        /*
         * The peer refused our first message: our IKE suites are fixed, so it runs no btnsd, or
         * none yet.
         */
        {"received NO_PROPOSAL_CHOSEN notify error", IKE_AGAIN,
         "the peer's IKE daemon has no connection for us"},
        {"received NO_PROPOSAL_CHOSEN", IKE_DECLINED,
         "the peer does not protect this service for us, or accepts none of our suites for it"},
        {"received TS_UNACCEPTABLE", IKE_DECLINED, "the peer does not protect this service for us"},
        {"received NO_ADDITIONAL_SAS", IKE_DECLINED, "the peer takes no more SAs"},
        {"due to existing duplicate", IKE_AGAIN, "charon has an older child SA for it"},
        {"notify error", IKE_REFUSED, "the peer's IKE daemon refuses the exchange"},
        {"does not match", IKE_WRONG_PEER, "the peer is not who it should be"},
        {"constraint check failed", IKE_WRONG_PEER, "the peer is not who it should be"},
        {"giving up after", IKE_SILENT, "nobody answers IKE there (UDP port 500)"},
        {"error writing to socket", IKE_NO_WAY, "the network does not lead there"},
        {"unable to install", IKE_DECLINED, "the kernel refused the SA: is ESP available?"},
        {"unable to add SAD entry", IKE_DECLINED, "the kernel refused the SA: is ESP available?"},
    };
    t->duplicate |= strstr(line, "due to existing duplicate") != NULL;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(line, reasons[i].log)) {
            t->result = reasons[i].result;
            snprintf(t->why, sizeof t->why, "%s", reasons[i].why);
            note_silence(t);
            return;
        }
    t->began |= strstr(line, "initiating IKE_SA") != NULL;
    t->answered |= !strncmp(line, "parsed ", 7);
}

void step_log(struct ike_task *t, const char *name, const void *body, size_t len)
{
    char line[256];
    if (strcmp(name, "control-log") || !vici_find_str(body, len, "msg", line, sizeof line))
        return;
    log_debug("charon: %s: %s", t->name, line);
    /* charon's "no trusted key" only repeats an earlier reason. */
    if (!t->why[0] || !strstr(line, "no trusted"))
        task_log_line(t, line);
}

/* success=yes, or the reason in t->why. */
bool step_succeeded(struct ike_task *t, const void *body, size_t len)
{
    char text[200];
    if (!body) {
        snprintf(t->why, sizeof t->why, "this charon does not know '%s'", t->step->command);
        t->result = IKE_BROKEN;
        return false;
    }
    if (vici_find_str(body, len, "success", text, sizeof text) && !strcmp(text, "yes"))
        return true;
    if (!vici_find_str(body, len, "errmsg", text, sizeof text))
        snprintf(text, sizeof text, "no reason given");
    if (strstr(text, "not established after")) {
        t->result = IKE_SILENT;
        snprintf(text, sizeof text, "nobody has answered IKE there in time");
        note_silence(t);
    }
    if (!t->why[0])
        snprintf(t->why, sizeof t->why, "%s", text);
    return false;
}

void step_build_initiate(struct ike_task *t, struct vici_msg *m)
{
    t->why[0] = '\0';
    t->began = t->answered = false;
    t->duplicate = false;
    /*
     * The result unless the log or a time-out gives another one: nothing said that the peer
     * refused.
     */
    t->result = IKE_AGAIN;
    if (t->child[0])
        vici_kv(m, "child", t->child);
    vici_kv(m, "ike", t->name);
    vici_kvf(m, "timeout", "%u", t->ms);
    vici_kv(m, "loglevel", "1");
}

/* ---- introduce: which key does the peer at this address claim? ---- */

static const struct task_step introduce_initiate, introduce_list, introduce_end, introduce_unload;

static void introduce_build_load(struct ike_task *t, struct vici_msg *m)
{
    config_introduction(m, t->number, t->name, t->ike->host, &t->local, &t->remote);
}

static const struct task_step *introduce_loaded(struct ike_task *t, const void *body, size_t len)
{
    if (!step_succeeded(t, body, len))
        return NULL;
    return t->done ? &introduce_initiate : &introduce_unload; /* nothing waits for it */
}

static const struct task_step *introduce_listed(struct ike_task *t, const void *body, size_t len);

static const struct task_step *introduce_initiated(struct ike_task *t, const void *body, size_t len)
{
    if (step_succeeded(t, body,
                       len)) /* the event says which key answered; the event may come later */
        return t->has_claim ? introduce_listed(t, NULL, 0) : &introduce_list;
    /* An IKE SA that never came up may still retransmit: end it. */
    return &introduce_end;
}

void step_build_ike(struct ike_task *t, struct vici_msg *m)
{
    vici_kv(m, "ike", t->name);
}

static bool is_listed_ike_sa(const char *name)
{
    return !strcmp(name, "list-sa");
}

bool ike_claimed_key(const struct ike *k, const void *body, size_t len, const char *path,
                     struct btns_key *key)
{
    struct rotation r;
    const uint8_t *id;
    size_t n;
    if (!vici_find(body, len, path, &id, &n) || !rotation_read_id(id, n, &r))
        return false;
    if (r.links && k->ops->vouched)
        k->ops->vouched(k->arg, &r);
    *key = r.key;
    return true;
}

static void introduce_sa(struct ike_task *t, const char *name, const void *body, size_t len)
{
    char state[32];
    if (is_listed_ike_sa(name) && vici_find_str(body, len, "*.state", state, sizeof state) &&
        !strcmp(state, "ESTABLISHED"))
        t->has_claim = ike_claimed_key(t->ike, body, len, "*.remote-id", &t->claimed);
}

static const struct task_step *introduce_listed(struct ike_task *t, const void *body, size_t len)
{
    (void)body;
    (void)len;
    t->result = t->has_claim ? IKE_OK : IKE_REFUSED;
    task_report(t, t->result, t->has_claim ? "claimed" : "its identity is no key");
    task_rest(t);
    return &introduce_end;
}

void step_build_end(struct ike_task *t, struct vici_msg *m)
{
    if (t->result != IKE_OK)
        /* reported before cleaning up, for which the caller need not wait */
        task_report(t, t->result, t->why);
    vici_kv(m, "ike", t->name);
    vici_kv(m, "timeout", "-1");
}

static const struct task_step *introduce_ended(struct ike_task *t, const void *body, size_t len)
{
    (void)t;
    (void)body;
    (void)len;
    return &introduce_unload;
}

void step_build_unload(struct ike_task *t, struct vici_msg *m)
{
    vici_kv(m, "name", t->name);
}

const struct task_step *step_finished(struct ike_task *t, const void *body, size_t len)
{
    (void)t;
    (void)body;
    (void)len;
    return NULL;
}

const struct task_step task_introduce = {"load-conn", introduce_build_load, introduce_loaded, NULL,
                                         NULL};
static const struct task_step introduce_initiate = {"initiate", step_build_initiate,
                                                    introduce_initiated, step_log, "control-log"};
static const struct task_step introduce_list = {"list-sas", step_build_ike, introduce_listed,
                                                introduce_sa, "list-sa"};
static const struct task_step introduce_end = {"terminate", step_build_end, introduce_ended, NULL,
                                               NULL};
static const struct task_step introduce_unload = {"unload-conn", step_build_unload, step_finished,
                                                  NULL, NULL};

/* ---- prove: the child SA of one service, with exactly this key ---- */

static void prove_build_load(struct ike_task *t, struct vici_msg *m)
{
    config_key_conn(m, t->conn, t->ike->own);
}

static const struct task_step *prove_loaded(struct ike_task *t, const void *body, size_t len)
{
    return step_succeeded(t, body, len) ? &task_initiate : NULL;
}

static const struct task_step refused_list, refused_end;

static void see_listed_children(struct ike_task *t, const char *name, const void *body, size_t len)
{
    if (is_listed_ike_sa(name) && ike_carries_services(body, len))
        t->children = true;
}

/*
 * A peer that has not loaded its connection for our certificate yet authenticates us all the same,
 * by its connection for the authority, which has no child. That IKE SA would refuse every further
 * attempt, so it is ended, unless it carries child SAs.
 */
static const struct task_step *prove_initiated(struct ike_task *t, const void *body, size_t len)
{
    if (!step_succeeded(t, body, len)) {
        if (!t->duplicate || t->service.replace)
            return t->conn->cert ? &refused_list : NULL;
        t->service.replace = true; /* only once */
        return &task_prove_again;
    }
    t->result = IKE_OK;
    snprintf(t->why, sizeof t->why, "proved");
    return NULL;
}

static const struct task_step *refused_listed(struct ike_task *t, const void *body, size_t len)
{
    (void)body;
    (void)len;
    return t->children ? NULL : &refused_end;
}

static const struct task_step *refused_ended(struct ike_task *t, const void *body, size_t len)
{
    (void)t;
    (void)body;
    (void)len;
    return NULL;
}

const struct task_step task_prove = {"load-conn", prove_build_load, prove_loaded, NULL, NULL};
const struct task_step task_initiate = {"initiate", step_build_initiate, prove_initiated, step_log,
                                        "control-log"};
static const struct task_step refused_list = {"list-sas", step_build_ike, refused_listed,
                                              see_listed_children, "list-sa"};
static const struct task_step refused_end = {"terminate", step_build_end, refused_ended, NULL,
                                             NULL};

static void build_step_close(struct ike_task *t, struct vici_msg *m)
{
    vici_kv(m, "child", t->child);
    vici_kv(m, "ike", t->name);
    vici_kvf(m, "timeout", "%u", t->ms);
}

/*
 * charon refuses `initiate` for a child SA that it thinks is up: the kernel's SAs may be gone, or
 * the peer may have lost its own.
 */
static const struct task_step *step_before_proof(struct ike_task *t, const void *body, size_t len)
{
    (void)t;
    (void)body;
    (void)len;
    return &task_prove;
}

const struct task_step task_prove_again = {"terminate", build_step_close, step_before_proof, NULL,
                                           NULL};

/* ---- close: delete one service's child SA, and the IKE SA when it carries nothing else ---- */

static const struct task_step close_list, close_ike;

/* Every child SA ends with the IKE SA, and those that were to be closed, too. */
static void end_silent_steps(struct ike_task *t)
{
    ike_end_sa(t->ike, "ike", t->name);
    closes_needless(t->ike, t->conn, NULL);
}

static const struct task_step *child_closed(struct ike_task *t, const void *body, size_t len)
{
    /*
     * The peer has not answered in this time, so it would not answer the next message on this IKE
     * SA, either.
     */
    if (!step_succeeded(t, body, len) && strstr(t->why, "could be terminated"))
        end_silent_steps(t);
    t->children = false;
    return &close_list;
}

static const struct task_step *close_listed(struct ike_task *t, const void *body, size_t len)
{
    (void)body;
    (void)len;
    t->result = IKE_OK;
    snprintf(t->why, sizeof t->why, "closed");
    return t->children ? NULL : &close_ike;
}

const struct task_step task_close = {"terminate", build_step_close, child_closed, NULL, NULL};
static const struct task_step close_list = {"list-sas", step_build_ike, close_listed,
                                            see_listed_children, "list-sa"};
static const struct task_step close_ike = {"terminate", step_build_end, step_finished, NULL, NULL};
