/* May somebody speak for an address, under a demand? Facts in, a decision out (RFC 5386, section
 * 2). */
#ifndef BTNS_ADMIT_H
#define BTNS_ADMIT_H

#include "btnsd/rules/model/demand.h"

#include <stdbool.h>

/* What is known of who claims to be there. */
struct applicant_facts {
    bool own;       /* the key is our own */
    bool latched;   /* connections between these addresses are latched to another key */
    bool pinned;    /* the administrator pinned another key to the address */
    bool changed;   /* known_peers has another key at the address */
    bool listed;    /* its key, or the name given to it, is one of permit's */
    bool certified; /* authenticated by a certificate */
    bool issued;    /* which the authority demanded has issued */
    bool titled;    /* and which has the id demanded */
    bool anybody;   /* the demand has no id: whatever the authority has issued will do */
};

enum admission {
    ADMIT_YES,
    ADMIT_OWN,
    ADMIT_LATCHED,
    ADMIT_PINNED,
    ADMIT_CHANGED,
    ADMIT_UNLISTED,
    ADMIT_KEY_WANTED, /* certified, where a key is asked for */
    ADMIT_UNCERTIFIED,
    ADMIT_ISSUER,
    ADMIT_TITLE,
};

/* The first reason against it, or ADMIT_YES. A key that fails is refused, never taken for less. */
enum admission admit_decide(enum identity demanded, const struct applicant_facts *c);

#endif
