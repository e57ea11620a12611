/* What each thread keeps: the words for its last failure, and the msghdrs that it set something
 * for. */
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

static void make_key(void)
{
    has_key = !pthread_key_create(&key, free_thread);
}

struct thread *thread_find(void)
{
    pthread_once(&once, make_key);
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

int fail(int error, const char *words, ...)
{
    struct thread *t = thread_get();
    va_list ap;
    va_start(ap, words);
    if (t)
        vsnprintf(t->reason, sizeof t->reason, words, ap);
    va_end(ap);
    errno = error;
    return -1;
}

int finish(int rc, const char *call)
{
    return rc ? fail(-rc, "%s: %s", call, strerrordesc_np(-rc)) : 0;
}

EXPORT size_t ipsec_get_reason(char *buf, size_t size)
{
    const struct thread *t = thread_find();
    const char *reason = t ? t->reason : "";
    if (buf && size)
        snprintf(buf, size, "%s", reason);
    return strlen(reason);
}
