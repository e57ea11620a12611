/* Decides whether an SA is good enough for a latch. Pure. */
#include "btnsd/latch/keying/sa_judge.h"

#include <netinet/in.h>
#include <string.h>

#define FAULTS_MAX 8

/* The checks of each single SA, in order: the first fault is the one that is reported. */
static const enum sa_fault of_each[][FAULTS_MAX] = {
    [SA_OF_OURS] = {SA_NOT_ESP, SA_OTHER_MODE, SA_NO_SUITE, SA_OTHER_SUITE, SA_SHORT_ICV},
    [SA_OF_OTHERS] = {SA_NOT_ESP, SA_OTHER_MODE, SA_NO_SUITE, SA_SHORT_ICV, SA_WEAKER,
                      SA_OTHER_SUITE},
};
/* The checks that come after those: of both directions together, or of one of the two. */
static const enum sa_fault of_pair[FAULTS_MAX] = {SA_SUITES_DIFFER, SA_REPLAY_WINDOW,
                                                  SA_NOT_ENCAPSULATED};

const struct suite *sa_suite(const struct sad_entry *sa)
{
    for (const struct suite *s = suites; s->name; s++)
        if (!strcmp(s->kernel, sa->alg) && s->key_bits == sa->key_bits)
            return s;
    return NULL;
}

/*
 * Has the SA this fault? The checks before this one have passed: from SA_OTHER_SUITE on, the SA has
 * a suite.
 */
static bool sa_has_fault(enum sa_fault fault, const struct sa_facts *f, const struct sad_entry *sa)
{
    const struct suite *suite = sa_suite(sa);
    switch (fault) {
    case SA_NOT_ESP:
        return sa->protocol != IPPROTO_ESP;
    case SA_OTHER_MODE:
        return sa->mode != (sa->outer_dst.family ? XFRM_MODE_BEET : XFRM_MODE_TRANSPORT);
    case SA_NO_SUITE: /* an AEAD leaves nothing for a separate integrity algorithm to do */
        return !suite || (f->maker == SA_OF_OTHERS && sa->auth[0]);
    case SA_OTHER_SUITE:
        return f->latched && suite != f->latched;
    case SA_SHORT_ICV:
        return sa->icv_bits < ESP_ICV_BITS;
    case SA_WEAKER:
        return f->asked && suite->key_bits < f->asked->key_bits;
    default:
        return false;
    }
}

static struct sa_verdict judge_pair(enum sa_fault fault, const struct sa_facts *f)
{
    const struct sad_entry *out = f->out, *in = f->in, *one = out ? out : in;
    static const struct sa_verdict good = {SA_GOOD, NULL};
    switch (fault) {
    case SA_SUITES_DIFFER:
        return out && in && sa_suite(out) != sa_suite(in) ? (struct sa_verdict){fault, NULL} : good;
    case SA_REPLAY_WINDOW: /* only the receiver has a replay window */
        return in && in->replay_window < f->replay_window ? (struct sa_verdict){fault, in} : good;
    case SA_NOT_ENCAPSULATED:
        return f->encapsulated && !one->encap ? (struct sa_verdict){fault, one} : good;
    default:
        return good;
    }
}

struct sa_verdict sa_judge(const struct sa_facts *f)
{
    const struct sad_entry *each[] = {f->out, f->in};
    struct sa_verdict verdict = {SA_GOOD, NULL};
    for (size_t i = 0; i < 2; i++)
        for (const enum sa_fault *fault = of_each[f->maker]; each[i] && *fault; fault++)
            if (sa_has_fault(*fault, f, each[i]))
                return (struct sa_verdict){*fault, each[i]};
    for (const enum sa_fault *fault = of_pair; *fault && !verdict.fault; fault++)
        verdict = judge_pair(*fault, f);
    return verdict;
}

static const char *sa_subject(const struct sa_facts *f, const struct sad_entry *sa)
{
    if (f->maker == SA_OF_OURS)
        return "the SA in place";
    return sa == f->out ? "the outgoing SA" : "the incoming SA";
}

/* Names the SA's algorithms, as the kernel calls them, and says what is wrong with them. */
static void write_sa_algorithms(char why[BTNS_TEXT_MAX], const char *who,
                                const struct sad_entry *sa, const char *fault, const char *value)
{
    snprintf(why, BTNS_TEXT_MAX, "%s has %s%s%s with %u key bits, %s%s", who,
             sa->alg[0] ? sa->alg : "no cipher", sa->auth[0] ? " and " : "", sa->auth, sa->key_bits,
             fault, value);
}

static void write_sa_window(char why[BTNS_TEXT_MAX], const char *who, unsigned has, unsigned least)
{
    if (has)
        snprintf(why, BTNS_TEXT_MAX, "%s has a replay window of %u packets: %u are asked for", who,
                 has, least);
    else
        snprintf(why, BTNS_TEXT_MAX, "%s has no replay window", who);
}

static void write_sa_fault(char why[BTNS_TEXT_MAX], const struct sa_facts *f, struct sa_verdict v)
{
    const struct sad_entry *sa = v.sa;
    const char *who = sa_subject(f, sa);
    switch (v.fault) {
    case SA_GOOD:
        break;
    case SA_NOT_ESP:
        snprintf(why, BTNS_TEXT_MAX, "%s is of protocol %u, not ESP", who, sa->protocol);
        break;
    case SA_OTHER_MODE:
        snprintf(why, BTNS_TEXT_MAX, "%s is not in %s mode", who,
                 sa->outer_dst.family ? "BEET" : "transport");
        break;
    case SA_NO_SUITE:
        write_sa_algorithms(why, who, sa, "which is none of our suites", "");
        break;
    case SA_OTHER_SUITE:
        write_sa_algorithms(why, who, sa, "latched is ", f->latched->name);
        break;
    case SA_SHORT_ICV:
        snprintf(why, BTNS_TEXT_MAX, "%s has an integrity check of %u bits: %u are asked for", who,
                 sa->icv_bits, ESP_ICV_BITS);
        break;
    case SA_WEAKER:
        snprintf(why, BTNS_TEXT_MAX, "%s has %s, which is weaker than %s", who, sa_suite(sa)->name,
                 f->asked->name);
        break;
    case SA_SUITES_DIFFER:
        snprintf(why, BTNS_TEXT_MAX, "the SAs differ: %s out, %s in", sa_suite(f->out)->name,
                 sa_suite(f->in)->name);
        break;
    case SA_REPLAY_WINDOW:
        write_sa_window(why, who, sa->replay_window, f->replay_window);
        break;
    case SA_NOT_ENCAPSULATED:
        snprintf(why, BTNS_TEXT_MAX, "%s is not encapsulated in UDP", who);
        break;
    }
}

bool sa_is_good(const struct sa_facts *f, char why[BTNS_TEXT_MAX])
{
    struct sa_verdict v = sa_judge(f);
    write_sa_fault(why, f, v);
    return v.fault == SA_GOOD;
}
