/*
 * How a process finds out whether it runs under the filter of btns-run's supervisor (BTNS_MARK in
 * its environment may be a leftover): it calls getsockopt(-1, BTNS_PROBE_LEVEL) with the mark in
 * the last argument register. Only the filter with this mark answers with one of these errors.
 * Filters of other programs that allow sockets at all let getsockopt() pass.
 */
#ifndef BTNS_LIBAPI_WIRE_PROBE_H
#define BTNS_LIBAPI_WIRE_PROBE_H

#include <errno.h>

enum {
    BTNS_PROBE_LEVEL = 0x62746e73, /* "btns": no level of any protocol */
    BTNS_PROBE_RULES = ECANCELED,  /* a filter that follows the rules */
    BTNS_PROBE_REQUIRE = EALREADY, /* a filter of btns-run --require */
};

#endif
