/* Describes for a person the rules and programs that translate this host's own connections. */
#ifndef BTNS_CTL_TRANSLATED_H
#define BTNS_CTL_TRANSLATED_H

#include "btnsd/xfrm/translators.h"

#include <stdbool.h>
#include <stddef.h>

#define TRANSLATED_WHAT                                                                            \
    "may send connections of this host elsewhere than the program asked: connections under "       \
    "btns-run are stopped then, connections of mandatory rules go there unprotected"
#define TRANSLATED_INSTEAD                                                                         \
    "exempt what must be protected from it, or connect to the address behind it"

/*
 * Calls found for each translator. False, with why: some place could not be searched. Needs root.
 */
bool translated_each(translator_found *found, void *arg, char *why, size_t size);

#endif
