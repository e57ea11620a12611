/* For calls/main.c: makes a call and prints its result. */
#ifndef BTNS_TEST_PROGRAMS_CALLS_CALLS_H
#define BTNS_TEST_PROGRAMS_CALLS_CALLS_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int __connect(int fd, const struct sockaddr *addr, socklen_t len);
int __close(int fd);
pid_t __vfork(void);
int __clone(int (*work)(void *), void *stack, int flags, void *arg, ...);
int __dup2(int old, int new);
int _IO_fclose(FILE *f);

/* errno is printed after success too, because the shim must not change it. */
#define TRY(expression)                                                                            \
    ({                                                                                             \
        errno = 0;                                                                                 \
        long result_ = (long)(expression);                                                         \
        printf("%s = %ld %s\n", #expression, result_, errno ? strerrorname_np(errno) : "");        \
        result_;                                                                                   \
    })

#define SA(address) (const struct sockaddr *)&(address), sizeof(address)

static inline struct sockaddr_in v4(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline struct sockaddr_in6 v6(uint16_t port)
{
    return (struct sockaddr_in6){
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
}

static inline uint16_t port_of(int fd)
{
    struct sockaddr_in6 a;
    socklen_t len = sizeof a;
    return getsockname(fd, (struct sockaddr *)&a, &len) ? 0 : ntohs(a.sin6_port);
}

static inline int listener(void)
{
    struct sockaddr_in any = v4(0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, SA(any)) || listen(fd, 8))
        perror("listener");
    return fd;
}

static inline int tcp(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static inline int nothing_listens_at(struct sockaddr_in *a)
{
    int fd = tcp();
    *a = v4(0);
    bind(fd, SA(*a));
    *a = v4(port_of(fd));
    return fd;
}

void sockets(void);
void listening(void);
void connect_failures(void);
void connect_successes(void);
void connect_v6(void);
void connect_nonblocking(void);
void connect_unanswered(void);
void accepting(void);
void duplicating(void);
void shutting_down(void);
void numbers(void);
void remote(void);
void messages(void);
void fast_open(void);
void options(void);
void processes(void);

#endif
