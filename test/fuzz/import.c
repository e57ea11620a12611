/*
 * Fuzzes ipsec_import_channel_info(): a line that it accepts is exported unchanged, and names a
 * peer.
 */
#include "libapi/btns/ipsec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void demand(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char *line = malloc(size + 1), *again = NULL;
    ipsec_channel_info_t *ci = NULL;
    if (!line)
        return 0;
    if (size)
        memcpy(line, data, size);
    line[size] = '\0';
    if (!ipsec_import_channel_info(line, &ci)) {
        demand(ci && strlen(line) < IPSEC_EXPORT_MAX);
        demand(!ipsec_export_channel_info(ci, &again) && !strcmp(line, again));
        demand(!ipsec_cmp_channel_info(ci, ci));
    } else {
        demand(!ci);
    }
    free(again);
    free(line);
    ipsec_free_channel_info(ci);
    return 0;
}
