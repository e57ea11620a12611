/*
 * This host may send its own connections elsewhere than the program asked (nat OUTPUT, BPF at
 * connect()): past their guard. While something on it does that, no verdict is cached, and the
 * socket of a protected connection is bound to its guard:
 * - Its mark has SOCKET_MARK, and an SPD entry blocks packets with that mark. A guard has
 * precedence, so that is blocked what has lost its guard. The kernel looks a translated packet up
 * again.
 * - It receives only what the guard's peer has protected. That also stops what is redirected to
 * this host itself, where the kernel does not look into the SPD.
 */
#ifndef BTNS_RUNNING_TRANSLATION_H
#define BTNS_RUNNING_TRANSLATION_H

#include "btnsd/state/daemon.h"

/*
 * What translates, for a person; NULL: nothing. Looks again, if the last look was a second ago or
 * longer; where looking takes long, after a hundred times as long. It looks at once if the kernel
 * has reported a rule of nftables since. From the first call on btnsd also looks by itself as
 * often, while there are guards: the kernel does not report iptables-legacy's rules, nor BPF
 * programs.
 */
const char *translation_by(struct btnsd *d);
#define TRANSLATION_UNBOUND                                                                        \
    "this host translates its own connections, and the socket could not be bound to its guard"
/* Binds a passed socket to g, if g is up. Until then it may be marked alone. 0 or -errno. */
int translation_bind(int fd, int family, const struct guard *g);
/* The text of a bound connection's verdict: the rule's, and what is stopped; in buf, or the rule's.
 */
const char *translation_verdict(const struct btnsd *d, const char *rule, char buf[BTNS_TEXT_MAX]);
/* Writes the SPD entries again, where they are in use. */
void translation_restore(struct btnsd *d);
/* Deletes the SPD entries, of an earlier btnsd, too. */
void translation_end(struct btnsd *d);

#endif
