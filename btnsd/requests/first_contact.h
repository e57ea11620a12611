/* Tells a person that a connection was the first contact with its peer. */
#ifndef BTNS_REQUESTS_FIRST_CONTACT_H
#define BTNS_REQUESTS_FIRST_CONTACT_H

#include "btnsd/latch/guard/guard.h"

/*
 * If g has met its peer for the first time and no program was told yet: returns
 * BTNS_VF_FIRST_CONTACT, and writes the sentence to buf, on a line after *text, which then points
 * to buf. Otherwise 0. Only a program's own question about a connection counts as telling somebody.
 */
uint32_t first_contact(struct guard *g, const struct btns_flow *q, const char **text,
                       char buf[BTNS_TEXT_MAX]);

#endif
