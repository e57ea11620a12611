/* The identity that a rule demands of the peer: copies, compares and prints the demand. */
#include "btnsd/rules/model/demand.h"

#include "btnsd/rules/model/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t demand_text_size(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static const char *put_demand_text(char **at, const char *text)
{
    if (!text)
        return NULL;
    char *copy = *at;
    *at += demand_text_size(text);
    return memcpy(copy, text, demand_text_size(text));
}

struct demand *demand_copy(const struct demand *d)
{
    size_t permits = d->permits * sizeof *d->permit;
    struct demand *copy = malloc(sizeof *copy + permits + demand_text_size(d->ca_file) +
                                 demand_text_size(d->ca_pem) + demand_text_size(d->id));
    if (!copy)
        return NULL;
    *copy = *d;
    char *at = (char *)(copy + 1);
    if (permits)
        copy->permit = memcpy(at, d->permit, permits);
    at += permits;
    copy->ca_file = put_demand_text(&at, d->ca_file);
    copy->ca_pem = put_demand_text(&at, d->ca_pem);
    copy->id = put_demand_text(&at, d->id);
    return copy;
}

static bool is_same_demand_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool is_same_demand_permit(const struct permit *a, const struct permit *b)
{
    return a->is_key == b->is_key &&
           (a->is_key ? btns_key_equal(&a->key, &b->key) : !strcmp(a->name, b->name));
}

bool demand_equal(const struct demand *a, const struct demand *b)
{
    if (a->identity != b->identity || a->permits != b->permits ||
        !is_same_demand_text(a->ca_pem, b->ca_pem) || !is_same_demand_text(a->id, b->id))
        return false;
    for (size_t i = 0; i < a->permits; i++)
        if (!is_same_demand_permit(&a->permit[i], &b->permit[i]))
            return false;
    return true;
}

static bool is_among_permits(const struct permit *p, const struct demand *d)
{
    for (size_t i = 0; i < d->permits; i++)
        if (is_same_demand_permit(p, &d->permit[i]))
            return true;
    return false;
}

static bool demands_fewer_permits(const struct demand *a, const struct demand *b)
{
    for (size_t i = 0; i < a->permits; i++)
        if (!is_among_permits(&a->permit[i], b))
            return false;
    return true;
}

static bool closer_demand_id(const struct demand *a, const struct demand *b)
{
    return is_same_demand_text(a->ca_pem, b->ca_pem) &&
           (!b->id || is_same_demand_text(a->id, b->id));
}

static bool demand_always_met(const struct demand *a, const struct demand *b)
{
    (void)a, (void)b;
    return true;
}

/*
 * covers[b]: does a demand of this kind ask for at least as much as one of kind b? NULL: no, or the
 * two cannot be compared. A certified key can be neither in known_peers nor in a list, so a
 * certificate never satisfies a demand for one of those.
 */
static const struct {
    bool strict;
    bool (*covers[IDENTITIES])(const struct demand *a, const struct demand *b);
} kinds[IDENTITIES] = {
    [IDENTITY_ANY_KEY] = {false, {[IDENTITY_ANY_KEY] = demand_always_met}},
    [IDENTITY_KNOWN_KEY] =
        {false, {[IDENTITY_ANY_KEY] = demand_always_met, [IDENTITY_KNOWN_KEY] = demand_always_met}},
    [IDENTITY_NAMED] = {true,
                        {[IDENTITY_ANY_KEY] = demand_always_met,
                         [IDENTITY_KNOWN_KEY] = demand_always_met,
                         [IDENTITY_NAMED] = demands_fewer_permits}},
    [IDENTITY_CERTIFICATE] =
        {true, {[IDENTITY_ANY_KEY] = demand_always_met, [IDENTITY_CERTIFICATE] = closer_demand_id}},
};

bool demand_covers(const struct demand *a, const struct demand *b)
{
    return kinds[a->identity].covers[b->identity] && kinds[a->identity].covers[b->identity](a, b);
}

bool demand_is_strict(const struct demand *d)
{
    return kinds[d->identity].strict;
}

/* Prints as many permits as fit, and "..." for the rest. */
static void put_demand_permits(const struct demand *d, char *buf, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < d->permits; i++) {
        char key[BTNS_KEY_SHORT];
        const struct permit *p = &d->permit[i];
        const char *text = p->is_key ? btns_key_short(&p->key, key) : p->name;
        if (at + strlen(text) + 8 > size) {
            snprintf(buf + at, size - at, ", ...");
            return;
        }
        at += (size_t)snprintf(buf + at, size - at, "%s %s", i ? "," : "", text);
    }
}

const char *demand_str(const struct demand *d, char buf[DEMAND_STR])
{
    int n = snprintf(buf, DEMAND_STR, "%s", identity_name(d->identity));
    if (d->identity == IDENTITY_NAMED)
        put_demand_permits(d, buf + n, DEMAND_STR - (size_t)n);
    if (d->identity == IDENTITY_CERTIFICATE)
        snprintf(buf + n, DEMAND_STR - (size_t)n, " %.120s of %.100s", d->id ? d->id : "any",
                 d->ca_file);
    return buf;
}
