/* Checks that an SA is for one service between two hosts, as a guard is (L19). */
#ifndef BTNS_LATCH_RESPONDER_ONE_SERVICE_H
#define BTNS_LATCH_RESPONDER_ONE_SERVICE_H

#include "btnsd/xfrm/xfrm.h"

/*
 * NULL if the SA's selector is one protocol that guards know, one port at one end, any port at the
 * other, and one address at each end; else why not. The incoming and the outgoing SA of a pair get
 * the same answer. Pure.
 */
const char *sa_not_one_service(const struct sad_entry *sa);

#endif
