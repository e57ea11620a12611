/* Looks for the sockets of tmux servers and ssh masters. */
#include "shim/run/servers.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool server_answers(const char *path)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof un.sun_path)
        return false;
    strcpy(un.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = fd >= 0 && !connect(fd, (const struct sockaddr *)&un, sizeof un);
    if (fd >= 0)
        close(fd);
    return ok;
}

/*
 * The value of a short option, in the same word or in the next one; NULL if the option is not
 * there.
 */
static const char *server_option_value(char *const *argv, char letter)
{
    for (char *const *a = argv; argv && *a; a++)
        if ((*a)[0] == '-' && (*a)[1] == letter)
            return (*a)[2] ? *a + 2 : a[1];
    return NULL;
}

static bool find_tmux_server(char *const *argv, char *where, size_t size)
{
    const char *path = server_option_value(argv, 'S'), *name = server_option_value(argv, 'L');
    const char *dir = getenv("TMUX_TMPDIR"), *inside = getenv("TMUX");
    if (path)
        snprintf(where, size, "%s", path);
    else if (!name && inside && *inside)
        snprintf(where, size, "%.*s", (int)strcspn(inside, ","), inside);
    else
        snprintf(where, size, "%s/tmux-%u/%s", dir && *dir ? dir : "/tmp", getuid(),
                 name ? name : "default");
    return server_answers(where);
}

/* Turns a ControlPath into a glob pattern: each token for host, port or user matches anything. */
static void server_socket_pattern(const char *path, char *out, size_t size)
{
    const char *home = getenv("HOME");
    size_t n = 0;
    if (path[0] == '~' && path[1] == '/' && home) {
        n = (size_t)snprintf(out, size, "%s", home);
        path++;
    }
    for (; *path && n + 2 < size; path++) {
        if (*path == '%' && path[1])
            path++, out[n++] = '*';
        else
            out[n++] = *path;
    }
    out[n < size ? n : size - 1] = '\0';
}

static bool find_ssh_master_server(const char *path, char *where, size_t size)
{
    char pattern[512];
    glob_t found = {0};
    bool any = false;
    server_socket_pattern(path, pattern, sizeof pattern);
    if (!glob(pattern, GLOB_NOSORT, NULL, &found))
        for (size_t i = 0; !any && i < found.gl_pathc; i++) {
            any = server_answers(found.gl_pathv[i]);
            snprintf(where, size, "%s", found.gl_pathv[i]);
        }
    globfree(&found);
    return any;
}

/*
 * Cuts the value out of a line "ControlPath VALUE" or "ControlPath=VALUE"; NULL for any other line.
 */
static char *server_control_path(char *line)
{
    static const char name[] = "ControlPath";
    line += strspn(line, " \t");
    if (strncasecmp(line, name, sizeof name - 1))
        return NULL;
    line += sizeof name - 1;
    size_t gap = strspn(line, " \t=\"");
    if (!gap)
        return NULL;
    line += gap;
    line[strcspn(line, "\"\r\n")] = '\0';
    return line;
}

static bool find_server_socket_in_file(const char *file, char *where, size_t size)
{
    char line[1024], *path;
    bool any = false;
    FILE *f = fopen(file, "re");
    while (f && !any && fgets(line, sizeof line, f))
        if ((path = server_control_path(line)))
            any = find_ssh_master_server(path, where, size);
    if (f)
        fclose(f);
    return any;
}

static bool find_ssh_server(char *const *argv, char *where, size_t size)
{
    char text[512], *path;
    const char *home = getenv("HOME");
    const char *given = server_option_value(argv, 'S');
    for (char *const *a = argv; !given && argv && *a; a++) {
        snprintf(text, sizeof text, "%s", !strncmp(*a, "-o", 2) && (*a)[2] ? *a + 2 : *a);
        if ((path = server_control_path(text)))
            given = path;
    }
    if (given)
        return strcmp(given, "none") && find_ssh_master_server(given, where, size);
    snprintf(text, sizeof text, "%s/.ssh/config", home ? home : "");
    return find_server_socket_in_file(text, where, size) ||
           find_server_socket_in_file("/etc/ssh/ssh_config", where, size);
}

bool servers_find(const struct started *s, char *where, size_t size)
{
    *where = '\0';
    return strcmp(s->name, "tmux") ? find_ssh_server(s->argv, where, size)
                                   : find_tmux_server(s->argv, where, size);
}
