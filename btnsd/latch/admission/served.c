/* As responder: may a peer use a service of ours, and with which suite? */
#include "btnsd/latch/admission/served.h"

#include "btnsd/latch/admission/service_rules.h"
#include "btnsd/latch/guard/table.h"

#include <string.h>

/*
 * The demand for a service without a floor: the strictest that any accept rule makes of a key,
 * because that rule's program may be about to listen.
 */
static struct demand served_common_demand(const struct guards *gs)
{
    struct demand d = {.identity = IDENTITY_ANY_KEY};
    const struct rules *all = gs->rules ? *gs->rules : NULL;
    for (size_t i = 0; all && i < all->n; i++)
        if (all->rule[i].at_accept && all->rule[i].profile &&
            all->rule[i].profile->who.identity != IDENTITY_ANY_KEY)
            d.identity = IDENTITY_KNOWN_KEY;
    return d;
}

/* The mirror guard that is latched to this key, proved the same way, or NULL. */
static const struct guard *served_mirror_of(const struct guards *gs, const struct applicant *who,
                                            struct service service)
{
    const struct guard *g = guard_find(gs, who->local, who->remote, service, true);
    bool latched = g && g->ever_up && g->has_key && g->certified == (who->cert != NULL) &&
                   btns_key_equal(&g->key, who->key);
    return latched ? g : NULL;
}

/* The terms of a floor that an earlier btnsd left are unknown: only latched peers are let in. */
static bool served_by_adopted(const struct guards *gs, const struct floor *f,
                              const struct applicant *who, struct err *err)
{
    if (!f->strict || served_mirror_of(gs, who, floor_service(f)))
        return true;
    err_set(err,
            "btnsd was restarted and does not know which peers may use %s/%u: restart its program",
            protocol_name(f->protocol), f->local.port);
    return false;
}

/* A peer that comes by its inner address is in BEET mode: does a service's rule ask for that? */
static bool served_mode_fits(const struct applicant *who, bool beet, struct service service,
                             struct err *err)
{
    if (!btns_addr_is_inner(who->remote) || beet)
        return true;
    err_set(err, "%s/%u is not open in BEET mode: its rule has mode = transport",
            protocol_name(service.protocol), service.port);
    return false;
}

static bool served_by_floor(const struct guards *gs, const struct floor *f,
                            const struct applicant *who, const char **suite, struct err *err)
{
    const struct floor_term *t = floor_term(f, who->local, who->remote);
    if (f->adopted)
        return served_by_adopted(gs, f, who, err);
    if (!t || t->kind == TERM_OPEN) {
        const struct demand common = served_common_demand(gs);
        return applicant_fits(gs, who, POINT_ACCEPT, floor_service(f), &common, err);
    }
    if (t->kind == TERM_DENY) {
        err_set(err, "%s/%u is closed to this peer", protocol_name(f->protocol), f->local.port);
        return false;
    }
    if (t->source) {
        err_set(err, "%s/%u is only for peers with keys = %s", protocol_name(f->protocol),
                f->local.port, keys_name(t->source->keys));
        return false;
    }
    if (!served_mode_fits(who, t->beet, floor_service(f), err))
        return false;
    if (*suite && strcmp(*suite, t->suite)) {
        err_set(err, "the listeners at %s/%u do not agree about a suite",
                protocol_name(f->protocol), f->local.port);
        return false;
    }
    *suite = t->suite;
    return applicant_fits(gs, who, POINT_ACCEPT, floor_service(f), t->who, err);
}

/* Applies a mandatory rule: it holds for programs that are not under btns-run, too. */
static bool served_by_mandatory(const struct guards *gs, const struct rule *rule,
                                const struct applicant *who, struct service service,
                                const char **suite, struct err *err)
{
    const struct demand common = served_common_demand(gs);
    if (rule->action == ACTION_DISCARD) {
        err_set(err, "%s/%u is closed to everybody, by rule \"%s\" (%s:%u)",
                protocol_name(service.protocol), service.port, rule->name, rule->file, rule->line);
        return false;
    }
    if (rule->action != ACTION_PROTECT)
        return applicant_fits(gs, who, POINT_ACCEPT, service, &common, err);
    if (rule->profile->source.keys != KEYS_PRIVATE) {
        err_set(err, "%s/%u is only for peers with keys = %s, by rule \"%s\" (%s:%u)",
                protocol_name(service.protocol), service.port,
                keys_name(rule->profile->source.keys), rule->name, rule->file, rule->line);
        return false;
    }
    if (!served_mode_fits(who, rule->profile->beet, service, err))
        return false;
    *suite = suite_or_default(rule->profile->suite)->name;
    return applicant_fits(gs, who, POINT_ACCEPT, service, &rule->profile->who, err);
}

static const struct rule *served_by_rule(const struct guards *gs, const struct applicant *who,
                                         struct service service)
{
    return service_mandatory_rule(gs->rules ? *gs->rules : NULL, who->local, who->remote, service);
}

/*
 * In transport mode, a service that no rule mentions is open to a peer that the rules admit: it
 * would be open in the clear, too. To an inner address, a service is open only if a rule opens it.
 */
static bool served_inner_is_open(const struct guards *gs, const struct applicant *who,
                                 struct service service, struct err *err)
{
    if (!btns_addr_is_inner(who->remote))
        return true;
    if (protocol_is_datagrams(service.protocol)) {
        err_set(err, "BEET mode protects TCP only so far");
        return false;
    }
    if (service_inner_is_open(gs->rules ? *gs->rules : NULL, who->local, who->remote, service))
        return true;
    if (service.protocol)
        err_set(err, "no rule opens %s/%u in BEET mode", protocol_name(service.protocol),
                service.port);
    else
        err_set(err, "no rule opens a service in BEET mode");
    return false;
}

bool serve_admits(const struct guards *gs, const struct applicant *who, struct service service,
                  const char **suite, struct err *err)
{
    bool floor = false;
    *suite = NULL;
    if (service_is_ike(service)) {
        err_set(err, IKE_PORTS_TEXT);
        return false;
    }
    if (!served_inner_is_open(gs, who, service, err))
        return false;
    for (const struct floor *f = NULL; (f = floor_under(gs->floors, who->local, service, f));) {
        floor = true;
        if (!served_by_floor(gs, f, who, suite, err))
            return false;
    }
    if (floor || (who->cert && served_mirror_of(gs, who, service)))
        return true; /* a program may have closed its listener and still have connections */
    const struct rule *rule = served_by_rule(gs, who, service);
    if (rule)
        return served_by_mandatory(gs, rule, who, service, suite, err);
    const struct demand common = served_common_demand(gs);
    return applicant_fits(gs, who, POINT_ACCEPT, service, &common, err);
}

const struct demand *serve_demand(const struct guards *gs, const struct applicant *who,
                                  struct service service)
{
    for (const struct floor *f = NULL; (f = floor_under(gs->floors, who->local, service, f));) {
        const struct floor_term *t = f->adopted ? NULL : floor_term(f, who->local, who->remote);
        if (t && t->kind == TERM_DEMAND)
            return t->who;
    }
    const struct rule *rule = served_by_rule(gs, who, service);
    return rule && rule->action == ACTION_PROTECT ? &rule->profile->who : NULL;
}
