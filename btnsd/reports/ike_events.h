/* Passes reports of btnsd's charon to guards, events and known peers. */
#ifndef BTNS_REPORTS_IKE_EVENTS_H
#define BTNS_REPORTS_IKE_EVENTS_H

#include "btnsd/ike/private/manager.h"

/* Their argument is struct btnsd. */
extern const struct ike_ops ike_events;

#endif
