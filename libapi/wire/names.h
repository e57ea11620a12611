/* Names for the numbers in wire.h, for people and for JSON. */
#ifndef BTNS_LIBAPI_WIRE_NAMES_H
#define BTNS_LIBAPI_WIRE_NAMES_H

#include "libapi/wire/wire.h"

/* "?" for an unknown number. */
const char *reason_name(uint32_t reason); /* "identity-conflict"; "" for BTNS_R_NONE */
const char *event_name(uint32_t kind);    /* "latch-broken" */
const char *auth_name(uint32_t auth);     /* "leap-of-faith"; "" for BTNS_A_NONE */
const char *state_name(uint32_t state);   /* the state's name in latching -02: "failed" */
/* The state's name in latching -08: "broken"; NULL: -08 has no name for it. */
const char *state08_name(uint32_t state);

#endif
