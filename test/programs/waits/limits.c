/* A signal, or the socket's time limit, ends a call that waits for btnsd. */
#include "test/programs/waits/waits.h"

#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t handled;

static void on_alarm(int number)
{
    (void)number;
    handled++;
}

static void handle_alarm(int flags)
{
    struct sigaction a = {.sa_handler = on_alarm, .sa_flags = flags};
    struct itimerval t = {.it_value = {0, 300000}};
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &t, NULL);
}

static void limit_socket(long milliseconds)
{
    struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static void connect_alone(void)
{
    server = full_listener();
    sock = tcp_socket(&server);
    if (!native)
        kill(daemon_pid(), SIGSTOP);
}

static void print_connect(void)
{
    int rc = connect_place(sock, &server);
    printf("%s, handled %d\n", name_of(rc, errno), handled);
}

/* On a socket with a time limit any handler interrupts the call. */
void has_limit_and_restarts(void)
{
    connect_alone();
    limit_socket(100000);
    handle_alarm(SA_RESTART);
    print_connect();
}

/* Only the connecting thread can receive the signal. */
void restarts(void)
{
    sigset_t alarm_only;
    pthread_t t = begin_thread(connects);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
    handle_alarm(SA_RESTART);
    while (!handled)
        usleep(1000);
    await_waiting();
    shutdown(sock, SHUT_RDWR);
    pthread_join(t, NULL);
    printf("%s, handled %d\n", name_of(result, result_errno), handled);
}

void is_interrupted(void)
{
    connect_alone();
    handle_alarm(0);
    print_connect();
}

void has_limit(void)
{
    connect_alone();
    limit_socket(300);
    print_connect();
}
