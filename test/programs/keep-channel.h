/* Keeps the peer's channel info in a file between two runs. */
#ifndef BTNS_TEST_PROGRAMS_KEEP_CHANNEL_H
#define BTNS_TEST_PROGRAMS_KEEP_CHANNEL_H

#include <btns/ipsec.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline ipsec_channel_info_t *read_channel(const char *file)
{
    char line[IPSEC_EXPORT_MAX] = "";
    ipsec_channel_info_t *ci = NULL;
    FILE *f = fopen(file, "re");
    if (f && fgets(line, sizeof line, f))
        line[strcspn(line, "\n")] = '\0';
    if (f)
        fclose(f);
    if (*line && ipsec_import_channel_info(line, &ci)) {
        perror(file);
        exit(1);
    }
    return ci;
}

static inline void write_channel(const char *file, const ipsec_channel_info_t *ci)
{
    char *line;
    FILE *f = fopen(file, "we");
    if (!f || ipsec_export_channel_info(ci, &line)) {
        perror(file);
        exit(1);
    }
    fprintf(f, "%s\n", line);
    fclose(f);
    free(line);
}

#endif
