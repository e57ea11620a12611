/*
 * The kernel's counters of dropped signed segments: parsed from its text, and described in words.
 * TAP.
 */
#include "btnsd/tcp/sign_counters.h"
#include "test/unit/check.h"

#include <string.h>

static const char good[] =
    "Icmp: A TCPMD5Failure\nIcmp: 8 9\n"
    "TcpExt: SyncookiesSent TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure X TCPAORequired TCPAOBad "
    "TCPAOKeyNotFound TCPAOGood\n"
    "TcpExt: 1 22 333 4444 5 61 62 63 64\nIpExt: TCPMD5NotFound\nIpExt: 7\n";

int main(void)
{
    struct sign_counters c, zero = {{0}};
    char words[SIGN_WORDS];
    check(sign_counters_parse(good, &c) && c.of[MD5_NOT_FOUND] == 22 &&
              c.of[MD5_UNEXPECTED] == 333 && c.of[MD5_FAILURE] == 4444,
          "each counter has its own value");
    check(c.of[AO_REQUIRED] == 61 && c.of[AO_BAD] == 62 && c.of[AO_KEY_NOT_FOUND] == 63,
          "those of TCP-AO, too, in the kernel's order");
    check(strstr(sign_counters_words(&zero, &c, words), "4444 signed with another key") &&
              strstr(words, "(TCPMD5NotFound)"),
          "words: %s", words);
    check(!*sign_counters_words(&c, &c, words), "nothing new: no words");
    check(sign_counters_parse("TcpExt: A B\nTcpExt: 1 2\n", &c) && !memcmp(&c, &zero, sizeof c),
          "a kernel without the counters");
    check(sign_counters_parse("TcpExt: A TCPMD5Failure\nTcpExt: 1\n", &c) && !c.of[MD5_FAILURE],
          "fewer values than names");
    const char *const wrong[] = {"", "TcpExt:", "TcpExt: A\n", "TcpExt: A\nIpExt: 1\n", "x\n\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(!sign_counters_parse(wrong[i], &c), "text %zu is refused", i);
    for (size_t cut = 0; cut < sizeof good; cut++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        text[cut] = '\0';
        sign_counters_parse(text, &c);
    }
    check(true, "every beginning of it is read without harm");
    check(sign_counters_read(&c), "this kernel's own text is read");
    return check_end();
}
