/*
 * btnsctl verify: tries out a rule: is protected traffic in ESP, and is forbidden traffic blocked?
 */
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/verify/report.h"
#include "btnsd/rules/files/layers.h"
#include "libapi/client/explain_question.h"

#include "libapi/wire/key.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- btnsd's decision, before connections are tried ---- */

struct search {
    const struct rule *rule;
    bool wins;
    struct btns_candidate_msg winner, ours;
};

static int note_verified_decision(void *arg, const union btns_reply *record, struct err *err)
{
    struct search *s = arg;
    const struct btns_candidate_msg *c = &record->candidate;
    bool ours = !strcmp(c->rule, s->rule->name) && !strcmp(c->program, s->rule->program) &&
                !strcmp(c->file, s->rule->file) && c->line == s->rule->line;
    (void)err;
    if (ours)
        s->ours = *c;
    if (c->wins && !ours && !s->winner.rule[0])
        s->winner = *c;
    s->wins |= ours && c->wins;
    return 0;
}

/* Reports as a step whether the rule decides. 0, or -errno if btnsd cannot be asked. */
static int verify_rule_decides(const char *socket, const struct subject *s, struct report *r,
                               struct err *err)
{
    struct search search = {.rule = s->rule};
    struct btns_verdict_msg v;
    struct explain_question q = {.program = s->program,
                                 .flags = s->accept ? BTNS_F_ACCEPT : 0,
                                 .protocol = s->protocol,
                                 .uid = BTNS_UID_OWN,
                                 .address = s->to};
    int rc = explain_candidates(socket, &q, note_verified_decision, &search, &v, err);
    if (rc)
        return rc;
    if (search.wins)
        report_step(r, true, "it decides for this program and address");
    else if (search.winner.rule[0])
        report_step(r, false, "%s/%s (%s:%u) decides for this program and address, not this rule",
                    search.winner.program, search.winner.rule, search.winner.file,
                    search.winner.line);
    else
        report_step(r, false, "it does not decide for this program and address: %s",
                    search.ours.rule[0] ? search.ours.why : "btnsd has no such rule; reload it?");
    return 0;
}

/* ---- connecting ---- */

static bool verify_saw_no_clear(struct report *r, const struct outcome *o)
{
    return report_step(r, !o->seen.clear, "on this host's links: %u ESP packets, %u in the clear",
                       o->seen.esp, o->seen.clear);
}

static const char *verify_answer_to_flow(const struct report *r, int error)
{
    bool datagrams = protocol_is_datagrams(r->subject->protocol);
    return error == 0 && datagrams ? "an empty datagram was sent"
           : error == 0            ? "the service answers"
           : error == ECONNREFUSED ? "nobody listens there; that answer came as the rule says, too"
                                   : strerror(error);
}

struct wanted {
    uint64_t cookie;
    bool found;
    struct btns_latch_msg latch;
};

static int find_verified_latch(void *arg, const union btns_reply *record, struct err *err)
{
    struct wanted *w = arg;
    (void)err;
    if (record->latch.cookie == w->cookie) {
        w->latch = record->latch;
        w->found = true;
    }
    return 0;
}

static void verify_latch(const struct ctl *c, struct report *r, const struct outcome *o)
{
    struct wanted w = {.cookie = o->cookie};
    struct err err;
    char text[BTNS_KEY_STR];
    const struct profile *p = r->subject->rule->profile;
    int rc = ask_list(c->socket, BTNS_REQ_LATCHES, BTNS_REP_LATCH, find_verified_latch, &w, &err);
    const struct btns_key key = btns_key_of(w.latch.key, w.latch.hashed);
    if (rc || !w.found || w.latch.state != BTNS_S_ESTABLISHED || !w.latch.has_key)
        report_step(r, false, "btnsd has no established latch of it%s%s", rc ? ": " : "",
                    rc ? err.text : "");
    else
        report_step(r, !p || !strcmp(p->suite, w.latch.suite), "it is latched to %s with %s",
                    btns_key_str(&key, text), w.latch.suite);
}

static const char *verify_ended_in_clear(const struct subject *s)
{
    return protocol_is_datagrams(s->protocol) ? "sent" : "connected";
}

/* The guard is for the whole host: a program without the shim must be protected, too. */
static void verify_without_shim(struct report *r, struct capture *c)
{
    capture_read(c);
    int error = flow_plain(r->subject);
    struct crossed seen = capture_read(c);
    report_step(r, !seen.clear, "a program that does not ask: %u ESP packets, %u in the clear (%s)",
                seen.esp, seen.clear, error ? strerror(error) : verify_ended_in_clear(r->subject));
}

static void verify_flow_was_protected(const struct ctl *c, struct report *r,
                                      struct capture *capture, const struct outcome *o)
{
    report_step(r, !o->connected || o->connected == ECONNREFUSED, "%s",
                verify_answer_to_flow(r, o->connected));
    report_step(r, o->seen.esp > 0 && !o->seen.clear,
                "on this host's links: %u ESP packets, %u in the clear", o->seen.esp,
                o->seen.clear);
    verify_latch(c, r, o);
    verify_without_shim(r, capture);
}

static void verify_protect(const struct ctl *c, struct report *r, struct capture *capture,
                           const struct outcome *o)
{
    if (o->verdict == BTNS_V_PROTECTED && report_step(r, true, "btnsd: protected: %s", o->text)) {
        verify_flow_was_protected(c, r, capture, o);
    } else {
        report_step(r, false, "not protected, so it failed: %s", o->text);
        verify_saw_no_clear(r, o);
    }
}

static void verify_prefer(const struct ctl *c, struct report *r, struct capture *capture,
                          const struct outcome *o)
{
    if (o->verdict == BTNS_V_PROTECTED)
        verify_protect(c, r, capture, o);
    else
        report_step(r, o->verdict == BTNS_V_UNPROTECTED, "unprotected, as it allows: %s", o->text);
}

static void verify_bypass(const struct ctl *c, struct report *r, struct capture *capture,
                          const struct outcome *o)
{
    (void)c;
    (void)capture;
    report_step(r, o->verdict == BTNS_V_CLEAR, "btnsd lets it be: %s", o->text);
    report_step(r, o->seen.clear || o->seen.esp || !o->connected,
                "on this host's links: %u ESP packets, %u in the clear; %s", o->seen.esp,
                o->seen.clear, verify_answer_to_flow(r, o->connected));
}

static void verify_discard(const struct ctl *c, struct report *r, struct capture *capture,
                           const struct outcome *o)
{
    (void)c;
    (void)capture;
    report_step(r, o->verdict == BTNS_V_DENIED, "btnsd refuses it: %s", o->text);
    report_step(r, !o->seen.clear && !o->seen.esp, "nothing of it left this host: %u packets",
                o->seen.clear + o->seen.esp);
}

static void (*const judges[])(const struct ctl *c, struct report *r, struct capture *capture,
                              const struct outcome *o) = {
    [ACTION_PROTECT] = verify_protect,
    [ACTION_PREFER] = verify_prefer,
    [ACTION_BYPASS] = verify_bypass,
    [ACTION_DISCARD] = verify_discard,
};

static int verify_connect(const struct ctl *c, struct report *r, struct err *err)
{
    struct outcome o;
    int fd = -1;
    struct capture *capture = capture_open(&r->subject->to, r->subject->protocol, err);
    int rc = capture ? flow_try(c->socket, r->subject, capture, &o, &fd, err) : -EIO;
    if (!rc)
        judges[r->subject->rule->action](c, r, capture, &o);
    if (fd >= 0)
        close(fd);
    capture_close(capture);
    return rc;
}

/* ---- accepting ---- */

struct listener {
    struct btns_addr at;
    bool found;
    char program[BTNS_NAME_MAX];
};

static int find_verified_listener(void *arg, const union btns_reply *record, struct err *err)
{
    struct listener *l = arg;
    const struct btns_latch_msg *m = &record->latch;
    (void)err;
    if (m->state != BTNS_S_LISTENER || m->local.port != l->at.port ||
        (!btns_addr_is_any(&m->local) && !btns_addr_ip_equal(&m->local, &l->at)))
        return 0;
    l->found = true;
    memcpy(l->program, m->program, sizeof l->program);
    return 0;
}

/*
 * Lets the stranger connect to a listener without a floor: if even that fails, the test would prove
 * nothing.
 */
static int verify_call_by_stranger(const struct btns_addr *to, struct err *err)
{
    struct sockaddr_storage ss;
    struct btns_addr at = *to;
    at.port = 0;
    int fd = socket(to->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t len = btns_addr_to_sa(&at, to->family, &ss), size = sizeof ss;
    if (fd < 0 || bind(fd, (struct sockaddr *)&ss, len) || listen(fd, 1) ||
        getsockname(fd, (struct sockaddr *)&ss, &size) ||
        !btns_addr_from_sa(&at, (struct sockaddr *)&ss, size)) {
        err_set(err, "cannot listen beside the program: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -EIO;
    }
    int rc = stranger_calls(&at, err);
    close(fd);
    if (rc > 0) {
        err_set(err,
                "a caller from a link of its own does not even reach an open port of this "
                "host (%s): does a packet filter stand before it?",
                strerror(rc));
        return -EIO;
    }
    return rc;
}

static int verify_accept(const struct ctl *c, struct report *r, struct err *err)
{
    const struct subject *s = r->subject;
    struct listener l = {.at = s->to};
    bool open = s->rule->action == ACTION_PREFER || s->rule->action == ACTION_BYPASS;
    int rc = ask_list(c->socket, BTNS_REQ_LATCHES, BTNS_REP_LATCH, find_verified_listener, &l, err);
    if (rc)
        return rc;
    if (s->rule->action == ACTION_PROTECT &&
        !report_step(r, l.found,
                     l.found ? "%s listens there, with a floor under it"
                             : "no program listens there under btns: start %s with "
                               "btns-run first",
                     l.found ? l.program : s->program))
        return 0;
    rc = verify_call_by_stranger(&s->to, err);
    rc = rc ? rc : stranger_calls(&s->to, err);
    if (rc >= 0)
        report_step(r, open ? rc == 0 : rc == ETIMEDOUT, "a stranger who calls in the clear %s",
                    rc == 0           ? "is let in"
                    : rc == ETIMEDOUT ? "gets no answer at all"
                                      : strerror(rc));
    return rc < 0 ? rc : 0;
}

/* ---- the command ---- */

int ctl_verify(const struct ctl *c, struct err *err)
{
    struct subject s = {.accept = c->accept, .protocol = PROTOCOL_UNSAID};
    struct report r = {.subject = &s};
    struct rules *rules = NULL;
    int status = CTL_FAILED, rc = -EPERM;
    if (geteuid())
        err_set(err, "verify watches this host's links and asks as other programs: root only");
    else
        rules = rules_load_all(
            &(struct rules_sources){.policy = policy_places.policy, .vendor = policy_places.vendor},
            err);
    s.rule = rules ? subject_rule(rules, c->args[0], err) : NULL;
    if (s.rule) {
        s.accept |= !s.rule->at_connect;
        rc = subject_find(&s, c->n > 1 ? c->args[1] : NULL, err);
        status = rc == -EINVAL ? CTL_USAGE : CTL_FAILED;
    }
    if (s.rule && !rc)
        rc = verify_rule_decides(c->socket, &s, &r, err);
    if (s.rule && !rc && !r.failed)
        rc = (s.accept ? verify_accept : verify_connect)(c, &r, err);
    if (r.n)
        report_print(&r, c->json);
    rules_free(rules);
    return s.rule && !rc && !r.failed ? CTL_OK : status;
}
