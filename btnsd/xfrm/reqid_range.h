/* The range of reqids that btnsd gives out: no other key manager's SAs and policies have these. */
#ifndef BTNS_XFRM_REQID_RANGE_H
#define BTNS_XFRM_REQID_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#define REQID_FIRST 0x62000000u
#define REQID_LAST  0x62ffffffu

static inline bool reqid_is_ours(uint32_t reqid)
{
    return reqid >= REQID_FIRST && reqid <= REQID_LAST;
}

#endif
