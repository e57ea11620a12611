/*
 * Reads lines of known_peers from standard input (the manual page's example) and writes them
 * unchanged. TAP.
 */
#include "btnsd/ike/peers/peers_text.h"
#include "btnsd/ike/peers/text_lines.h"
#include "libapi/wire/wire.h"
#include "test/unit/check.h"

#include <string.h>

static bool is_written_the_same(const char *line, const struct peer *p)
{
    char written[LINES_LONGEST + 2] = "";
    FILE *f = fmemopen(written, sizeof written, "w");
    if (!f)
        return false;
    peer_print(f, p);
    fclose(f);
    size_t len = strlen(line);
    return !strncmp(written, line, len) && !strcmp(written + len, "\n");
}

int main(void)
{
    char line[LINES_LONGEST], copy[LINES_LONGEST];
    unsigned leap = 0, pinned = 0, without_latch = 0, named = 0;
    while (fgets(line, sizeof line, stdin)) {
        struct peer p;
        line[strcspn(line, "\n")] = '\0';
        strcpy(copy, line);
        const char *wrong = peer_parse(copy, &p);
        check(!wrong, "%.60s...: %s", line, wrong ? wrong : "read");
        check(!wrong && is_written_the_same(line, &p), "and written the same");
        leap += p.trust == BTNS_T_LEAP;
        pinned += p.trust == BTNS_T_PINNED;
        without_latch += p.no_latch;
        named += p.name[0] != '\0';
    }
    check(leap && pinned && without_latch && named, "the example has each word that can be there");
    return check_end();
}
