/*
 * Admission: every claim under every demand, compared with RFC 5386, section 2, and the latching
 * draft; and which ports a peer's inlets open. TAP.
 */
#include "btnsd/latch/admission/admit.h"
#include "btnsd/ike/private/inlet.h"
#include "libapi/wire/service.h"
#include "test/unit/check.h"

#include <netinet/in.h>

#define FACTS  9
#define CLAIMS (1u << FACTS)

static struct applicant_facts facts_of(unsigned bits)
{
    return (struct applicant_facts){.own = bits & 1,
                                    .latched = bits & 2,
                                    .pinned = bits & 4,
                                    .changed = bits & 8,
                                    .listed = bits & 16,
                                    .certified = bits & 32,
                                    .issued = bits & 64,
                                    .titled = bits & 128,
                                    .anybody = bits & 256};
}

static bool admitted(enum identity demanded, unsigned bits)
{
    struct applicant_facts c = facts_of(bits);
    return admit_decide(demanded, &c) == ADMIT_YES;
}

/* Each property holds for all claims under all demands. */
static bool never(bool (*wrong)(enum identity d, const struct applicant_facts *c, bool yes))
{
    for (unsigned bits = 0; bits < CLAIMS; bits++)
        for (enum identity d = IDENTITY_ANY_KEY; d <= IDENTITY_CERTIFICATE; d++) {
            struct applicant_facts c = facts_of(bits);
            if (wrong(d, &c, admitted(d, bits)))
                return false;
        }
    return true;
}

static bool own(enum identity d, const struct applicant_facts *c, bool yes)
{
    (void)d;
    return yes && c->own;
}

static bool another_latched(enum identity d, const struct applicant_facts *c, bool yes)
{
    (void)d;
    return yes && c->latched;
}

static bool key_on_pinned(enum identity d, const struct applicant_facts *c, bool yes)
{
    return yes && d != IDENTITY_CERTIFICATE && c->pinned;
}

static bool anybody_on_pinned(enum identity d, const struct applicant_facts *c, bool yes)
{
    return yes && d == IDENTITY_CERTIFICATE && c->anybody && c->pinned;
}

static bool unlisted(enum identity d, const struct applicant_facts *c, bool yes)
{
    return yes && d == IDENTITY_NAMED && !c->listed;
}

static bool changed(enum identity d, const struct applicant_facts *c, bool yes)
{
    return yes && d == IDENTITY_KNOWN_KEY && c->changed;
}

static bool less_than_certified(enum identity d, const struct applicant_facts *c, bool yes)
{
    return yes && d == IDENTITY_CERTIFICATE && !(c->certified && c->issued && c->titled);
}

static bool certified_for_key(enum identity d, const struct applicant_facts *c, bool yes)
{
    return yes && d != IDENTITY_CERTIFICATE && c->certified;
}

/* The peer is refused although no fact speaks against it. */
static bool without_reason(enum identity d, const struct applicant_facts *c, bool yes)
{
    bool against = c->own || c->latched;
    if (d == IDENTITY_CERTIFICATE)
        against |= !c->certified || !c->issued || !c->titled || (c->anybody && c->pinned);
    else
        against |= c->certified || c->pinned || (d == IDENTITY_NAMED && !c->listed) ||
                   (d == IDENTITY_KNOWN_KEY && c->changed);
    return !yes && !against;
}

/* A stronger demand admits no key that any-key would refuse. */
static bool stronger_admits_less(void)
{
    for (unsigned bits = 0; bits < CLAIMS; bits++)
        if ((admitted(IDENTITY_KNOWN_KEY, bits) || admitted(IDENTITY_NAMED, bits)) &&
            !admitted(IDENTITY_ANY_KEY, bits))
            return false;
    return true;
}

static void decisions(void)
{
    check(never(own), "our own key is nobody else's");
    check(never(another_latched), "who is latched to another key is refused (L15, L17)");
    check(never(key_on_pinned), "no key speaks for an address that is pinned to another");
    check(never(anybody_on_pinned), "nor does a certificate that is not asked for by its id");
    check(never(unlisted), "named: nobody who is not listed");
    check(never(changed), "known-key: no changed key");
    check(never(less_than_certified), "certificate: its authority and id, and nothing less");
    check(never(certified_for_key), "a certificate is not taken for a key");
    check(never(without_reason), "nobody is refused for nothing");
    check(stronger_admits_less(), "what is stronger admits less");
}

static const struct inlet *find(const struct inlets *l, uint16_t port)
{
    return inlets_find(l, (struct service){IPPROTO_TCP, port});
}

static void inlets(void)
{
    struct inlets l = {0}, copy;
    inlets_open(&l, IPPROTO_TCP, 1, 65535, NULL);
    check(l.n == 1 && find(&l, 1) && find(&l, 65535), "everything is open");
    inlets_close(&l, IPPROTO_TCP, 443, 443);
    check(l.n == 2 && find(&l, 442) && !find(&l, 443) && find(&l, 444),
          "a port is closed, its neighbours are not");
    inlets_open(&l, IPPROTO_TCP, 443, 443, "aes256gcm16");
    check(find(&l, 443)->suite && !find(&l, 442)->suite, "it has a suite of its own");
    check(!inlets_copy(&copy, &l) && inlets_equal(&copy, &l), "a copy is equal");
    inlets_close(&l, IPPROTO_TCP, 1, 1);
    inlets_close(&l, IPPROTO_TCP, 65535, 65535);
    check(!find(&l, 1) && !find(&l, 65535) && find(&l, 2), "the ends close");
    check(!inlets_equal(&copy, &l), "and then it is not");
    inlets_close(&l, IPPROTO_TCP, 400, 500);
    check(!find(&l, 443) && find(&l, 399) && find(&l, 501), "a range closes");
    inlets_close(&l, IPPROTO_TCP, 1, 65535);
    check(!l.n, "everything is closed");
    inlets_free(&l);
    inlets_free(&copy);
}

int main(void)
{
    decisions();
    inlets();
    return check_end();
}
