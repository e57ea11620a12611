/*
 * Fuzzes the parser of captured packets: every segment that it reads lies in the packet, and can be
 * written again.
 */
#include "btnsd/ctl/audit/segment.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct segment s, again;
    uint8_t packet[SEGMENT_MAX];
    if (!segment_read(data, size, &s))
        return 0;
    demand(s.payload + 40 <= size);
    demand(s.from.family == s.to.family);
    demand(s.from.family == AF_INET || s.from.family == AF_INET6);
    size_t len = segment_write(&s, packet);
    demand(len <= sizeof packet && segment_read(packet, len, &again));
    s.payload = s.payload < SEGMENT_PAYLOAD ? s.payload : SEGMENT_PAYLOAD;
    demand(!memcmp(&s, &again, sizeof s));
    return 0;
}
