/* Parses addresses from texts, for the unit programs. */
#ifndef BTNS_TEST_UNIT_ADDR_H
#define BTNS_TEST_UNIT_ADDR_H

#include "libapi/wire/addr.h"

#include <stdio.h>
#include <stdlib.h>

static inline struct btns_addr addr(const char *text, uint16_t port)
{
    struct btns_addr a;
    if (!btns_addr_parse(&a, text)) {
        printf("Bail out! %s is no address\n", text);
        abort();
    }
    a.port = port;
    return a;
}

static inline struct btns_addr host_addr(const char *text)
{
    return addr(text, 0);
}

#endif
