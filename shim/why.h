/*
 * Non-blocking connections that btnsd may yet fail: telling the person why when it did. Nothing
 * here waits.
 */
#ifndef BTNS_SHIM_WHY_H
#define BTNS_SHIM_WHY_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

/*
 * A connection in the background has begun on socket fd, about which this was asked: btnsd will
 * tell its outcome on the channel, which is ours from now on.
 */
void why_watch(int fd, const struct btns_flow *question, int channel);
/* Are there any? Costs no system call. */
bool why_any(void);
/*
 * The program looks at the outcome. If the connection failed: says why, once, and returns btnsd's
 * errno for it. 0: it did not fail, or not because of btnsd.
 */
int why_failed(int fd);
/* The program closes these numbers, perhaps without having looked. */
void why_closing(unsigned first, unsigned last);
/* In a new process: they are its parent's. */
void why_forked(void);

#endif
