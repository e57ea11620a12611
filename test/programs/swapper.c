/*
 * swapper ADDRESS PORT OTHER COUNT: connects COUNT times to ADDRESS and PORT, while another thread
 * keeps changing the address to OTHER and back. Prints how many connections were made to each.
 */
#include "test/shim/tool.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

static struct sockaddr_in to;
static uint16_t ports[2];
static bool done;

static void *swap(void *arg)
{
    for (unsigned i = 0; !__atomic_load_n(&done, __ATOMIC_RELAXED); i++) {
        __atomic_store_n(&to.sin_port, ports[i & 1], __ATOMIC_RELAXED);
        if (!(i & 63))
            sched_yield();
    }
    return arg;
}

int main(int argc, char **argv)
{
    int made[2] = {0}, refused = 0;
    pthread_t thread;
    if (argc != 5 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
        return 2;
    to.sin_family = AF_INET;
    for (int i = 0; i < 2; i++)
        ports[i] = htons((uint16_t)atoi(argv[2 + i]));
    if (pthread_create(&thread, NULL, swap, NULL))
        return 2;
    for (int i = 0; i < atoi(argv[4]); i++) {
        struct sockaddr_in peer;
        socklen_t len = sizeof peer;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (!syscall(SYS_connect, fd, &to, sizeof to) &&
            !getpeername(fd, (struct sockaddr *)&peer, &len))
            made[peer.sin_port == ports[1]]++;
        else
            refused++;
        close(fd);
    }
    __atomic_store_n(&done, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    printf("%s: %d, %s: %d, refused: %d\n", argv[2], made[0], argv[3], made[1], refused);
    return 0;
}
