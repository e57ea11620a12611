/* An address that the program passed, read once. */
#ifndef BTNS_SHIM_TARGET_H
#define BTNS_SHIM_TARGET_H

#include "libapi/wire/addr.h"

/*
 * A copy of the program's address. Only the copy is used, so the kernel gets exactly the address
 * that btnsd was asked about, even if another thread changes the program's structure.
 */
struct target {
    struct sockaddr_storage ss;
    /* The copy; or the program's pointer, if unreadable, for the kernel to refuse. */
    const struct sockaddr *addr;
    socklen_t len;
    int family; /* of the copy; -1 if there is none */
    /* The destination; family 0: the address is not valid, and the kernel will say why. */
    struct btns_addr remote;
};

/* For a call on fd. An address that this function cannot read, the kernel cannot read either. */
void target_read(struct target *t, int fd, const struct sockaddr *addr, socklen_t len);
/* The address of a message. If it is longer than any address the kernel uses only its beginning. */
void target_read_name(struct target *t, int fd, const struct msghdr *msg);
/* For calls about datagrams and for bind(): an IPv4 socket treats AF_UNSPEC as AF_INET. */
void target_unspecified(struct target *t, int fd);

#endif
