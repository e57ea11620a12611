/* ipsec_openssl_to_channel_info() without memory, at each place in turn. TAP. */
#include "test/programs/failing-allocator.h"
#include "test/programs/tls-ends.h"

/*
 * The certificate names the channel's key, another host's, or none; a binding is asked for. Never a
 * channel without it, nor another error than that of the case, but ENOMEM.
 */
static void test_no_memory(const char *name, const char *uri, int expected, bool exports)
{
    struct ends e;
    bool enomem = true, held = true;
    long n, before = 0;
    const uint32_t how = exports ? IPSEC_TLS_EXPORTER : IPSEC_TLS_END_POINT;
    ipsec_policy_t *p = policy_with(IPSEC_BTNS_CHANNEL_BINDING, 1);
    ipsec_set_policy_attr(p, IPSEC_POLICY_TLS_BINDING, sizeof how, &how);
    make_certificate("RSA", EVP_sha256(), uri);
    begin(&e, TLS1_3_VERSION, true);
    shake(&e);
    for (n = -1; n < 2000; n++) { /* the first fills OpenSSL's caches */
        ipsec_channel_info_t *ci = NULL;
        void *value = NULL;
        uint32_t len, auth = 0;
        until = n;
        int error = ipsec_openssl_to_channel_info(e.client, p, &ci) ? errno : 0;
        bool ended = fails_once ? until >= 0 : until > 0;
        until = -1;
        if (!error && !ipsec_get_channel_attr(ci, IPSEC_CHANNEL_AUTH, &len, &value))
            memcpy(&auth, value, sizeof auth);
        free(value);
        held &= error || auth == IPSEC_AUTH_TLS_BOUND;
        ipsec_free_channel_info(ci);
        if (n < 0)
            before = live;
        enomem &= error == ENOMEM || error == expected;
        if (n >= 0 && ended)
            break;
    }
    check(n > 10 && n < 2000 && enomem, "%s: at each of %ld allocations that fails: ENOMEM", name,
          n);
    check(held, "%s: never a channel that is not bound", name);
    check(live <= before + 1, "%s: and nothing is lost, but what OpenSSL keeps once", name);
    ipsec_free_policy(p);
    end(&e);
}

static void test_all_without_memory(void)
{
    char bob[128];
    snprintf(bob, sizeof bob, "URI:ipsec-key:%s", pretended_id);
    test_no_memory("bound", bob, 0, false);
    test_no_memory("bound by the exporter", bob, 0, true);
    test_no_memory("somebody in between",
                   "URI:ipsec-key:ed25519:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=", EBADE,
                   false);
    test_no_memory("not bound", NULL, ENOLINK, false);
}

static void test_every_allocation(void)
{
    test_all_without_memory();
    fails_once = 1;
    test_all_without_memory();
    fails_once = 0;
}

int main(void)
{
    pretend_btnsd(0);
    test_every_allocation();
    return check_end();
}
