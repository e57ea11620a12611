/*
 * May a peer with this key or certificate use an address, given a rule's demand? Facts in, a
 * decision out (RFC 5386, section 2).
 */
#ifndef BTNS_LATCH_ADMISSION_ADMIT_H
#define BTNS_LATCH_ADMISSION_ADMIT_H

#include "btnsd/rules/model/demand.h"

#include <stdbool.h>

/* Facts about the peer, its address and the demand. */
struct applicant_facts {
    bool own;       /* the key is our own */
    bool latched;   /* connections between these addresses are latched to another key */
    bool pinned;    /* the administrator pinned another key to the address */
    bool changed;   /* known_peers has another key at the address */
    bool listed;    /* the demand's permit list has its key or its name */
    bool certified; /* the peer has a certificate */
    bool issued;    /* issued by the authority that the demand names */
    bool titled;    /* with the id that the demand names */
    bool anybody;   /* the demand names no id: any certificate of the authority is accepted */
};

enum admission {
    ADMIT_YES,
    ADMIT_OWN,
    ADMIT_LATCHED,
    ADMIT_PINNED,
    ADMIT_CHANGED,
    ADMIT_UNLISTED,
    ADMIT_KEY_WANTED, /* has a certificate, but the demand is for a key */
    ADMIT_UNCERTIFIED,
    ADMIT_ISSUER,
    ADMIT_TITLE,
};

/* The first reason to refuse the peer, or ADMIT_YES. */
enum admission admit_decide(enum identity demanded, const struct applicant_facts *c);

#endif
