/*
 * fork(): the child has copies of the descriptors on which its parent's other threads wait for
 * btnsd, but not those threads. The copies are closed.
 */
#include "shim/known.h"
#include "shim/pending.h"
#include "shim/say.h"
#include "shim/wait.h"

#include <pthread.h>

static void in_forked_child(void)
{
    wait_forked();
    pending_forked();
    say_forked();
    known_forget_fresh();
}

__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(NULL, known_forget_fresh, in_forked_child);
}
