/*
 * Compiles the points at which a rule is asked, and the names that administrators give to points.
 */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"
#include "btnsd/rules/model/names.h"

#include <string.h>

/* The four points of RFC 3838, section 3.3; transmit and receive are in the kernel. */
enum place { AT_CONNECT, AT_ACCEPT, AT_TRANSMIT, AT_RECEIVE, PLACES };
static const char *const places[] = {"connect", "accept", "transmit", "receive", NULL};

/*
 * Refuses transmit and receive: at these points there are packets and no programs, and packets are
 * treated as was decided at connect or accept.
 */
static int take_rule_points(struct policy_builder *b, const struct policy_record *v, size_t n,
                            bool at[PLACES])
{
    char quoted[POLICY_QUOTED];
    memset(at, 0, PLACES * sizeof *at);
    for (size_t i = 0; i < n; i++) {
        int place = policy_choose(b, &v[i], places);
        if (place < 0)
            return place;
        at[place] = true;
    }
    if (at[AT_CONNECT] || at[AT_ACCEPT])
        return 0;
    return policy_fault(b->fault, v->line,
                        "at %s alone: the kernel knows no programs; name connect or accept, whose "
                        "decisions it enforces there",
                        fault_quote(quoted, v->text));
}

static int set_rule_points(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    bool at[PLACES];
    int rc = take_rule_points(b, v, n, at);
    b->open_rule->at_connect = at[AT_CONNECT];
    b->open_rule->at_accept = at[AT_ACCEPT];
    return rc;
}

/* Asks the rule at the named point, and adds that point's conditions to it. */
static int set_point(struct policy_builder *b, const struct policy_record *v,
                     const struct policy_group *point)
{
    static policy_setter *const set[POINT_FIELDS] = {
        [POINT_AT] = set_rule_points,
        [POINT_INTERFACE] = condition_set_interface,
        [POINT_LOCAL] = condition_set_local,
    };
    char quoted[POLICY_QUOTED];
    int rc = 0;
    if (b->open_rule->interfaces || b->open_rule->locals)
        return policy_fault(b->fault, v->line,
                            "point %s: put it before the rule's own interface and local",
                            fault_quote(quoted, v->text));
    for (unsigned f = 0; !rc && f < POINT_FIELDS; f++)
        if (point->n[f])
            rc = set[f](b, point->value[f], point->n[f]);
    return rc;
}

int points_set_at(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    char quoted[POLICY_QUOTED];
    const struct policy_group *point = expand_find_named(b, v, SECTION_POINT, v->text);
    if (!point)
        return set_rule_points(b, v, n);
    if (n > 1)
        return policy_fault(b->fault, v[1].line, "point %s stands alone: leave %s out",
                            fault_quote(quoted, v->text), v[1].text);
    return set_point(b, v, point);
}

/* ---- point "NAME" { ... } */

int point_open(struct policy_builder *b, const struct policy_record *r)
{
    char quoted[POLICY_QUOTED];
    b->open_group = r;
    if (value_word(places, r->text) >= 0)
        return policy_fault(b->fault, r->line, "point %s exists already: choose another name",
                            fault_quote(quoted, r->text));
    const struct policy_group *p = expand_find_named(b, r, SECTION_POINT, r->text);
    return p && p->n[POINT_AT] ? 0
                               : policy_fault(b->fault, r->line, "point %s has no at",
                                              fault_quote(quoted, r->text));
}

int point_set_at(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    bool at[PLACES];
    return take_rule_points(b, v, n, at);
}
