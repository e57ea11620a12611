/* The state of each thread: the reason of its last failure, and what it has set for msghdrs. */
#include "libapi/library/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void free_thread(void *arg)
{
    struct thread *t = arg;
    if (t->forget)
        t->forget(t);
    free(t);
}

static void make_thread_key(void)
{
    has_key = !pthread_key_create(&key, free_thread);
}

struct thread *thread_find(void)
{
    pthread_once(&once, make_thread_key);
    return has_key ? pthread_getspecific(key) : NULL;
}

struct thread *thread_get(void)
{
    struct thread *t = thread_find();
    if (t || !has_key)
        return t;
    t = calloc(1, sizeof *t);
    if (t && pthread_setspecific(key, t)) {
        free(t);
        t = NULL;
    }
    return t;
}

/*
 * Defined by the shim if it is preloaded: how many calls of this thread it has refused, and why the
 * last one.
 */
extern unsigned long btns_private_refusals(const char **text)
    __attribute__((weak, visibility("default")));

bool thread_has_shim(void)
{
    return btns_private_refusals != NULL;
}

static unsigned long thread_shim_refusals(const char **text)
{
    *text = "";
    return btns_private_refusals ? btns_private_refusals(text) : 0;
}

int thread_fail(int error, const char *words, ...)
{
    struct thread *t = thread_get();
    const char *shims;
    va_list ap;
    va_start(ap, words);
    if (t) {
        vsnprintf(t->reason, sizeof t->reason, words, ap);
        t->refusals = thread_shim_refusals(&shims);
    }
    va_end(ap);
    errno = error;
    return -1;
}

int thread_finish(int rc, const char *call)
{
    return rc ? thread_fail(-rc, "%s: %s", call, strerrordesc_np(-rc)) : 0;
}

unsigned long thread_reason_mark(void)
{
    const char *text;
    return thread_shim_refusals(&text);
}

void thread_reason_none(unsigned long mark)
{
    unsigned long refusals = thread_reason_mark();
    struct thread *t = thread_find();
    if (refusals != mark || (!t && !refusals))
        return;
    int saved = errno;
    t = thread_get();
    if (t) {
        t->reason[0] = '\0';
        t->refusals = refusals;
    }
    errno = saved;
}

EXPORT size_t ipsec_get_reason(char *buf, size_t size)
{
    const struct thread *t = thread_find();
    const char *reason;
    if (thread_shim_refusals(&reason) ==
        (t ? t->refusals : 0)) /* the last call that failed was the library's own */
        reason = t ? t->reason : "";
    if (buf && size)
        snprintf(buf, size, "%s", reason);
    return strlen(reason);
}
