/* The file of TCP-AO keys: what it may contain, and that no message quotes a secret. TAP. */
#include "btnsd/rules/files/ao_keys.h"
#include "test/unit/check.h"

#include <stdlib.h>
#include <string.h>

static struct ao_key key[AO_KEYS_MAX];
static unsigned n;
static struct err err;

/* Parses from memory of exactly this length, so that a sanitizer sees a read beyond it. */
static int parse_octets(const char *text, size_t len)
{
    char *exact = malloc(len ? len : 1);
    if (!exact)
        return -1;
    memcpy(exact, text, len);
    err_set(&err, "%s", "");
    int rc = ao_keys_parse(exact, len, key, &n, &err);
    static char kept[4096];
    for (unsigned i = 0; !rc && i < n; i++) { /* the secrets are in the text */
        memcpy(kept + i * SIGN_KEY_MAX, key[i].secret, key[i].len);
        key[i].secret = (uint8_t *)kept + i * SIGN_KEY_MAX;
    }
    free(exact);
    return rc;
}

static int parse(const char *text)
{
    return parse_octets(text, strlen(text));
}

static bool has_secret(unsigned i, const char *secret)
{
    return i < n && key[i].len == strlen(secret) && !memcmp(key[i].secret, secret, key[i].len);
}

static void test_good(void)
{
    check(!parse("current 1 2 hmac-sha-1-96 one secret with spaces\n") && n == 1, "one key");
    check(key[0].send_id == 1 && key[0].receive_id == 2 && key[0].algorithm == AO_HMAC_SHA_1_96 &&
              has_secret(0, "one secret with spaces"),
          "its identifiers, algorithm and secret");
    check(key[0].current && key[0].next, "alone, it is also what the peer is asked for");
    check(!parse("# keys of the two\n\nalso 255 254 hmac-sha-1-96 old\n"
                 "current 0 1 aes-128-cmac-96 now\nnext 2 3 hmac-sha-1-96 soon") &&
              n == 3,
          "three keys, a remark, an empty line, no newline at the end");
    check(key[0].send_id == 255 && !key[0].current && !key[0].next && has_secret(0, "old"), "old");
    check(key[1].algorithm == AO_AES_128_CMAC_96 && key[1].current && !key[1].next, "current");
    check(key[2].next && !key[2].current && has_secret(2, "soon"), "next");
    char longest[200] = "current 1 1 hmac-sha-1-96 ";
    size_t at = strlen(longest);
    memset(longest + at, 's', SIGN_KEY_MAX);
    check(!parse(longest) && key[0].len == SIGN_KEY_MAX, "the longest secret");
    longest[at + SIGN_KEY_MAX] = 's';
    check(parse(longest) && strstr(err.text, "1 to 80 octets"), "one that is longer: %s", err.text);
}

static void test_bad(void)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"", "no key is current"},
        {"\n# nothing\n", "no key is current"},
        {"also 1 1 hmac-sha-1-96 TOPSECRET", "no key is current"},
        {"TOPSECRET", "line 1: the first word"},
        {"TOPSECRET 1 1 hmac-sha-1-96 TOPSECRET", "line 1: the first word"},
        {"\ncurrent", "line 2: the first word"},
        {"current TOPSECRET", "line 1: the second and third words"},
        {"current 1 TOPSECRET x", "line 1: the second and third words"},
        {"current 256 1 hmac-sha-1-96 TOPSECRET", "second and third words"},
        {"current 1 -1 hmac-sha-1-96 TOPSECRET", "second and third words"},
        {"current 01 1 hmac-sha-1-96 TOPSECRET", "second and third words"},
        {"current 1 1000 hmac-sha-1-96 TOPSECRET", "second and third words"},
        {"current  1 1 hmac-sha-1-96 TOPSECRET", "second and third words"},
        {"current 1 1 TOPSECRET", "line 1: the fourth word"},
        {"current 1 1 hmac-sha-1 TOPSECRET", "line 1: the fourth word"},
        {"current 1 1 hmac-sha-1-96", "line 1: the fourth word"},
        {"current 1 1 hmac-sha-1-96 ", "line 1: the secret"},
        {"current 1 1 hmac-sha-1-96 x\nalso 1 2 hmac-sha-1-96 TOPSECRET",
         "line 2: another line has this send"},
        {"current 1 1 hmac-sha-1-96 x\nalso 2 1 hmac-sha-1-96 TOPSECRET",
         "line 2: another line has this send"},
        {"current 1 1 hmac-sha-1-96 x\ncurrent 2 2 hmac-sha-1-96 TOPSECRET",
         "line 2: another line has this role"},
        {"next 1 1 hmac-sha-1-96 x\nnext 2 2 hmac-sha-1-96 TOPSECRET",
         "line 2: another line has this role"},
        {"current 1 1 hmac-sha-1-96 a\nalso 2 2 hmac-sha-1-96 a\nalso 3 3 hmac-sha-1-96 a\n"
         "also 4 4 hmac-sha-1-96 a\nalso 5 5 hmac-sha-1-96 TOPSECRET",
         "line 5: there are more than 4 keys"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check(parse(bad[i].text) && strstr(err.text, bad[i].why) && !strstr(err.text, "TOPSECRET"),
              "%s", err.text);
    check(parse_octets("current 1 1 hmac-sha-1-96 a\0b", 29), "a secret with a zero in it");
}

/* Every prefix of a good file, and every change of one octet, is read without harm. */
static void test_any(void)
{
    char text[] = "# a\ncurrent 1 2 hmac-sha-1-96 one\nnext 3 4 aes-128-cmac-96 two\n";
    size_t taken = 0;
    for (size_t cut = 0; cut <= strlen(text); cut++)
        parse_octets(text, cut);
    for (size_t at = 0; at < strlen(text); at++) {
        char was = text[at];
        for (int octet = 0; octet < 256; octet++) {
            text[at] = (char)octet;
            taken += !parse_octets(text, sizeof text - 1);
        }
        text[at] = was;
    }
    check(taken > 0, "beginnings and exchanged octets: read without harm, %zu taken", taken);
}

int main(void)
{
    test_good();
    test_bad();
    test_any();
    return check_end();
}
