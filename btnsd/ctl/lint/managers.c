/* Checks how a rule uses its key manager (keys = manual or system). */
#include "btnsd/ctl/lint/lint.h"

/*
 * After a restart the replay window is empty, and manual keys are still the same (useipsec, section
 * 8 c).
 */
void lint_manager_manual(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct profile *p = l->rules->rule[i].profile;
    if (p && p->source.keys == KEYS_MANUAL && !p->source.accept_no_replay)
        finding_say(
            l, check, i, finding_profile_node(l, i),
            "use IKE (keys = private, or system), or write accept-no-replay = yes",
            "profile \"%s\" has keys made by hand: they are never changed, and what was sent "
            "under them can be sent again after a restart",
            p->name);
}

void lint_manager_unnamed_peer(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct profile *p = l->rules->rule[i].profile;
    if (p && p->source.keys == KEYS_SYSTEM && !p->source.peer[0])
        finding_say(l, check, i, finding_profile_node(l, i), "name the identity: peer = ...",
                    "profile \"%s\" trusts any peer that connection \"%s\" accepts", p->name,
                    p->source.connection);
}

/* btnsd's own daemon speaks only IKEv2; strongSwan accepts IKEv1, too, by default. */
void lint_manager_ike_version(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct profile *p = l->rules->rule[i].profile;
    if (p && p->source.keys == KEYS_SYSTEM)
        finding_say(l, check, i, finding_profile_node(l, i),
                    "write version = 2 for that connection in swanctl.conf, and aggressive = no "
                    "where it must be 1",
                    "profile \"%s\" speaks the IKE that swanctl.conf says for connection \"%s\"; "
                    "where it says none, IKEv1 is answered as well",
                    p->name, p->source.connection);
}
