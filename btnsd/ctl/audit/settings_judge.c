/* Judges the values of the settings that matter for blind attacks on TCP. Pure. */
#include "btnsd/ctl/audit/tcp_settings.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_IN(row) "write `" row "' to a file in /etc/sysctl.d, and run sysctl --system"

#define JUDGE(name)                                                                                \
    static enum verdict name(const char *value, char why[SETTING_TEXT], char advice[SETTING_TEXT])
#define SAY(...)    snprintf(why, SETTING_TEXT, __VA_ARGS__)
#define ADVISE(row) snprintf(advice, SETTING_TEXT, "%s", NAME_IN(row))

JUDGE(judge_kernel)
{
    unsigned major = 0, minor = 0;
    if (sscanf(value, "%u.%u", &major, &minor) != 2) {
        SAY("the kernel's version cannot be read");
        return VERDICT_UNKNOWN;
    }
    unsigned version = major * 1000 + minor;
    if (version < 3006) {
        SAY("before Linux 3.6, a RST or SYN anywhere in the window ends a connection");
        snprintf(advice, SETTING_TEXT, "install a newer kernel");
        return VERDICT_BAD;
    }
    if (version < 4007) {
        SAY("the shared limit of 100 challenge ACKs a second tells others that a connection is "
            "there (CVE-2016-5696), unless this kernel has the correction");
        snprintf(advice, SETTING_TEXT, "install a newer kernel");
        return VERDICT_WEAK;
    }
    SAY("RST and SYN are challenged since Linux 3.6");
    return VERDICT_GOOD;
}

JUDGE(judge_challenge_limit)
{
    long limit = atol(value);
    if (limit >= INT_MAX) {
        SAY("no limit that connections share, which others could measure (CVE-2016-5696)");
        return VERDICT_GOOD;
    }
    SAY("all connections share %ld challenge ACKs a second: an attacker who uses them up and "
        "counts learns that a connection is there, and its numbers (CVE-2016-5696)",
        limit);
    ADVISE("net.ipv4.tcp_challenge_ack_limit = 2147483647");
    return VERDICT_BAD;
}

JUDGE(judge_ratelimit)
{
    long ms = atol(value);
    if (ms >= 500 && ms <= 5000) {
        SAY("one challenge ACK in %ld ms for each connection; the document says 10 in 5 s", ms);
        return VERDICT_GOOD;
    }
    ADVISE("net.ipv4.tcp_invalid_ratelimit = 500");
    if (ms > 5000) {
        SAY("one challenge ACK in %ld s: a peer that has restarted waits as long", ms / 1000);
        return VERDICT_WEAK;
    }
    SAY("more than 10 challenge ACKs in 5 s: forged segments make this host send as many");
    return VERDICT_BAD;
}

JUDGE(judge_timestamps)
{
    if (atoi(value) == 1) {
        SAY("old segments are recognised (PAWS), by clocks that begin at a random time");
        return VERDICT_GOOD;
    }
    ADVISE("net.ipv4.tcp_timestamps = 1");
    if (atoi(value) == 2)
        SAY("every connection shows the host's own clock, and so how long it is up");
    else
        SAY("without timestamps nothing but its number tells an old segment from a new one");
    return VERDICT_WEAK;
}

JUDGE(judge_port_range)
{
    unsigned from = 0, to = 0;
    if (sscanf(value, "%u %u", &from, &to) != 2 || to < from) {
        SAY("the range cannot be read");
        return VERDICT_UNKNOWN;
    }
    SAY("%u ports, which an attacker must guess from", to - from + 1);
    if (to - from + 1 >= 16384)
        return VERDICT_GOOD;
    ADVISE("net.ipv4.ip_local_port_range = 32768 60999");
    return to - from + 1 < 1024 ? VERDICT_BAD : VERDICT_WEAK;
}

JUDGE(judge_reserved_ports)
{
    (void)advice;
    SAY(*value ? "the self-test's source ports leave them out" : "none");
    return VERDICT_GOOD;
}

JUDGE(judge_syncookies)
{
    if (atoi(value) == 1) {
        SAY("a flood of SYNs does not keep others out");
        return VERDICT_GOOD;
    }
    ADVISE("net.ipv4.tcp_syncookies = 1");
    SAY(atoi(value) == 0 ? "a flood of SYNs with forged sources keeps others out of listeners"
                         : "cookies for every SYN, which is for tests: options are lost");
    return VERDICT_WEAK;
}

JUDGE(judge_rfc1337)
{
    if (atoi(value)) {
        SAY("a RST does not end TIME-WAIT early (RFC 1337)");
        return VERDICT_GOOD;
    }
    SAY("a RST with an exact number ends TIME-WAIT early, and old segments reach a new connection "
        "(RFC 1337)");
    ADVISE("net.ipv4.tcp_rfc1337 = 1");
    return VERDICT_WEAK;
}

JUDGE(judge_min_pmtu)
{
    int pmtu = atoi(value);
    SAY("a forged `fragmentation needed' makes packets no smaller than %d octets", pmtu);
    if (pmtu >= 552)
        return VERDICT_GOOD;
    ADVISE("net.ipv4.route.min_pmtu = 552");
    return VERDICT_WEAK;
}

JUDGE(judge_min_snd_mss)
{
    int mss = atoi(value);
    SAY("a peer makes segments no smaller than %d octets", mss);
    if (mss >= 48)
        return VERDICT_GOOD;
    ADVISE("net.ipv4.tcp_min_snd_mss = 48");
    return VERDICT_WEAK;
}

/* Value "all=0 eth0=1 ...": for each link, the greater of the two counts. */
JUDGE(judge_rp_filter)
{
    if (!*value || strstr(value, "=0") == NULL) {
        SAY("a packet that comes from the wrong side is dropped, on every link");
        return VERDICT_GOOD;
    }
    SAY("on links with 0, packets with any source address are taken: spoofed segments come in");
    ADVISE("net.ipv4.conf.all.rp_filter = 1");
    return VERDICT_WEAK;
}

JUDGE(judge_source_route)
{
    if (!atoi(value)) {
        SAY("no sender chooses the route of answers");
        return VERDICT_GOOD;
    }
    SAY("a sender chooses the route of answers, and sees the numbers");
    ADVISE("net.ipv4.conf.all.accept_source_route = 0");
    return VERDICT_BAD;
}

JUDGE(judge_redirects)
{
    if (!atoi(value)) {
        SAY("forged redirects do not change routes");
        return VERDICT_GOOD;
    }
    SAY("a forged redirect from the same link can lead packets past the attacker, who then sees "
        "the numbers");
    ADVISE("net.ipv4.conf.all.accept_redirects = 0");
    return VERDICT_WEAK;
}

JUDGE(judge_md5)
{
    if (!strcmp(value, "yes")) {
        SAY("rules can say action = sign (RFC 2385), which closes T6 wholly between two hosts");
        return VERDICT_GOOD;
    }
    SAY("this kernel signs no segments (CONFIG_TCP_MD5SIG): %s", value);
    snprintf(advice, SETTING_TEXT, "use protect, or a kernel with CONFIG_TCP_MD5SIG");
    return VERDICT_WEAK;
}

JUDGE(judge_ao)
{
    if (!strcmp(value, "yes")) {
        SAY("the kernel has TCP-AO (RFC 5925)");
        return VERDICT_GOOD;
    }
    SAY("this kernel has no TCP-AO (RFC 5925; Linux 6.7 and later, CONFIG_TCP_AO): %s", value);
    snprintf(advice, SETTING_TEXT, "use protect, or a kernel with CONFIG_TCP_AO");
    return VERDICT_WEAK;
}

const struct setting_row setting_rows[] = {
    {"kernel", false, false, judge_kernel},
    {"net.ipv4.tcp_challenge_ack_limit", true, false, judge_challenge_limit},
    {"net.ipv4.tcp_invalid_ratelimit", true, false, judge_ratelimit},
    {"net.ipv4.tcp_timestamps", true, false, judge_timestamps},
    {"net.ipv4.ip_local_port_range", true, false, judge_port_range},
    {"net.ipv4.ip_local_reserved_ports", true, true, judge_reserved_ports},
    {"net.ipv4.tcp_syncookies", true, false, judge_syncookies},
    {"net.ipv4.tcp_rfc1337", true, false, judge_rfc1337},
    {"net.ipv4.route.min_pmtu", false, false, judge_min_pmtu},
    {"net.ipv4.tcp_min_snd_mss", true, false, judge_min_snd_mss},
    {"net.ipv4.conf.*.rp_filter", false, true, judge_rp_filter},
    {"net.ipv4.conf.all.accept_source_route", false, false, judge_source_route},
    {"net.ipv4.conf.all.accept_redirects", false, false, judge_redirects},
    {"TCP-MD5", false, false, judge_md5},
    {"TCP-AO", false, false, judge_ao},
};
const unsigned setting_rows_n = sizeof setting_rows / sizeof *setting_rows;

enum verdict setting_judge(const struct setting_row *row, const char *value, char why[SETTING_TEXT],
                           char advice[SETTING_TEXT])
{
    *why = *advice = 0;
    if (*value || row->may_be_empty)
        return row->judge(value, why, advice);
    snprintf(why, SETTING_TEXT, "this kernel has no such setting, or it cannot be read here");
    return VERDICT_UNKNOWN;
}
