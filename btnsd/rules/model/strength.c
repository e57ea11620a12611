/*
 * Compares what two rules demand: which of them asks for more (a partial order), and whether keys
 * are the same.
 */
#include "btnsd/rules/model/strength.h"

#include <string.h>

static unsigned suite_key_bits(const char *suite)
{
    const struct suite *s = suite_named(suite);
    return s ? s->key_bits : 0;
}

static bool ao_key_same(const struct ao_key *a, const struct ao_key *b)
{
    return a->send_id == b->send_id && a->receive_id == b->receive_id && a->current == b->current &&
           a->next == b->next && a->algorithm == b->algorithm && a->len == b->len &&
           !memcmp(a->secret, b->secret, a->len);
}

bool sign_key_same(const struct sign_key *a, const struct sign_key *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->auth != b->auth || a->len != b->len || a->aos != b->aos)
        return false;
    bool same = !a->len || !memcmp(a->secret, b->secret, a->len);
    for (unsigned i = 0; same && i < a->aos; i++)
        same = ao_key_same(&a->ao[i], &b->ao[i]);
    return same;
}

bool key_source_same(const struct key_source *a, const struct key_source *b)
{
    return a->keys == b->keys && !strcmp(a->connection, b->connection) &&
           !strcmp(a->child, b->child) && a->reqid == b->reqid && !strcmp(a->peer, b->peer) &&
           a->accept_no_replay == b->accept_no_replay;
}

/* Profiles with different key managers cannot be compared. */
static bool profile_is_at_least(const struct profile *a, const struct profile *b)
{
    return key_source_same(&a->source, &b->source) && demand_covers(&a->who, &b->who) &&
           suite_key_bits(a->suite) >= suite_key_bits(b->suite);
}

/* A rule with a chained action asks for more than the same rule without it. */
static bool chain_is_at_least(const struct rule *a, const struct rule *b)
{
    bool stays = a->no_downgrade || !b->no_downgrade || a->action > ACTION_PREFER;
    return stays && (!b->sign || sign_key_same(a->sign, b->sign)) &&
           (a->random_port || !b->random_port);
}

bool rule_at_least(const struct rule *a, const struct rule *b)
{
    if (a->action < b->action) /* their order: bypass, prefer, protect, discard */
        return false;
    if (a->action == ACTION_DISCARD)
        return true;
    return chain_is_at_least(a, b) &&
           (!b->profile || (a->profile && profile_is_at_least(a->profile, b->profile)));
}
