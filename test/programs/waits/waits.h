/* For waits/main.c: a thread with a call that waits, and the cases by name. */
#ifndef BTNS_TEST_PROGRAMS_WAITS_WAITS_H
#define BTNS_TEST_PROGRAMS_WAITS_WAITS_H

#include "test/shim/tool.h"

#include <pthread.h>

extern bool native;
extern struct place server;
extern int sock;
/* Of the thread's call, after the thread has ended. */
extern int result, result_errno;

const char *name_of(int rc, int error);
struct place good_listener(void);
void await_waiting(void);
void *connects(void *arg);
void *listens(void *arg);
void *sends(void *arg);
pthread_t begin_thread(void *(*call)(void *));
double now(void);

void reuses_in_connect(void);
void reuses_in_listen(void);
void reuses_in_message(void);
void gives_up_by_shutdown(void);
void gives_up_by_connect(void);
void is_cancelled(void);
void has_limit_and_restarts(void);
void restarts(void);
void is_interrupted(void);
void has_limit(void);
void hangs_for_nonblocking_connect(void);
void hangs_for_listen(void);
void hangs_for_close(void);
void closes(void);
void closes_many(void);
void forks_while_others_wait(void);

#endif
