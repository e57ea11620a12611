/*
 * State of the search for rules and programs that translate this host's own connections
 * (running/translation.h).
 */
#ifndef BTNS_STATE_TRANSLATION_STATE_H
#define BTNS_STATE_TRANSLATION_STATE_H

#include "btnsd/base/loop.h"
#include "btnsd/xfrm/translators.h"

#include <stdint.h>

struct translation {
    char by[TRANSLATOR_TEXT]; /* the first translator found, or "" */
    bool looked;
    uint64_t next;             /* ms, loop_now: when to look again */
    bool entries;              /* the SPD entries are written */
    struct timer again;        /* runs while there are guards */
    struct nft_changes *rules; /* reports of new nftables rules; NULL: not watched */
    bool watched;              /* the kernel was asked for these reports */
    struct watch rules_watch;
};

#endif
