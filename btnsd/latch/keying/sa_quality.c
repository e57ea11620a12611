/* Is an SA that the kernel really has as good as what was asked for? Decides, does nothing. */
#include "btnsd/latch/keying/sa_quality.h"

#include <netinet/in.h>
#include <string.h>

#define ICV_BITS 128 /* of every suite we have */

const struct suite *quality_suite(const struct sad_entry *sa)
{
    for (const struct suite *s = suites; s->name; s++)
        if (!strcmp(s->kernel, sa->alg) && s->key_bits == sa->key_bits)
            return s;
    return NULL;
}

static bool one_meets(const struct sad_entry *sa, const char *direction, const struct suite *asked,
                      const struct suite *latched, char why[BTNS_TEXT_MAX])
{
    const struct suite *suite = quality_suite(sa);
    if (sa->protocol != IPPROTO_ESP || sa->mode != XFRM_MODE_TRANSPORT)
        snprintf(why, BTNS_TEXT_MAX, "the %s SA is not ESP in transport mode", direction);
    else if (!suite || sa->auth[0])
        snprintf(why, BTNS_TEXT_MAX, "the %s SA has %s, %u bits, which is none of our suites",
                 direction, sa->alg[0] ? sa->alg : "no encryption", sa->key_bits);
    else if (sa->icv_bits < ICV_BITS)
        snprintf(why, BTNS_TEXT_MAX,
                 "the %s SA has an integrity check of %u bits: %u are asked for", direction,
                 sa->icv_bits, ICV_BITS);
    else if (suite->key_bits < asked->key_bits)
        snprintf(why, BTNS_TEXT_MAX, "the %s SA has %s, which is weaker than %s", direction,
                 suite->name, asked->name);
    else if (latched && suite != latched)
        snprintf(why, BTNS_TEXT_MAX, "the %s SA has %s, but %s is latched", direction, suite->name,
                 latched->name);
    else
        return true;
    return false;
}

bool quality_meets(const struct sad_entry *out, const struct sad_entry *in,
                   const struct suite *asked, const struct suite *latched, bool accept_no_replay,
                   char why[BTNS_TEXT_MAX])
{
    if (!one_meets(out, "outgoing", asked, latched, why) ||
        !one_meets(in, "incoming", asked, latched, why))
        return false;
    if (quality_suite(out) != quality_suite(in)) {
        snprintf(why, BTNS_TEXT_MAX, "the SAs differ: %s out, %s in", quality_suite(out)->name,
                 quality_suite(in)->name);
        return false;
    }
    if (!in->replay_window && !accept_no_replay) {
        snprintf(why, BTNS_TEXT_MAX, "the incoming SA has no replay window");
        return false;
    }
    return true;
}
