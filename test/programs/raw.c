/*
 * raw ADDRESS PORT [PATIENCE_MS]: connects over TCP (IPv4) by system calls alone, which no
 * preloaded library sees, and sends a request. Prints "answered" and the answer, or "silence", or
 * the error. It is built twice: linked dynamically, and statically as raw-static.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int patience = 1500; /* milliseconds */

/* A system call by an instruction, because the shim would see libc's syscall(). */
static long connect_by_instruction(int fd, const struct sockaddr_in *to)
{
    long rc;
#if defined __x86_64__
    __asm__ volatile("syscall"
                     : "=a"(rc)
                     : "a"(SYS_connect), "D"((long)fd), "S"(to), "d"(sizeof *to)
                     : "rcx", "r11", "memory");
#elif defined __aarch64__
    register long x8 __asm__("x8") = SYS_connect, x0 __asm__("x0") = fd;
    register const void *x1 __asm__("x1") = to;
    register long x2 __asm__("x2") = sizeof *to;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    rc = x0;
#else
#error "write the instruction of a system call for this processor"
#endif
    errno = rc < 0 ? (int)-rc : errno;
    return rc;
}

static long wait_for(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    return syscall(SYS_poll, &p, 1, patience);
}

static int give_up(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    char answer[64];
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (argc < 3 || argc > 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
        return 2;
    patience = argc > 3 ? atoi(argv[3]) : patience;
    to.sin_port = htons((uint16_t)atoi(argv[2]));
    int fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return give_up("socket");
    if (connect_by_instruction(fd, &to) && errno != EINPROGRESS)
        return give_up("connect");
    if (wait_for(fd, POLLOUT) != 1) {
        puts("silence");
        return 1;
    }
    if (syscall(SYS_write, fd, request, sizeof request - 1) < 0)
        return give_up("write");
    long n = wait_for(fd, POLLIN) == 1 ? syscall(SYS_read, fd, answer, sizeof answer) : 0;
    if (n <= 0)
        return give_up("read");
    printf("answered: %.12s\n", answer);
    return 0;
}
