/*
 * Keeps protected connections behind their guards on a host that sends its own connections to
 * another destination than the program asked for (nat OUTPUT, BPF at connect()). While something
 * does that, no verdict is cached, and the socket of a protected connection is bound to its guard:
 * - Its mark has SOCKET_MARK, and an SPD entry below guards blocks packets with that mark. The
 *   kernel looks a translated packet up again, finds no guard for it, and blocks it.
 * - The socket receives only what the guard's peer has protected. That also stops packets that are
 *   redirected to this host itself, for which the kernel does not look into the SPD.
 */
#ifndef BTNS_RUNNING_TRANSLATION_H
#define BTNS_RUNNING_TRANSLATION_H

#include "btnsd/state/daemon.h"

/*
 * How many ms there are between two searches, the last of which has taken search_ms of the
 * processor's time: a hundred times as long, but a second at least and ten at most.
 */
unsigned translation_pause(unsigned search_ms);
/*
 * What translates, for a person; NULL: nothing. Searches again if the last search was that long
 * ago, or if the kernel has reported a new nftables rule since. After the first call, btnsd also
 * searches by itself, as often, while there are guards: the kernel does not report
 * iptables-legacy's rules, nor BPF programs.
 */
const char *translation_by(struct btnsd *d);
#define TRANSLATION_UNBOUND                                                                        \
    "this host translates its own connections, and the socket could not be bound to its guard"
/* Binds a passed socket to g if g is up. Before that, it may get only the mark. 0 or -errno. */
int translation_bind(int fd, int family, const struct guard *g);
/*
 * The text for a bound connection's verdict: the rule, and what translates; written to buf. Without
 * translation, just the rule.
 */
const char *translation_verdict(const struct btnsd *d, const char *rule, char buf[BTNS_TEXT_MAX]);
/* Writes the SPD entries again, if they are in use. */
void translation_restore(struct btnsd *d);
/* Deletes the SPD entries, also those of an earlier btnsd. */
void translation_end(struct btnsd *d);

#endif
