/* Programs that bind, listen or call in unusual ways, which the shim must not overlook. */
#include "test/programs/habits/habits.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>

static struct place own_address(void)
{
    struct place own = server;
    ((struct sockaddr_in *)&own.ss)->sin_port = 0;
    return own;
}

/* A socket that is bound to an address, so that the kernel does not choose one. */
static int bound_socket(void)
{
    struct place own = own_address();
    int fd = tcp_socket(&own);
    if (bind(fd, (struct sockaddr *)&own.ss, own.len) < 0)
        err(1, "bind");
    return fd;
}

static int bound_by_another_number(void)
{
    struct place own = own_address();
    int fd = tcp_socket(&own), other = dup(fd);
    bind(other, (struct sockaddr *)&own.ss, own.len);
    return fd;
}

static int bound_by_a_child(void)
{
    struct place own = own_address();
    int fd = tcp_socket(&own);
    pid_t pid = fork();
    if (!pid)
        _exit(bind(fd, (struct sockaddr *)&own.ss, own.len));
    connect_wait_for_guard(pid);
    return fd;
}

static int bound_by_number(void)
{
    struct place own = own_address();
    int fd = tcp_socket(&own);
    syscall(SYS_bind, fd, &own.ss, own.len);
    return fd;
}

static int put_over_a_fresh_one(void)
{
    int fd = tcp_socket(&server), bound = bound_socket();
    return dup2(bound, fd);
}

static int put_after_fclose(void)
{
    int fresh = tcp_socket(&server), bound = bound_socket();
    fclose(fdopen(fresh, "r+"));
    return dup(bound);
}

static int put_after_close_range(void)
{
    int fresh = tcp_socket(&server), bound = bound_socket();
    close_range((unsigned)fresh, (unsigned)fresh, 0);
    return dup(bound);
}

static int passed_by_message(void)
{
    int pair[2], fresh = tcp_socket(&server), bound = bound_socket();
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {&pair, 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    control.align = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof bound)};
    memcpy(CMSG_DATA(&control.align), &bound, sizeof bound);
    sendmsg(pair[0], &msg, 0);
    close(fresh);
    if (recvmsg(pair[1], &msg, 0) != 1)
        err(1, "recvmsg");
    memcpy(&bound, CMSG_DATA(&control.align), sizeof bound);
    return bound;
}

/* The last case, because the shim remembers nothing about any descriptor after it. */
static int other_table_of_a_vfork(void)
{
    int fd = bound_socket();
    pid_t pid = vfork();
    if (!pid) {
        close(fd);
        if (tcp_socket(&server) != fd)
            _exit(1);
        _exit(0);
    }
    connect_wait_for_guard(pid);
    return fd;
}

/* Each of these sockets is bound in an unusual way, or by another number. */
void binds_oddly(void)
{
    static int (*const ways[])(void) = {
        bound_socket,          bound_by_another_number, bound_by_a_child,
        bound_by_number,       put_over_a_fresh_one,    put_after_fclose,
        put_after_close_range, passed_by_message,       other_table_of_a_vfork};
    printf("%s\n", visit(&server));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        printf("%s\n", visit(&server));
        printf("%s\n", connect_place(ways[i](), &server) ? strerrorname_np(errno) : "ok");
    }
}

void opens_late(void)
{
    int fd = tcp_socket(&server), on = 1, off = 0;
    printf("%s\n", name_of(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on)));
    printf("%s\n", name_of(connect_place(fd, &server)));
    printf("%s\n", name_of(setsockopt(tcp_socket(&server), IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &off,
                                      sizeof off)));
}

static bool listen_late(int family, bool bound)
{
    int fd = socket(family, SOCK_STREAM, 0), on = 1, late = 0;
    struct sockaddr_in6 any = {.sin6_family = (sa_family_t)family}, got = {0};
    socklen_t len = sizeof any, late_len = sizeof late;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bound && bind(fd, (struct sockaddr *)&any, len) < 0)
        err(1, "bind");
    if (listen(fd, 3) < 0)
        err(1, "listen");
    getsockname(fd, (struct sockaddr *)&got, &len);
    getsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, &late_len);
    return got.sin6_port && late;
}

void listens_late(void)
{
    bool all = listen_late(AF_INET, false) && listen_late(AF_INET, true) &&
               listen_late(AF_INET6, false) && listen_late(AF_INET6, true);
    printf("ok\n%s\n%s\n", all ? "a port" : "no port", all ? "still late" : "changed");
}

static const char *port_text(const struct place *p)
{
    static char text[8];
    snprintf(text, sizeof text, "%u", ntohs(((const struct sockaddr_in *)&p->ss)->sin_port));
    return text;
}

static void connect_raw(const struct place *p)
{
    int fd = tcp_socket(p);
    printf("connect %s\n", name_of(syscall(SYS_connect, fd, &p->ss, p->len)));
}

void calls_by_number(void)
{
    char octet = 'x';
    struct iovec iov = {&octet, 1};
    struct place own = place_of("127.0.0.1", "0");
    struct msghdr m = {
        .msg_name = &server.ss, .msg_namelen = server.len, .msg_iov = &iov, .msg_iovlen = 1};
    int listener = tcp_socket(&own);
    connect_raw(&server);
    printf("sendto %s\n", name_of(syscall(SYS_sendto, tcp_socket(&server), &octet, 1L, MSG_FASTOPEN,
                                          &server.ss, server.len)));
    printf("sendmsg %s\n", name_of(syscall(SYS_sendmsg, tcp_socket(&server), &m, MSG_FASTOPEN)));
    if (bind(listener, (struct sockaddr *)&own.ss, own.len) < 0)
        err(1, "bind");
    printf("listen %s\n", name_of(syscall(SYS_listen, listener, 8)));
    getsockname(listener, (struct sockaddr *)&own.ss, &own.len);
    for (int i = 0; i < 2; i++) /* connect without btnsd being asked */
        if (!fork())
            _exit(execl("/usr/bin/env", "env", "-u", "LD_PRELOAD", "bash", "-c",
                        "exec 3<>/dev/tcp/127.0.0.1/$0", port_text(&own), NULL));
    printf("accept %s\n", name_of(syscall(SYS_accept, listener, NULL, NULL)));
    printf("accept4 %s\n", name_of(syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC)));
}

/* The server speaks neither protocol: any octet but 0 at first is an error message. */
void runs_remotely(void)
{
    char *host = arguments[2];
    uint16_t port = htons((uint16_t)atoi(arguments[3]));
    printf("%s\n", name_of(rcmd(&host, port, "me", "me", "true", NULL)));
    host = arguments[2];
    printf("%s\n", name_of(rexec(&host, port, "me", "secret", "true", NULL)));
}
