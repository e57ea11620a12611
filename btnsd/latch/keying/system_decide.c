/* Decides which SAs of the administrator's IKE daemon a latch may use. Pure. */
#include "btnsd/latch/keying/system.h"

#include "btnsd/latch/keying/sa_finding.h"

#include <string.h>

static bool system_child_is_between(const struct system_question *q, const struct system_child *c)
{
    return btns_addr_ip_equal(&c->local, &q->local) && btns_addr_ip_equal(&c->remote, &q->remote);
}

static bool system_child_is_named(const struct system_question *q, const struct system_child *c)
{
    return !strcmp(c->connection, q->source->connection) && !strcmp(c->child, q->source->child);
}

static bool system_child_carries(const struct system_question *q, const struct system_child *c)
{
    uint16_t ours = q->mirror ? q->service.port : 0, theirs = q->mirror ? 0 : q->service.port;
    return system_ts_covers(c->remote_ts, c->remote_tss, &q->remote, q->service.protocol, theirs) &&
           system_ts_covers(c->local_ts, c->local_tss, &q->local, q->service.protocol, ours);
}

/* The daemon may be wrong about its SAs: only those in the kernel's SAD count. */
static const struct sad_entry *is_child_in_sad(const struct sad_entry *sa, size_t n, uint32_t spi,
                                               const struct btns_addr *dst, uint32_t reqid)
{
    for (size_t i = 0; spi && i < n; i++)
        if (sa[i].spi == spi && sa[i].reqid == reqid && btns_addr_ip_equal(&sa[i].dst, dst))
            return &sa[i];
    return NULL;
}

/* An SA that a rekey has replaced is older than its replacement. */
static bool is_older_child(const struct system_child *a, const struct system_child *b)
{
    return a->installed != b->installed ? b->installed : a->unique < b->unique;
}

struct found {
    const struct system_child *child[GUARD_SAS];
    size_t n;
};

static void insert_system_child(struct found *f, const struct system_child *c)
{
    size_t at = f->n < GUARD_SAS ? f->n++ : GUARD_SAS - 1;
    for (; at && is_older_child(c, f->child[at - 1]); at--)
        f->child[at] = f->child[at - 1];
    f->child[at] = c;
}

static void set_system_fault(struct finding *f, enum btns_reason code, const char *form,
                             const char *a, const char *b)
{
    f->code = code;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(f->why, sizeof f->why, form, a, b);
#pragma GCC diagnostic pop
}

/* The peer that the daemon authenticated must be the latched one, or the one the profile names. */
static bool system_identity_fits(const struct system_question *q, const struct system_child *c,
                                 struct finding *f)
{
    if (q->who && strcmp(c->remote_id, q->who))
        set_system_fault(f, BTNS_R_IDENTITY, "the latch is to %.200s, but its SA is now %.200s's",
                         q->who, c->remote_id);
    else if (q->source->peer[0] && strcmp(c->remote_id, q->source->peer))
        set_system_fault(f, BTNS_R_IDENTITY, "the rule is for %.200s, but the SA is %.200s's",
                         q->source->peer, c->remote_id);
    else if (!c->remote_id[0])
        set_system_fault(f, BTNS_R_IDENTITY, "the IKE daemon does not say who its peer is%s%s", "",
                         "");
    return !f->code;
}

/*
 * strongSwan gives one reqid to all peers that claim the same selectors. The templates name SPIs,
 * so another peer's SA carries nothing of ours, but its existence is a conflict (L18).
 */
static void look_for_strangers(const struct system_question *q, const struct system_view *v,
                               const struct sad_entry *sa, size_t n, uint32_t reqid,
                               const char *who, struct finding *f)
{
    for (size_t i = 0; i < v->children && !f->code; i++) {
        const struct system_child *c = &v->child[i];
        if (c->reqid == reqid && system_child_is_between(q, c) && strcmp(c->remote_id, who) &&
            is_child_in_sad(sa, n, c->spi_in, &q->local, c->reqid))
            set_system_fault(f, BTNS_R_IDENTITY, "%.200s has an SA of the reqid that is %.200s's",
                             c->remote_id, who);
    }
}

static void write_child_auth(const struct system_question *q, const struct system_view *v,
                             struct finding *f)
{
    for (size_t i = 0; i < v->confs; i++) {
        const struct system_conf *c = &v->conf[i];
        if (strcmp(c->connection, q->source->connection) || strcmp(c->child, q->source->child))
            continue;
        snprintf(f->how, sizeof f->how, "%s%s%s", c->auth, c->ca[0] ? ", CA " : "", c->ca);
        return;
    }
    /* The connection was removed from the configuration or changed; its SA stays as it was. */
    snprintf(f->how, sizeof f->how, "connection %s", q->source->connection);
}

static void check_system_child(const struct system_question *q, const struct system_child *c,
                               const struct sad_entry *sa, size_t n, struct finding *f)
{
    const struct sad_entry *out = is_child_in_sad(sa, n, c->spi_out, &q->remote, c->reqid);
    const struct sad_entry *in = is_child_in_sad(sa, n, c->spi_in, &q->local, c->reqid);
    if (system_identity_fits(q, c, f) &&
        finding_judge(f, out, in, q->asked, q->latched, REPLAY_WINDOW_OTHERS))
        snprintf(f->who, sizeof f->who, "%s", c->remote_id);
}

void system_decide(const struct system_question *q, const struct system_view *v,
                   const struct sad_entry *sa, size_t n, struct finding *f)
{
    struct found found = {.n = 0};
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < v->children; i++) {
        const struct system_child *c = &v->child[i];
        if (c->established && c->reqid && !reqid_is_ours(c->reqid) && system_child_is_named(q, c) &&
            system_child_is_between(q, c) && system_child_carries(q, c) &&
            is_child_in_sad(sa, n, c->spi_out, &q->remote, c->reqid) &&
            is_child_in_sad(sa, n, c->spi_in, &q->local, c->reqid))
            insert_system_child(&found, c);
    }
    for (size_t i = 0; i < found.n && !f->code; i++)
        check_system_child(q, found.child[i], sa, n, f);
    if (f->pairs && !f->code)
        look_for_strangers(q, v, sa, n, f->pair[f->pairs - 1].reqid, f->who, f);
    if (q->who && !f->code)
        look_for_strangers(q, v, sa, n, q->reqid, q->who, f);
    write_child_auth(q, v, f);
}
