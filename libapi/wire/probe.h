/*
 * How a process asks whether it is under the filter of btns-run's supervisor (BTNS_MARK in its
 * environment may be left over from one): getsockopt(-1, BTNS_PROBE_LEVEL) with the mark in the
 * last argument register. Only the filter with this mark answers with one of these errors. Filters
 * of other programs that let anything have sockets let getsockopt() pass.
 */
#ifndef BTNS_LIBAPI_WIRE_PROBE_H
#define BTNS_LIBAPI_WIRE_PROBE_H

#include <errno.h>

enum {
    BTNS_PROBE_LEVEL = 0x62746e73, /* "btns": no level of any protocol */
    BTNS_PROBE_RULES = ECANCELED,  /* a filter as the rules want it */
    BTNS_PROBE_REQUIRE = EALREADY, /* one of btns-run --require */
};

#endif
