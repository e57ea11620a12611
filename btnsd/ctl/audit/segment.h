/* One TCP segment in an IPv4 or IPv6 packet: written for a raw socket, read from a capture. */
#ifndef BTNS_CTL_AUDIT_SEGMENT_H
#define BTNS_CTL_AUDIT_SEGMENT_H

#include "libapi/wire/addr.h"

enum { SEG_FIN = 1, SEG_SYN = 2, SEG_RST = 4, SEG_PSH = 8, SEG_ACK = 16 };

struct segment {
    struct btns_addr from, to;
    uint32_t seq, ack;
    uint8_t flags;
    uint16_t window; /* as in the header, not scaled */
    bool stamped;    /* has the timestamps option (RFC 7323) */
    uint32_t stamp, echo;
    uint32_t payload; /* length */
};

/* Reads a packet that begins with its IP header; false: not a whole TCP segment. */
bool segment_read(const uint8_t *packet, size_t len, struct segment *s);

#define SEGMENT_MAX     128
#define SEGMENT_PAYLOAD 16
/*
 * Writes the packet, with checksums; its payload is `payload` times 'x', SEGMENT_PAYLOAD at most.
 * Returns its length.
 */
size_t segment_write(const struct segment *s, uint8_t packet[SEGMENT_MAX]);

#endif
