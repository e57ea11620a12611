/*
 * Decides whether an SA is good enough for a latch: takes facts from the kernel's SAD, not what was
 * asked of a key manager, and returns a verdict. Pure.
 */
#ifndef BTNS_LATCH_KEYING_SA_JUDGE_H
#define BTNS_LATCH_KEYING_SA_JUDGE_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/wire.h"

enum sa_maker {
    SA_OF_OURS,   /* made by btnsd's own charon: judged one by one, as the kernel reports them */
    SA_OF_OTHERS, /* made by hand or by the system's IKE daemon: judged as a pair */
};

/* The smallest replay window, in packets, that charon and the kernel configure. */
#define REPLAY_WINDOW_OURS   32
#define REPLAY_WINDOW_OTHERS 1 /* any window will do */

/*
 * The SAs, and what is demanded of them: latching -02, section 2, names protection, mode,
 * algorithms, key lengths and replay protection. ESP, the mode, one of suites[] and its integrity
 * check are always demanded.
 */
struct sa_facts {
    enum sa_maker maker;
    const struct sad_entry *out, *in; /* SA_OF_OURS: one of the two, the other is NULL */
    const struct suite *asked;        /* at least as many key bits; NULL: any suite */
    const struct suite *latched;      /* exactly this suite; NULL: none is latched yet */
    unsigned replay_window; /* the incoming SA has at least this window, in packets; 0: any */
    bool encapsulated;      /* the SAs must be in UDP, because the latched SAs are */
};

enum sa_fault {
    SA_GOOD,
    SA_NOT_ESP,
    SA_OTHER_MODE, /* neither transport mode nor, between inner addresses, BEET mode */
    SA_NO_SUITE,
    SA_OTHER_SUITE, /* another suite than the latched one */
    SA_SHORT_ICV,
    SA_WEAKER, /* a weaker suite than the one that was asked for */
    SA_SUITES_DIFFER,
    SA_REPLAY_WINDOW,
    SA_NOT_ENCAPSULATED,
};

struct sa_verdict {
    enum sa_fault fault;
    const struct sad_entry *sa; /* the SA at fault; NULL when the fault is in both together */
};

/* The suite of an SA, or NULL when it is none of suites[]. */
const struct suite *sa_suite(const struct sad_entry *sa);
/* The first fault, or SA_GOOD. */
struct sa_verdict sa_judge(const struct sa_facts *f);
/* The same; false: why names the fault, the value found and the value demanded. */
bool sa_is_good(const struct sa_facts *f, char why[BTNS_TEXT_MAX]);

#endif
