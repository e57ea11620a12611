/* The transport protocols that btnsd knows: their numbers and names, and which it can protect. */
#ifndef BTNS_LIBAPI_WIRE_PROTOCOL_H
#define BTNS_LIBAPI_WIRE_PROTOCOL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* The protocol of a question that does not name one. */
#define PROTOCOL_UNSAID IPPROTO_TCP

/* Can btnsd protect this protocol? */
bool protocol_known(int protocol);
/* Does the protocol have datagrams and no connections? */
bool protocol_is_datagrams(int protocol);
/* The protocol's name, "tcp" or "udp", in static storage; NULL if this build knows no name. */
const char *protocol_name(int protocol);
/* The number of the protocol called "tcp" or "udp"; 0: another name. */
uint8_t protocol_number(const char *name);

#endif
