/* An address that the program handed over, read once. */
#ifndef BTNS_SHIM_TARGET_H
#define BTNS_SHIM_TARGET_H

#include "libapi/wire/addr.h"

/*
 * A copy, which alone is used from then on: what btnsd was asked about is what the kernel gets,
 * whatever another thread does to the program's structure meanwhile.
 */
struct target {
    struct sockaddr_storage ss;
    const struct sockaddr
        *addr; /* what the kernel is to be given: the copy, or what it will refuse */
    socklen_t len;
    int family; /* of the copy, or -1 */
    struct btns_addr
        remote; /* where a TCP socket would go; family 0: nowhere, the kernel knows why */
};

/* For a call about fd. An address that cannot be read is one that the kernel cannot read either. */
void target_read(struct target *t, int fd, const struct sockaddr *addr, socklen_t len);
/* Of a message: the kernel takes no more of a longer one than there is of an address. */
void target_read_name(struct target *t, int fd, const struct msghdr *msg);
/*
 * For calls of datagrams, and bind(): an IPv4 socket takes an address without a family for one of
 * IPv4.
 */
void target_unspecified(struct target *t, int fd);

#endif
