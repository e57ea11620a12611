/* Another thread closes the socket, gives up, cancels or forks while a call waits. */
#include "test/programs/waits/waits.h"

#include <netinet/tcp.h>
#include <signal.h>
#include <sys/wait.h>

/* While the call waits its socket is closed, and another socket gets the number. */
static void reuse_number(void *(*call)(void *))
{
    uint8_t state = 0;
    socklen_t len = sizeof state;
    pthread_t t = begin_thread(call);
    close(sock);
    int own = tcp_socket(&server);
    kill(daemon_pid(), SIGCONT);
    pthread_join(t, NULL);
    getsockopt(own, IPPROTO_TCP, TCP_INFO, &state, &len);
    printf("%s %s; the other socket is %s\n",
           own == sock ? "same number:" : "another number:", name_of(result, result_errno),
           state == TCP_CLOSE ? "as it was" : "changed");
}

void reuses_in_connect(void)
{
    reuse_number(connects);
}

void reuses_in_listen(void)
{
    reuse_number(listens);
}

void reuses_in_message(void)
{
    reuse_number(sends);
}

void gives_up_by_shutdown(void)
{
    pthread_t t = begin_thread(connects);
    int rc = shutdown(sock, SHUT_RDWR);
    printf("shutdown: %s\n", name_of(rc, errno));
    pthread_join(t, NULL);
    printf("connect: %s\n", name_of(result, result_errno));
    rc = shutdown(sock, SHUT_RDWR);
    printf("shutdown again: %s\n", name_of(rc, errno));
}

void gives_up_by_connect(void)
{
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    pthread_t t = begin_thread(connects);
    int rc = connect(sock, &none, sizeof none);
    printf("connect(AF_UNSPEC): %s\n", name_of(rc, errno));
    pthread_join(t, NULL);
    printf("connect: %s\n", name_of(result, result_errno));
}

void is_cancelled(void)
{
    void *end;
    int before = descriptors(0, false);
    pthread_t t = begin_thread(connects);
    pthread_cancel(t);
    pthread_join(t, &end);
    close(sock);
    /* open besides: the listener and what fills its queue, or the listener and the link */
    printf("%s, %d left\n", end == PTHREAD_CANCELED ? "cancelled" : "not cancelled",
           descriptors(0, false) - before - (native ? 3 : 2));
}

/* A forked child must not keep the descriptors with which its parent's other threads wait. */
void forks_while_others_wait(void)
{
    int status;
    pthread_t t = begin_thread(connects);
    fflush(stdout);
    pid_t pid = fork();
    if (!pid)
        _exit(descriptors(900, false));
    waitpid(pid, &status, 0);
    printf("the child has %d of the shim's\n", WEXITSTATUS(status));
    shutdown(sock, SHUT_RDWR);
    pthread_join(t, NULL);
    printf("connect: %s\n", name_of(result, result_errno));
}
