/* Is an SA that the kernel really has as good as what was asked for? Pure. */
#ifndef BTNS_LATCH_KEYING_SA_QUALITY_H
#define BTNS_LATCH_KEYING_SA_QUALITY_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/wire.h"

/* The suite of an SA, or NULL when it is none of suites[]. */
const struct suite *quality_suite(const struct sad_entry *sa);
/*
 * Are these two SAs, out and in, as good as `asked`? The latched suite (NULL: none yet) must be
 * kept. False: why says what is weaker.
 */
bool quality_meets(const struct sad_entry *out, const struct sad_entry *in,
                   const struct suite *asked, const struct suite *latched, bool accept_no_replay,
                   char why[BTNS_TEXT_MAX]);

#endif
