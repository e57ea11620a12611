/* What charon's words about a failed exchange mean: who is not there, who will not, who begins
 * anew. */
#include "btnsd/ike/private/state.h"
#include "test/unit/check.h"

#include <string.h>

#define BEGINS   "initiating IKE_SA peer-1[7] to 192.0.2.2"
#define ANSWERED "parsed IKE_SA_INIT response 0 [ SA KE No N(CHDLESS_SUP) ]"
#define GIVES_UP "giving up after 3 retransmits"

/* The result of an `initiate` that said these lines. */
static enum ike_result after(const char *one, const char *two, const char *three, char *why)
{
    const char *lines[] = {one, two, three};
    struct ike_task t = {.result = IKE_REFUSED};
    for (int i = 0; i < 3; i++)
        if (lines[i])
            task_log_line(&t, lines[i]);
    snprintf(why, 100, "%.99s", t.why);
    return t.result;
}

int main(void)
{
    char why[100];
    check(after(BEGINS, GIVES_UP, NULL, why) == IKE_SILENT && strstr(why, "nobody"),
          "silence from the first message on: nobody is there");
    check(after(BEGINS, ANSWERED, GIVES_UP, why) == IKE_AGAIN && strstr(why, "fell silent"),
          "silence after an answer: its IKE daemon was lost in between (L14)");
    check(after("establishing CHILD_SA tcp-80", GIVES_UP, NULL, why) == IKE_AGAIN,
          "silence on an IKE SA that was up: so it was before");
    check(after(BEGINS, ANSWERED, "received NO_PROPOSAL_CHOSEN notify error", why) == IKE_AGAIN,
          "an IKE daemon that knows no connection yet is asked again");
    check(after(BEGINS, ANSWERED, "received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built", why) ==
                  IKE_REFUSED &&
              strstr(why, "suites"),
          "one that has none of our suites for the child is not");
    check(after(BEGINS, ANSWERED, "received AUTHENTICATION_FAILED notify error", why) ==
              IKE_REFUSED,
          "nor one that refuses us");
    check(after(BEGINS, NULL, NULL, why) == IKE_REFUSED && !why[0], "without a reason: refused");
    return check_end();
}
