/*
 * The kernel does not tell the supervisor when a caller stops waiting (a signal, its death). So
 * each tick checks the callers, and interrupts a thread whose caller has gone with a signal. A
 * signal that arrives before the thread is in the kernel is lost; the next tick sends another.
 */
#include "shim/supervise/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum { WORKERS = 1024, STACK = 128 * 1024, WAKE = SIGUSR1 };

struct worker {
    bool taken;
    bool blocking; /* the thread is in connect() or sendmsg() */
    pthread_t thread;
    struct work *work;
};

static struct worker workers[WORKERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned at_work;
static __thread struct worker *own;

static void wake_worker(int number)
{
    (void)number;
}

static void *run_worker(void *arg)
{
    own = arg;
    struct work *w = own->work;
    w->run(w);
    look_end(&w->sight);
    caller_close(&w->caller);
    pthread_mutex_lock(&lock);
    own->taken = false;
    at_work--;
    pthread_mutex_unlock(&lock);
    free(w);
    return NULL;
}

static void prepare_worker(pthread_attr_t *attributes)
{
    struct sigaction action = {.sa_handler = wake_worker}; /* without SA_RESTART */
    sigaction(WAKE, &action, NULL);
    pthread_attr_init(attributes);
    pthread_attr_setdetachstate(attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(attributes, STACK);
}

static struct worker *find_free_worker(void)
{
    for (int i = 0; i < WORKERS; i++)
        if (!workers[i].taken)
            return &workers[i];
    return NULL;
}

bool workers_start(struct work *w)
{
    static pthread_attr_t attributes;
    static bool prepared;
    if (!prepared)
        prepare_worker(&attributes);
    prepared = true;
    pthread_mutex_lock(&lock);
    struct worker *k = find_free_worker();
    bool ok = k;
    if (k) {
        *k = (struct worker){.taken = true, .work = w};
        ok = !pthread_create(&k->thread, &attributes, run_worker, k);
        k->taken = ok;
        at_work += ok;
    }
    pthread_mutex_unlock(&lock);
    return ok;
}

static void set_workers_blocking(bool blocking)
{
    if (!own)
        return;
    pthread_mutex_lock(&lock);
    own->blocking = blocking;
    pthread_mutex_unlock(&lock);
}

int workers_connect(int fd, const struct sockaddr *address, socklen_t len)
{
    set_workers_blocking(true);
    int error = connect(fd, address, len) ? errno : 0;
    set_workers_blocking(false);
    return -error;
}

ssize_t workers_send(int fd, const struct msghdr *message, int flags)
{
    set_workers_blocking(true);
    /* The first thread must not wait, even if another process has made the open file block. */
    ssize_t n = sendmsg(fd, message, own ? flags : flags | MSG_DONTWAIT);
    int error = n < 0 ? errno : 0;
    set_workers_blocking(false);
    return error ? -error : n;
}

bool workers_busy(void)
{
    pthread_mutex_lock(&lock);
    bool busy = at_work;
    pthread_mutex_unlock(&lock);
    return busy;
}

/* A thread that has ended is not `taken`, so it gets no signal. */
void workers_tick(void)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; at_work && i < WORKERS; i++) {
        struct worker *k = &workers[i];
        if (k->taken && k->blocking && !caller_waits(&k->work->caller))
            pthread_kill(k->thread, WAKE);
    }
    pthread_mutex_unlock(&lock);
}
