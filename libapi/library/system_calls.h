/* The system's functions behind those that the library exports under the same names. */
#ifndef BTNS_LIBAPI_LIBRARY_SYSTEM_CALLS_H
#define BTNS_LIBAPI_LIBRARY_SYSTEM_CALLS_H

#include <sys/socket.h>

typedef int connect_fn(int fd, const struct sockaddr *addr, socklen_t len);
typedef int listen_fn(int fd, int backlog);
typedef ssize_t sendmsg_fn(int fd, const struct msghdr *msg, int flags);
typedef ssize_t recvmsg_fn(int fd, struct msghdr *msg, int flags);
typedef ssize_t sendto_fn(int fd, const void *buf, size_t n, int flags, const struct sockaddr *addr,
                          socklen_t len);
typedef int sendmmsg_fn(int fd, struct mmsghdr *v, unsigned n, int flags);

/* The next definition after the library's own: usually libc's. */
int system_call_connect(int fd, const struct sockaddr *addr, socklen_t len);
int system_call_listen(int fd, int backlog);
ssize_t system_call_sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t system_call_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t system_call_sendto(int fd, const void *buf, size_t n, int flags,
                           const struct sockaddr *addr, socklen_t len);
int system_call_sendmmsg(int fd, struct mmsghdr *v, unsigned n, int flags);

#endif
