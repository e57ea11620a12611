/*
 * Decodes the kernel's messages: functions over one whole message, without I/O (private to xfrm/,
 * fuzzed).
 */
#ifndef BTNS_XFRM_DECODE_H
#define BTNS_XFRM_DECODE_H

#include "btnsd/xfrm/netlink.h"
#include "btnsd/xfrm/xfrm.h"

/*
 * nlh must be a message that nl_message_ok() accepted. Each function returns false when the message
 * is too short, of an unknown family, or about something else.
 */

/* NEWPOLICY, UPDPOLICY, DELPOLICY, POLEXPIRE. Entries of sockets and of forwarding are refused. */
bool spd_decode(const struct nlmsghdr *nlh, struct spd_entry *e);
/* NEWSA, UPDSA, DELSA, EXPIRE */
bool sad_decode(const struct nlmsghdr *nlh, struct sad_entry *e);
/* ACQUIRE: the flow of the packet that is held, and the reqid of the template. */
bool acquire_decode(const struct nlmsghdr *nlh, struct spd_entry *flow);
/* MAPPING */
bool sad_mapping_decode(const struct nlmsghdr *nlh, struct xfrm_event *ev);
/*
 * True unless it is a larval state, of an acquire or a reserved SPI: those have no algorithm yet.
 */
bool sad_is_real(const struct sad_entry *e);
/* Any message of the event socket. False: there is nothing to report. */
bool xfrm_event_decode(const struct nlmsghdr *nlh, struct xfrm_event *ev);
/* SOCK_DIAG_BY_FAMILY about a TCP socket */
bool sockdiag_decode(const struct nlmsghdr *nlh, struct sock_entry *e);
/* RTM_NEWROUTE; *error is the kernel's answer to a packet on that route (0 or -errno) */
bool route_decode(const struct nlmsghdr *nlh, struct route *r, int *error);
/*
 * RTM_NEWROUTE, DELROUTE: the prefix from which this host may send by that route (IPv4's type
 * local, IPv6's anycast). False for other routes, and for the default route of a transparent proxy
 * (local 0.0.0.0/0), by which no address becomes this host's own.
 */
bool route_decode_local(const struct nlmsghdr *nlh, struct btns_addr *net, unsigned *bits);

/* An address as XFRM messages have it. Returns false for an unknown family. */
bool xfrm_addr_decode(struct btns_addr *a, int family, const xfrm_address_t *x, uint16_t port);

/* Writes UPDPOLICY or DELPOLICY for e into nlh. Returns 0 or -EINVAL. */
int spd_encode(struct nlmsghdr *nlh, size_t room, const struct spd_entry *e);
/* Limits a dump of SAs to those from src to dst. Returns 0 or -EINVAL. */
int sad_encode_between(struct nlmsghdr *nlh, size_t room, const struct btns_addr *src,
                       const struct btns_addr *dst);

#endif
