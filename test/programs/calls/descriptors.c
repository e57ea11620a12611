/*
 * socket(), bind(), listen(), shutdown(), socket options, and calls that copy or close a
 * descriptor.
 */
#include "test/programs/calls/calls.h"

#include <fcntl.h>

void sockets(void)
{
    struct sockaddr_in a = v4(0);
    struct sockaddr_in6 b = v6(0);
    int fd = (int)TRY(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    TRY(fcntl(fd, F_GETFD));
    TRY(socket(-1, SOCK_STREAM, 0));
    TRY(socket(AF_INET, SOCK_STREAM, 9999));
    TRY(bind(fd, SA(b)));
    TRY(bind(fd, SA(a)));
    TRY(bind(fd, SA(a)));
    TRY(bind(-1, SA(a)));
    TRY(bind(fd, NULL, 16));
    TRY(close(fd));
    TRY(close(fd));
    TRY(close(-1));
}

void listening(void)
{
    struct sockaddr_in6 b = v6(0);
    int fd = tcp(), six = socket(AF_INET6, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
    TRY(listen(fd, 3)); /* unbound: gets a port */
    TRY(port_of(fd) != 0);
    TRY(listen(fd, 5));
    TRY(bind(six, SA(b)));
    TRY(listen(six, 3));
    TRY(listen(udp, 3));
    TRY(listen(-1, 3));
    TRY(listen(0, 3));
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(listen(local, 3));
    close(fd), close(six), close(udp), close(local);
}

void duplicating(void)
{
    int fd = tcp();
    TRY(dup(fd));
    TRY(dup(-1));
    TRY(dup2(fd, 40));
    TRY(dup2(-1, 40));
    TRY(dup2(fd, fd));
    TRY(dup3(fd, 41, O_CLOEXEC));
    TRY(fcntl(41, F_GETFD));
    TRY(dup3(fd, fd, 0));
    TRY(fcntl(fd, F_DUPFD, 50));
    TRY(fcntl(fd, F_DUPFD_CLOEXEC, 60));
    TRY(fcntl(60, F_GETFD));
    TRY(fcntl64(fd, F_DUPFD, 61));
    TRY(fcntl64(fd, F_DUPFD_CLOEXEC, 62));
    TRY(fcntl(fd, F_SETFL, O_NONBLOCK));
    TRY(fcntl(62, F_GETFL));
    TRY(fcntl(-1, F_DUPFD, 3));
    TRY(fcntl(fd, 424242, 3));
    TRY(close_range(40, 62, 0));
    TRY(close(50));
    TRY(close_range(9, 8, 0));
    TRY(close_range(40, 62, 424242));
    TRY(__close(fcntl(fd, F_DUPFD, 63)));
    TRY(__dup2(fd, 64));
    TRY(_IO_fclose(fdopen(64, "r")));
    TRY(dup2(fd, 63));
    TRY((closefrom(63), fcntl(63, F_GETFD)));
    FILE *f = fdopen(dup(fd), "r");
    TRY(fclose(f));
    close(fd);
}

void shutting_down(void)
{
    int server = listener(), fd = tcp();
    struct sockaddr_in a = v4(port_of(server));
    TRY(shutdown(fd, SHUT_RDWR));
    TRY(shutdown(fd, 42));
    TRY(shutdown(-1, SHUT_WR));
    TRY(shutdown(0, SHUT_WR));
    close(fd);
    fd = tcp();
    TRY(connect(fd, SA(a)));
    TRY(shutdown(fd, SHUT_WR));
    TRY(shutdown(fd, SHUT_WR));
    TRY(shutdown(server, SHUT_RDWR));
    close(fd), close(server);
}

void options(void)
{
    int fd = tcp(), on = 1;
    socklen_t len = sizeof on;
    TRY(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    TRY(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, 1));
    TRY(setsockopt(fd, 4242, 1, &on, sizeof on));
    TRY(setsockopt(-1, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    TRY(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
    TRY(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, &len));
    TRY(getsockopt(-1, SOL_SOCKET, SO_ERROR, &on, &len));
    TRY(getsockopt(fd, SOL_SOCKET, SO_ERROR, &on, &len));
    TRY(on);
    close(fd);
}
