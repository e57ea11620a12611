/*
 * Guards whose SAs another program makes: their templates name the SPIs of SAs that were checked.
 */
#include "btnsd/latch/keying/by_spi.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/admission/callers.h"
#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/foreign_spd.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/table.h"

#include <string.h>

void guard_broken(struct guard *g, enum btns_reason code, const char *why)
{
    if (g->state != GS_FAILED || strcmp(g->reason, why))
        guard_fail(g, code, "%s", why);
}

static void take_sa_finding(struct guard *g, const struct finding *f)
{
    const struct sa_pair *newest = &f->pair[f->pairs - 1];
    g->sas = 0;
    for (size_t i = 0; i < f->pairs; i++)
        if (f->pair[i].reqid == newest->reqid) {
            g->sa[g->sas] = f->pair[i].out;
            g->sa_in[g->sas++] = f->pair[i].in;
        }
    guard_set_reqid(g, newest->reqid);
    g->suite = newest->suite;
    snprintf(g->who, sizeof g->who, "%s", f->who);
    snprintf(g->how, sizeof g->how, "%s", f->how);
    if (g->ever_up) /* latched before btnsd was started */
        guard_set_latched(g);
}

static bool names_newest_spi(const struct guard *g)
{
    for (size_t i = 0; i < g->sas; i++)
        if (g->spi == g->sa[i] && g->spi_in == g->sa_in[i])
            return true;
    return false;
}

/* Why the guard may not be latched to the peer that was found, or BTNS_R_NONE (L12, L15, L17). */
static enum btns_reason sa_objection(const struct guard *g, const struct finding *f,
                                     char why[BTNS_TEXT_MAX])
{
    char text[GUARD_WHO];
    const struct suite *asked;
    const struct guard *rival = guard_rival(g, f->who);
    if (f->code) {
        snprintf(why, BTNS_TEXT_MAX, "%s", f->why);
        return f->code;
    }
    if (g->ever_up && strcmp(g->who, f->who)) {
        snprintf(why, BTNS_TEXT_MAX, "the latch is to %.200s, but now it is %.200s", g->who,
                 f->who);
        return BTNS_R_IDENTITY;
    }
    if (g->mirror && callers_reception(g->all, g, &asked, why) == RECEPTION_OTHERWISE)
        return BTNS_R_RULE;
    if (!rival)
        return BTNS_R_NONE;
    snprintf(why, BTNS_TEXT_MAX, "connections between these addresses are latched to %.200s",
             guard_peer(rival, text));
    return BTNS_R_CONFLICT;
}

void guard_found(struct guard *g, const struct finding *f)
{
    char why[BTNS_TEXT_MAX];
    if (g->state == GS_CLOSING || g->state == GS_NEW || g->state == GS_GONE)
        return;
    if (!f->code && !f->pairs) {
        g->sas = 0;
        g->keying->none(g);
        return;
    }
    if (g->state == GS_FAILED && guard_overridden(g))
        return;
    enum btns_reason code = sa_objection(g, f, why);
    if (code) {
        guard_broken(g, code, why);
        return;
    }
    take_sa_finding(g, f);
    if (g->state != GS_UP)
        guard_event(g, GE_SA_UP);
    else if (!names_newest_spi(g) && guard_spd(g, SPD_ESP, g->sa[g->sas - 1]))
        guard_fail(g, BTNS_R_RESOURCES, "the kernel refused its SPD entries");
}

static bool sa_by_spi_is_between(const struct sad_entry *sa, const struct btns_addr *a,
                                 const struct btns_addr *b)
{
    return (btns_addr_ip_equal(&sa->src, a) && btns_addr_ip_equal(&sa->dst, b)) ||
           (btns_addr_ip_equal(&sa->src, b) && btns_addr_ip_equal(&sa->dst, a));
}

static void list_sa_by_spi(void *arg, const struct sad_entry *sa)
{
    struct sad_list *list = arg;
    if (sa_by_spi_is_between(sa, list->local, list->remote) && list->n < SAD_MAX)
        list->sa[list->n++] = *sa;
}

int guards_sad(const struct guards *gs, const struct btns_addr *local,
               const struct btns_addr *remote, struct sad_list *list)
{
    list->local = local;
    list->remote = remote;
    list->n = 0;
    return sad_dump(gs->xfrm, list_sa_by_spi, list);
}

/*
 * The guard sends by its newest remaining SA at once: at a rekey the peer is ready for the new SA.
 */
static void drop_spi_of(struct guard *g, const struct sad_entry *sa)
{
    bool out = btns_addr_ip_equal(&sa->dst, &g->remote);
    for (size_t i = g->sas; i-- > 0;)
        if ((out ? g->sa[i] : g->sa_in[i]) == sa->spi) {
            g->sas--;
            memmove(g->sa + i, g->sa + i + 1, (g->sas - i) * sizeof *g->sa);
            memmove(g->sa_in + i, g->sa_in + i + 1, (g->sas - i) * sizeof *g->sa_in);
        }
    if (g->sas && g->state == GS_UP && !names_newest_spi(g))
        guard_spd(g, SPD_ESP, g->sa[g->sas - 1]);
}

static void recheck_sas_between(struct guards *gs, const struct btns_addr *local,
                                const struct btns_addr *remote, const struct sad_entry *sa,
                                bool gone)
{
    for (struct guard *g = guard_between(gs, local, remote, NULL), *next; g; g = next) {
        next = guard_between(gs, local, remote, g);
        if (!g->keying->by_spi)
            continue;
        if (gone)
            drop_spi_of(g, sa);
        g->keying->recheck(g);
    }
}

void guards_named_sa(struct guards *gs, const struct sad_entry *sa, bool gone)
{
    recheck_sas_between(gs, &sa->src, &sa->dst, sa, gone);
    recheck_sas_between(gs, &sa->dst, &sa->src, sa, gone);
}

/* ---- callers ---- */

/* Why the caller may have no guard, or BTNS_R_NONE. */
static enum btns_reason refuse_caller(struct guard *g, const struct finding *f,
                                      char why[BTNS_TEXT_MAX])
{
    struct err err = {""};
    enum btns_reason code = sa_objection(g, f, why);
    if (code)
        return code;
    code = guards_no_latch(g->all, &g->remote, NULL, &err);
    const struct spd_entry *above = guard_overridden(g);
    g->hold_reqid = code || above ? 0 : pair_placeholder(&g->all->pairs);
    if (code)
        snprintf(why, BTNS_TEXT_MAX, "%s", err.text);
    else if (above)
        snprintf(why, BTNS_TEXT_MAX,
                 "an SPD entry of priority %u, which is not btnsd's, would override the guard",
                 above->priority);
    else if (!g->hold_reqid)
        snprintf(why, BTNS_TEXT_MAX, "no reqid left");
    return code             ? code
           : above          ? BTNS_R_OVERRIDDEN
           : !g->hold_reqid ? BTNS_R_RESOURCES
                            : BTNS_R_NONE;
}

void guards_admit_caller(struct guards *gs, const struct caller *c, const struct finding *f)
{
    char why[BTNS_TEXT_MAX], ip[BTNS_ADDR_STR];
    if (!f->code && !f->pairs)
        return;
    struct guard *g = guard_new(gs, &c->local, &c->remote, c->service, true);
    if (!g)
        return;
    g->keying = gs->keying[c->source->keys];
    g->source = *c->source;
    g->asked = g->suite = c->asked;
    enum btns_reason code = refuse_caller(g, f, why);
    if (code) {
        callers_kept_out(gs, c, code, why);
        guard_free(g);
        return;
    }
    take_sa_finding(g, f);
    log_rated(log_note, "peers that another key manager protects at our services",
              "%s (%s) is protected at our %s/%u, by keys = %s", btns_addr_ip_str(&g->remote, ip),
              g->who, protocol_name(g->service.protocol), g->service.port,
              keys_name(g->source.keys));
    guard_event(g, GE_MIRROR);
}
