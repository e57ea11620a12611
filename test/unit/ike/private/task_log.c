/*
 * What charon's log lines about a failed exchange mean: the peer is away, refuses, or has
 * restarted.
 */
#include "btnsd/ike/private/state.h"
#include "test/unit/check.h"

#include <string.h>

#define BEGINS   "initiating IKE_SA peer-1[7] to 192.0.2.2"
#define ANSWERED "parsed IKE_SA_INIT response 0 [ SA KE No N(CHDLESS_SUP) ]"
#define GIVES_UP "giving up after 3 retransmits"

static struct ike_conn conn; /* of a proof */

/* The result of an `initiate` for a proof with these log lines. */
static enum ike_result after(const char *one, const char *two, const char *three, char *why)
{
    const char *lines[] = {one, two, three};
    struct ike_task t = {.result = IKE_AGAIN, .conn = &conn};
    for (int i = 0; i < 3; i++)
        if (lines[i])
            task_log_line(&t, lines[i]);
    snprintf(why, 100, "%.99s", t.why);
    return t.result;
}

/* The result of an `initiate` that charon gave up at its time limit. */
static enum ike_result out_of_time(bool began, bool answered)
{
    struct ike_task t = {.began = began, .answered = answered, .conn = &conn};
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "success", "no");
    vici_kv(&m, "errmsg", "CHILD_SA 'tcp-80' not established after 9000ms");
    step_succeeded(&t, m.data, m.len);
    vici_free(&m);
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
    struct ike_task introduction = {.result = IKE_AGAIN};
    task_log_line(&introduction, GIVES_UP);
    check(introduction.result == IKE_SILENT,
          "silence to an introduction that joined another: nobody is there, either");
    check(after(BEGINS, ANSWERED, "received NO_PROPOSAL_CHOSEN notify error", why) == IKE_AGAIN,
          "an IKE daemon that knows no connection yet is asked again");
    check(after(BEGINS, ANSWERED, "received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built", why) ==
                  IKE_DECLINED &&
              strstr(why, "suites"),
          "one that has none of our suites for the child is not");
    check(after(BEGINS, ANSWERED, "received TS_UNACCEPTABLE notify, no CHILD_SA built", why) ==
              IKE_DECLINED,
          "nor one that does not protect the service");
    check(after("not establishing CHILD_SA tcp-80{2} due to existing duplicate {1} with SPIs", NULL,
                NULL, why) == IKE_AGAIN &&
              strstr(why, "older child SA"),
          "an older child SA of our own charon's is no refusal of the peer's");
    static const char *const wrong[] = {
        "signature validation failed, looking for another key",
        "no trusted Ed25519 public key found for 'bob'",
        "subject certificate invalid (valid from Jan 01 2020)",
        "issuer certificate invalid",
        "no issuer certificate found for \"CN=bob\"",
        "constraint check failed: peer not authenticated by CA 'CN=ca'",
        "IDir 'bob' does not match to 'carol'",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(after(BEGINS, ANSWERED, wrong[i], why) == IKE_WRONG_PEER && why[0],
              "it is somebody else: %s", wrong[i]);
    check(after(BEGINS, ANSWERED, "received AUTHENTICATION_FAILED notify error", why) ==
              IKE_REFUSED,
          "nor one that refuses us");
    check(after(BEGINS, ANSWERED, "received INVALID_SYNTAX notify error", why) == IKE_REFUSED,
          "nor one that refuses with another notify");
    check(after(BEGINS, NULL, NULL, why) == IKE_AGAIN && !why[0],
          "without a reason the peer is not blamed: it is asked again");
    check(out_of_time(true, true) == IKE_AGAIN, "a peer that answered, and was too slow");
    check(out_of_time(true, false) == IKE_SILENT, "a peer that never answered in time");
    return check_end();
}
