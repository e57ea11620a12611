/* charon's log of a refused request is outside text: only one exact line means anything. */
#include "btnsd/ike/private/state.h"
#include "test/unit/check.h"

#include <string.h>

static void parses(const char *line, const char *want)
{
    struct btns_addr inner;
    char ip[BTNS_ADDR_STR];
    bool ok = inner_parse(line, &inner);
    check(want ? ok && !strcmp(btns_addr_ip_str(&inner, ip), want) : !ok, "%s: %s", line,
          want ? want : "nothing");
}

int main(void)
{
    char longer[400];
    parses("traffic selectors 10.77.0.2/32[sctp/61002]  === 192.168.77.2/32[sctp/61001]  "
           "unacceptable",
           "192.168.77.2");
    parses("traffic selectors fd77::2/128[sctp/61002] === fd99::2/128[sctp/61001] unacceptable",
           "fd99::2");
    parses("traffic selectors 10.77.0.2/32[sctp/61002] === 192.168.77.2/32[tcp/61001] unacceptable",
           NULL);
    parses(
        "traffic selectors 10.77.0.2/32[sctp/61001] === 192.168.77.2/32[sctp/61002] unacceptable",
        NULL);
    parses("traffic selectors 10.77.0.2/32[sctp/61002] === 192.168.77/32[sctp/61001] unacceptable",
           NULL);
    parses("traffic selectors 10.77.0.2/32[sctp/61002] === [sctp/61001] unacceptable", NULL);
    parses("traffic selectors === ", NULL);
    parses("no traffic selectors 10.0.0.1/32 === 192.168.77.2/32[sctp/61001] unacceptable", NULL);
    parses("", NULL);
    memset(longer, '1', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    memcpy(longer, "traffic selectors === ", 22);
    memcpy(longer + 380, "/[sctp/61001]", 12);
    parses(longer, NULL);
    return check_end();
}
