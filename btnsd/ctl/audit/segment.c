/* One TCP segment in an IPv4 or IPv6 packet: written for a raw socket, read from a capture. */
#include "btnsd/ctl/audit/segment.h"

#include <netinet/in.h>
#include <string.h>

#define IP4_HEADER  20u
#define IP6_HEADER  40u
#define TCP_HEADER  20u
#define STAMP_SPACE 12u /* two NOPs and the option */

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_STAMPS = 8, STAMPS_LENGTH = 10 };

static uint16_t segment_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t segment_get32(const uint8_t *at)
{
    return (uint32_t)segment_get16(at) << 16 | segment_get16(at + 2);
}

static void segment_put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void segment_put32(uint8_t *at, uint32_t value)
{
    segment_put16(at, value >> 16);
    segment_put16(at + 2, value & 0xffff);
}

/* Finds the timestamps among the options of a header. */
static void read_segment_stamps(const uint8_t *option, size_t len, struct segment *s)
{
    for (size_t at = 0; at < len && option[at] != OPTION_END;) {
        size_t size = option[at] == OPTION_NOP ? 1 : at + 1 < len ? option[at + 1] : 0;
        if (!size || size > len - at || (option[at] != OPTION_NOP && size < 2))
            return;
        if (option[at] == OPTION_STAMPS && size == STAMPS_LENGTH) {
            s->stamped = true;
            s->stamp = segment_get32(option + at + 2);
            s->echo = segment_get32(option + at + 6);
        }
        at += size;
    }
}

static bool read_tcp_segment(const uint8_t *tcp, size_t len, struct segment *s)
{
    size_t head = len < TCP_HEADER ? 0 : (size_t)(tcp[12] >> 4) * 4;
    if (head < TCP_HEADER || head > len)
        return false;
    s->from.port = segment_get16(tcp);
    s->to.port = segment_get16(tcp + 2);
    s->seq = segment_get32(tcp + 4);
    s->ack = segment_get32(tcp + 8);
    s->flags = tcp[13];
    s->window = segment_get16(tcp + 14);
    s->payload = (uint32_t)(len - head);
    read_segment_stamps(tcp + TCP_HEADER, head - TCP_HEADER, s);
    return true;
}

bool segment_read(const uint8_t *packet, size_t len, struct segment *s)
{
    memset(s, 0, sizeof *s);
    if (len >= IP4_HEADER && packet[0] >> 4 == 4) {
        size_t head = (size_t)(packet[0] & 15) * 4, total = segment_get16(packet + 2);
        bool is_fragment = segment_get16(packet + 6) & 0x3fff;
        if (head < IP4_HEADER || total < head || total > len || is_fragment ||
            packet[9] != IPPROTO_TCP)
            return false;
        s->from.family = s->to.family = AF_INET;
        memcpy(s->from.ip, packet + 12, 4);
        memcpy(s->to.ip, packet + 16, 4);
        return read_tcp_segment(packet + head, total - head, s);
    }
    if (len >= IP6_HEADER && packet[0] >> 4 == 6) {
        size_t payload = segment_get16(packet + 4);
        if (payload > len - IP6_HEADER || packet[6] != IPPROTO_TCP)
            return false;
        s->from.family = s->to.family = AF_INET6;
        memcpy(s->from.ip, packet + 8, 16);
        memcpy(s->to.ip, packet + 24, 16);
        return read_tcp_segment(packet + IP6_HEADER, payload, s);
    }
    return false;
}

/* Adds up 16-bit words (RFC 1071), from an even place on. */
static uint32_t sum_segment_words(uint32_t sum, const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i & 1 ? at[i] : (uint32_t)at[i] << 8;
    return sum;
}

static uint16_t finish_segment_sum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static size_t write_tcp_segment(const struct segment *s, uint8_t *tcp)
{
    size_t head = TCP_HEADER + (s->stamped ? STAMP_SPACE : 0);
    size_t payload = s->payload < SEGMENT_PAYLOAD ? s->payload : SEGMENT_PAYLOAD;
    size_t address = s->from.family == AF_INET ? 4 : 16, len = head + payload;
    segment_put16(tcp, s->from.port);
    segment_put16(tcp + 2, s->to.port);
    segment_put32(tcp + 4, s->seq);
    segment_put32(tcp + 8, s->ack);
    tcp[12] = (uint8_t)(head / 4 << 4);
    tcp[13] = s->flags;
    segment_put16(tcp + 14, s->window);
    if (s->stamped) {
        memcpy(tcp + TCP_HEADER, (uint8_t[]){OPTION_NOP, OPTION_NOP, OPTION_STAMPS, STAMPS_LENGTH},
               4);
        segment_put32(tcp + TCP_HEADER + 4, s->stamp);
        segment_put32(tcp + TCP_HEADER + 8, s->echo);
    }
    memset(tcp + head, 'x', payload);
    uint32_t sum = sum_segment_words(IPPROTO_TCP + (uint32_t)len, s->from.ip, address);
    segment_put16(tcp + 16, finish_segment_sum(sum_segment_words(
                                sum_segment_words(sum, s->to.ip, address), tcp, len)));
    return len;
}

size_t segment_write(const struct segment *s, uint8_t packet[SEGMENT_MAX])
{
    memset(packet, 0, SEGMENT_MAX);
    if (s->from.family == AF_INET) {
        size_t len = IP4_HEADER + write_tcp_segment(s, packet + IP4_HEADER);
        packet[0] = 4 << 4 | IP4_HEADER / 4;
        segment_put16(packet + 2, (uint32_t)len);
        packet[8] = 64;
        packet[9] = IPPROTO_TCP;
        memcpy(packet + 12, s->from.ip, 4);
        memcpy(packet + 16, s->to.ip, 4);
        segment_put16(packet + 10, finish_segment_sum(sum_segment_words(0, packet, IP4_HEADER)));
        return len;
    }
    size_t len = write_tcp_segment(s, packet + IP6_HEADER);
    packet[0] = 6 << 4;
    segment_put16(packet + 4, (uint32_t)len);
    packet[6] = IPPROTO_TCP;
    packet[7] = 64;
    memcpy(packet + 8, s->from.ip, 16);
    memcpy(packet + 24, s->to.ip, 16);
    return IP6_HEADER + len;
}
