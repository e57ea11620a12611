/* The kernel's counters of dropped signed segments: read from its text, and told in words. TAP. */
#include "btnsd/tcp/md5_counters.h"
#include "test/unit/check.h"

#include <string.h>

static const char good[] =
    "Icmp: A TCPMD5Failure\nIcmp: 8 9\n"
    "TcpExt: SyncookiesSent TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure X\n"
    "TcpExt: 1 22 333 4444 5\nIpExt: TCPMD5NotFound\nIpExt: 7\n";

int main(void)
{
    struct md5_counters c, zero = {{0}};
    char words[MD5_WORDS];
    check(md5_counters_parse(good, &c) && c.of[MD5_NOT_FOUND] == 22 &&
              c.of[MD5_UNEXPECTED] == 333 && c.of[MD5_FAILURE] == 4444,
          "each counter has its own value");
    check(strstr(md5_counters_words(&zero, &c, words), "4444 signed with another key") &&
              strstr(words, "(TCPMD5NotFound)"),
          "words: %s", words);
    check(!*md5_counters_words(&c, &c, words), "nothing new: no words");
    check(md5_counters_parse("TcpExt: A B\nTcpExt: 1 2\n", &c) && !memcmp(&c, &zero, sizeof c),
          "a kernel without the counters");
    check(md5_counters_parse("TcpExt: A TCPMD5Failure\nTcpExt: 1\n", &c) && !c.of[MD5_FAILURE],
          "fewer values than names");
    const char *const wrong[] = {"", "TcpExt:", "TcpExt: A\n", "TcpExt: A\nIpExt: 1\n", "x\n\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(!md5_counters_parse(wrong[i], &c), "text %zu is refused", i);
    for (size_t cut = 0; cut < sizeof good; cut++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        text[cut] = '\0';
        md5_counters_parse(text, &c);
    }
    check(true, "every beginning of it is read without harm");
    check(md5_counters_read(&c), "this kernel's own text is read");
    return check_end();
}
