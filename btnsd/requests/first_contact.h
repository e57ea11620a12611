/* Tells a person that a connection was the first contact with its peer. */
#ifndef BTNS_REQUESTS_FIRST_CONTACT_H
#define BTNS_REQUESTS_FIRST_CONTACT_H

#include "btnsd/latch/guard/guard.h"

/*
 * If g has met its peer for the first time, and no program was told yet: BTNS_VF_FIRST_CONTACT, and
 * in buf what is to be said on a line after *text, which then is buf. Otherwise 0. Only a program's
 * own question about a connection counts as one that tells somebody.
 */
uint32_t first_contact(struct guard *g, const struct btns_flow *q, const char **text,
                       char buf[BTNS_TEXT_MAX]);

#endif
