/*
 * Hosts that were found not to run btnsd: for how long this is remembered, across restarts, and
 * what ends it. TAP.
 */
#include "btnsd/state/plain_hosts.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NOW  1700000000u
#define LAST (PLAIN_HOURS * 3600u)

static struct plain_hosts h, again;

static void test_memory(void)
{
    struct btns_addr v4 = addr("10.0.0.1", 80), same = addr("10.0.0.1", 443);
    struct btns_addr v6 = addr("fd00::1", 80);
    char text[PLAIN_TEXT] = "";
    check(plain_host_find(&h, &v4, NOW, text) == PLAIN_UNKNOWN && !*text, "nothing is known");
    plain_host_add(&h, &v4, PLAIN_WITHOUT, NOW);
    plain_host_add(&h, &v6, PLAIN_SLOW, NOW);
    check(plain_host_find(&h, &same, NOW + 1, text) == PLAIN_WITHOUT, "for every port");
    check(strstr(text, "btnsctl forget 10.0.0.1 ends that"), "it says how to end that: %s", text);
    check(plain_host_find(&h, &v6, NOW + 1, NULL) == PLAIN_SLOW, "a slow one is another thing");
    check(plain_host_find(&h, &v4, NOW + LAST - 1, NULL) == PLAIN_WITHOUT, "hours later");
    check(plain_host_find(&h, &v4, NOW + LAST, NULL) == PLAIN_UNKNOWN, "and then no more");
    check(plain_host_find(&h, &v4, NOW - 10, NULL) == PLAIN_UNKNOWN, "the clock was put back");
}

static void test_file(void)
{
    struct btns_addr v4 = addr("10.0.0.1", 0), v6 = addr("fd00::1", 0);
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    plain_hosts_print(f, &h, NOW + 5);
    fclose(f);
    unsigned lines = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        lines += plain_hosts_read(&again, line, NOW + 5);
    free(text);
    check(lines == 3 && plain_host_find(&again, &v4, NOW + 6, NULL) == PLAIN_WITHOUT &&
              plain_host_find(&again, &v6, NOW + 6, NULL) == PLAIN_SLOW,
          "what is written is read again");
    check(plain_host_find(&again, &v4, NOW + LAST, NULL) == PLAIN_UNKNOWN, "not for longer");
    static const char *const bad[] = {"",
                                      "10.0.0.1",
                                      "10.0.0.1 x none",
                                      "10.0.0.1 1700000100 gone",
                                      "host 1700000100 none",
                                      "10.0.0.1 1700000100 none more",
                                      "10.0.0.1:80 1700000100 none"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check(!plain_hosts_read(&again, bad[i], NOW), "no line: %s", bad[i]);
    struct btns_addr other = addr("10.0.0.2", 0);
    check(plain_hosts_read(&again, "10.0.0.2 9700000000 none", NOW) &&
              plain_host_find(&again, &other, NOW, NULL) == PLAIN_UNKNOWN,
          "nothing is remembered for ever");
}

static void test_end(void)
{
    struct btns_addr v4 = addr("10.0.0.1", 0);
    check(plain_host_forget(&h, &v4, NOW + 1) && !plain_host_forget(&h, &v4, NOW + 1) &&
              plain_host_find(&h, &v4, NOW + 1, NULL) == PLAIN_UNKNOWN,
          "forgotten");
    char ip[32];
    for (unsigned i = 0; i < 100000; i++) {
        snprintf(ip, sizeof ip, "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
        struct btns_addr a = addr(ip, 0);
        plain_host_add(&h, &a, PLAIN_WITHOUT, NOW + i / 1000);
    }
    struct btns_addr last = addr(ip, 0);
    check(plain_host_find(&h, &last, NOW + 100, NULL) == PLAIN_WITHOUT,
          "of too many, the newest are kept");
}

int main(void)
{
    test_memory();
    test_file();
    test_end();
    return check_end();
}
