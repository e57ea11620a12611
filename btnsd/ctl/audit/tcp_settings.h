/* Reads and judges the kernel's settings that matter for blind attacks on TCP. */
#ifndef BTNS_CTL_AUDIT_TCP_SETTINGS_H
#define BTNS_CTL_AUDIT_TCP_SETTINGS_H

#include "btnsd/ctl/audit/verdict.h"

#include <stdbool.h>
#include <stddef.h>

#define SETTING_VALUE 96
#define SETTING_TEXT  320

struct setting_row {
    const char *name; /* the name of the sysctl or of the probed socket option */
    bool copied;      /* the self-test's private namespace gets the host's value */
    bool may_be_empty;
    enum verdict (*judge)(const char *value, char why[SETTING_TEXT], char advice[SETTING_TEXT]);
};
extern const struct setting_row setting_rows[]; /* settings_judge.c */
extern const unsigned setting_rows_n;
/* advice is "" if there is nothing to do. */
enum verdict setting_judge(const struct setting_row *row, const char *value, char why[SETTING_TEXT],
                           char advice[SETTING_TEXT]);

#define SETTINGS_MAX 24
/* The values of the rows, in their order; "": the kernel has no such setting. */
struct settings {
    char value[SETTINGS_MAX][SETTING_VALUE];
};
/* Reads the values in the network namespace of this process. */
void settings_read(struct settings *s);
/*
 * Read and write one sysctl, such as "net.ipv4.tcp_timestamps". False: it does not exist, or access
 * is denied.
 */
bool setting_read_sysctl(const char *name, char value[SETTING_VALUE]);
bool setting_write_sysctl(const char *name, const char *value);

#endif
