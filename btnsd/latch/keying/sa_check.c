/* Is an SA of our own key manager what its guard latches? As the SAD says, not as it was asked for
 * (pure). */
#include "btnsd/latch/keying/sa_check.h"

#include "btnsd/latch/keying/sa_quality.h"

#include <netinet/in.h>

static bool suite_met(const struct quality *q, const struct sad_entry *sa, struct err *err)
{
    const struct suite *suite = quality_suite(sa);
    if (suite && (!q->suite || q->suite == suite))
        return true;
    err_set(err, "the SA in place has %s%s%s with %u key bits%s%s",
            sa->alg[0] ? sa->alg : "no cipher", sa->auth[0] ? " and " : "", sa->auth, sa->key_bits,
            q->suite ? ", latched is " : "", q->suite ? q->suite->name : "");
    return false;
}

bool sa_check(const struct quality *q, const struct sad_entry *sa, bool incoming, struct err *err)
{
    if (sa->protocol != IPPROTO_ESP) {
        err_set(err, "the SA in place is of protocol %u, not ESP", sa->protocol);
        return false;
    }
    if (sa->mode != XFRM_MODE_TRANSPORT) {
        err_set(err, "the SA in place is not in transport mode");
        return false;
    }
    if (!suite_met(q, sa, err))
        return false;
    if (sa->icv_bits < ICV_BITS_MIN) {
        err_set(err, "the SA in place has an integrity check of %u bits", sa->icv_bits);
        return false;
    }
    if (incoming && sa->replay_window < REPLAY_WINDOW_MIN) {
        err_set(err, "the SA in place has no protection against replay (a window of %u packets)",
                sa->replay_window);
        return false;
    }
    if (q->encapsulated && !sa->encap) {
        err_set(err, "the SA in place is not encapsulated in UDP");
        return false;
    }
    return true;
}
