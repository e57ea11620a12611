/* Reads the settings from /proc/sys, and tries the socket options. */
#include "btnsd/ctl/audit/tcp_settings.h"

#include "btnsd/tcp/ao.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

static FILE *open_setting(const char *name, const char *mode)
{
    char path[160];
    int n = snprintf(path, sizeof path, "/proc/sys/");
    for (; *name && n < (int)sizeof path - 1; name++)
        path[n++] = *name == '.' ? '/' : *name;
    path[n] = 0;
    return fopen(path, mode);
}

bool setting_read_sysctl(const char *name, char value[SETTING_VALUE])
{
    FILE *f = open_setting(name, "re");
    *value = 0;
    if (!f)
        return false;
    bool ok = fgets(value, SETTING_VALUE, f) || feof(f);
    fclose(f);
    value[strcspn(value, "\n")] = 0;
    for (char *tab = value; (tab = strchr(tab, '\t'));)
        *tab = ' ';
    return ok;
}

bool setting_write_sysctl(const char *name, const char *value)
{
    FILE *f = open_setting(name, "we");
    if (!f)
        return false;
    bool ok = fprintf(f, "%s\n", value) > 0;
    return !fclose(f) && ok;
}

/* Writes "lo=0 eth0=1": for each link, the greater of its own value and the one for all links. */
static void read_rp_filter(char value[SETTING_VALUE])
{
    char one[SETTING_VALUE], name[300];
    setting_read_sysctl("net.ipv4.conf.all.rp_filter", one);
    int all = atoi(one), n = 0;
    DIR *d = opendir("/proc/sys/net/ipv4/conf");
    for (struct dirent *e; d && (e = readdir(d));) {
        FILE *f;
        int own;
        if (*e->d_name == '.' || !strcmp(e->d_name, "all") || !strcmp(e->d_name, "default") ||
            !strcmp(e->d_name, "lo"))
            continue;
        snprintf(name, sizeof name, "/proc/sys/net/ipv4/conf/%s/rp_filter", e->d_name);
        if (!(f = fopen(name, "re")))
            continue;
        if (fscanf(f, "%d", &own) == 1 && n < SETTING_VALUE - 1)
            n += snprintf(value + n, (size_t)(SETTING_VALUE - n), "%s%s=%d", n ? " " : "",
                          e->d_name, own > all ? own : all);
        fclose(f);
    }
    if (d)
        closedir(d);
}

/* Does the kernel know this option? Writes "yes", or the error. */
static void setting_has_md5(char value[SETTING_VALUE])
{
    struct tcp_md5sig key = {.tcpm_keylen = 1, .tcpm_key = "x"};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(&key.tcpm_addr, &at, sizeof at);
    bool ok = fd >= 0 && !setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &key, sizeof key);
    snprintf(value, SETTING_VALUE, "%s", ok ? "yes" : strerror(errno));
    if (fd >= 0)
        close(fd);
}

static void setting_has_ao(char value[SETTING_VALUE])
{
    int rc = tcp_ao_try();
    snprintf(value, SETTING_VALUE, "%s", rc ? strerror(-rc) : "yes");
}

static void read_kernel_setting(char value[SETTING_VALUE])
{
    struct utsname u;
    if (!uname(&u))
        snprintf(value, SETTING_VALUE, "%s", u.release);
}

static const struct {
    const char *name;
    void (*read)(char value[SETTING_VALUE]);
} special[] = {
    {"kernel", read_kernel_setting},
    {"net.ipv4.conf.*.rp_filter", read_rp_filter},
    {"TCP-MD5", setting_has_md5},
    {"TCP-AO", setting_has_ao},
};

void settings_read(struct settings *s)
{
    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i < setting_rows_n; i++) {
        size_t k = 0;
        while (k < sizeof special / sizeof *special &&
               strcmp(special[k].name, setting_rows[i].name))
            k++;
        if (k < sizeof special / sizeof *special)
            special[k].read(s->value[i]);
        else if (!setting_read_sysctl(setting_rows[i].name, s->value[i]))
            *s->value[i] = 0;
    }
}
