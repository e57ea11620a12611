/* May a peer with this key or certificate use an address, given a rule's demand? Pure. */
#include "btnsd/latch/admission/admit.h"

/*
 * RFC 5386, section 2: a key ranks below every stronger credential and cannot be used for an
 * address that a stronger PAD entry has. A pinned address is overridden only by a certificate with
 * an id that the rule names.
 */
static enum admission admit_by_key(enum identity demanded, const struct applicant_facts *c)
{
    if (c->certified)
        return ADMIT_KEY_WANTED;
    if (c->pinned)
        return ADMIT_PINNED;
    if (demanded == IDENTITY_NAMED && !c->listed)
        return ADMIT_UNLISTED;
    return demanded == IDENTITY_KNOWN_KEY && c->changed ? ADMIT_CHANGED : ADMIT_YES;
}

static enum admission admit_by_certificate(const struct applicant_facts *c)
{
    if (!c->certified)
        return ADMIT_UNCERTIFIED;
    if (!c->issued)
        return ADMIT_ISSUER;
    if (!c->titled)
        return ADMIT_TITLE;
    return c->anybody && c->pinned ? ADMIT_PINNED : ADMIT_YES;
}

enum admission admit_decide(enum identity demanded, const struct applicant_facts *c)
{
    if (c->own)
        return ADMIT_OWN;
    if (c->latched)
        return ADMIT_LATCHED;
    return demanded == IDENTITY_CERTIFICATE ? admit_by_certificate(c) : admit_by_key(demanded, c);
}
