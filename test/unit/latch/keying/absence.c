/* The effects of a host's answer that it does not run IKE. TAP. */
#include "btnsd/latch/keying/absence.h"
#include "test/unit/check.h"

static enum absence_next next(enum port_answer answer, bool known, bool preferred, unsigned times)
{
    const struct absence a = {answer, known, preferred, times};
    return absence_next(&a);
}

int main(void)
{
    for (int known = 0; known < 2; known++)
        for (int preferred = 0; preferred < 2; preferred++)
            check(next(PORT_SILENT, known, preferred, 2) == ABSENCE_IGNORED,
                  "silence says nothing");
    for (int i = PORT_CLOSED; i <= PORT_NO_WAY; i++) {
        enum port_answer answer = (enum port_answer)i;
        check(next(answer, false, true, 1) == ABSENCE_ENDS, "preferred: the first ends it");
        check(next(answer, false, false, 1) == ABSENCE_AGAIN, "demanded: asked once more");
        check(next(answer, false, false, 2) == ABSENCE_ENDS, "demanded: the second ends it");
        check(next(answer, true, true, 1) == ABSENCE_IGNORED &&
                  next(answer, true, false, 2) == ABSENCE_IGNORED,
              "a known peer's daemon may be restarting, and the answer forged");
    }
    return check_end();
}
