/* Checks of rules that take certificates (useipsec, section 8 f and g). */
#include "btnsd/ctl/lint/lint.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

static bool by_certificate(const struct rule *r)
{
    return r->profile && r->profile->who.identity == IDENTITY_CERTIFICATE;
}

static void certificates_any_of_ca(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (!r->profile->who.id && !r->remotes)
        finding_say(
            l, check, i, finding_profile_node(l, i),
            "give the profile an id, or the rule remote addresses",
            "profile \"%s\" takes every certificate of %s, from everywhere: any of them can be "
            "the other end",
            r->profile->name, r->profile->who.ca_file);
}

static void ca_certificate_date(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    BIO *in = BIO_new_mem_buf(r->profile->who.ca_pem, -1);
    X509 *x = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    bool early = x && X509_cmp_current_time(X509_get0_notBefore(x)) > 0;
    bool late = x && X509_cmp_current_time(X509_get0_notAfter(x)) < 0;
    if (early || late)
        finding_say(l, check, i, finding_profile_node(l, i),
                    "get the authority's current certificate",
                    "the certificate in %s is %s: no certificate that it issued is accepted",
                    r->profile->who.ca_file, early ? "not valid yet" : "expired");
    X509_free(x);
    BIO_free(in);
}

void lint_certificates(struct lint *l)
{
    for (size_t i = 0; i < l->rules->n; i++)
        if (by_certificate(&l->rules->rule[i])) {
            certificates_any_of_ca(l, finding_check_named(l, "any-of-ca"), i);
            ca_certificate_date(l, finding_check_named(l, "ca-date"), i);
        }
}
