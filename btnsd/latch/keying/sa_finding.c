/* Checks which SAs of another key manager between two addresses a latch may use. Pure. */
#include "btnsd/latch/keying/sa_finding.h"

bool finding_judge(struct finding *f, const struct sad_entry *out, const struct sad_entry *in,
                   const struct suite *asked, const struct suite *latched, unsigned replay_window)
{
    const struct sa_facts facts = {
        .maker = SA_OF_OTHERS,
        .out = out,
        .in = in,
        .asked = asked,
        .latched = latched,
        .replay_window = replay_window,
    };
    if (!sa_is_good(&facts, f->why)) {
        f->code = BTNS_R_WEAKER;
        return false;
    }
    f->pair[f->pairs++] = (struct sa_pair){out->spi, in->spi, out->reqid, sa_suite(out)};
    return true;
}
