/*
 * A small key-value store and its client. Each remembers the other's IPsec key across runs, and
 * refuses another peer at the same address.
 *
 *   cc kv.c -o kv $(pkg-config --cflags --libs btns)
 *   kv serve PORT KNOWN
 *   kv get ADDRESS PORT KNOWN NAME
 *   kv set ADDRESS PORT KNOWN NAME VALUE
 *
 * KNOWN is the file of the peers met so far, with lines of "ADDRESS btns1:...". The server serves
 * one client at a time: this example is about identity. Exit status: 0, 1 (failed), 2 (usage).
 */
#include <btns/ipsec.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAIRS 100

static int failed(const char *what)
{
    char why[512];
    fprintf(stderr, "kv: %s: %m", what);
    if (ipsec_get_reason(why, sizeof why))
        fprintf(stderr, ": %s", why);
    fputc('\n', stderr);
    return -1;
}

/* ---- the remembered peers */

static void give_up(const char *file, const char *what)
{
    fprintf(stderr, "%s: %s\n", file, what);
    exit(1);
}

/*
 * Returns NULL if no peer is remembered for this address. A file that exists and cannot be read
 * ends the program: otherwise every peer would look new.
 */
static ipsec_channel_info_t *remembered_key(const char *file, const char *address)
{
    char at[64], line[IPSEC_EXPORT_MAX];
    ipsec_channel_info_t *who = NULL;
    FILE *f = fopen(file, "re");
    if (!f && errno != ENOENT)
        give_up(file, strerror(errno));
    while (f && !who) {
        int fields = fscanf(f, "%63s %511s", at, line);
        if (fields == EOF)
            break;
        if (fields != 2)
            give_up(file, "a line is not \"ADDRESS btns1:...\"");
        if (!strcmp(at, address) && ipsec_import_channel_info(line, &who))
            give_up(file, strerror(errno));
    }
    if (f)
        fclose(f);
    return who;
}

/*
 * One write, so that a line is written whole or not at all; only the owner may write to the file.
 */
static int remember_key(const char *file, const char *address, const ipsec_channel_info_t *who)
{
    char line[IPSEC_EXPORT_MAX + 80], *text;
    if (ipsec_export_channel_info(who, &text))
        return -1;
    int len = snprintf(line, sizeof line, "%s %s\n", address, text);
    free(text);
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, line, (size_t)len);
    return close(fd) || n != len ? -1 : 0;
}

/*
 * Any peer is accepted, but the connection is protected or fails. A listener's policy applies to
 * the connections that it accepts.
 */
static int protect_socket(int fd)
{
    const uint32_t on = 1;
    ipsec_policy_t *policy = ipsec_new_policy(IPSEC_DEFAULT_POLICY);
    int rc = !policy || ipsec_set_policy_attr(policy, IPSEC_BTNS_STANDALONE, sizeof on, &on) ||
                     ipsec_set_socket_policy(fd, policy)
                 ? -1
                 : 0;
    ipsec_free_policy(policy);
    return rc;
}

/* ---- the client */

/* connect() fails if another server than the remembered one is there, and nothing is sent. */
static int connect_to(const char *address, const char *port, const char *known)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    ipsec_channel_info_t *server = remembered_key(known, address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (!inet_aton(address, &to.sin_addr) || fd < 0 || protect_socket(fd) ||
        (server && ipsec_set_socket_channel_info(fd, server)) ||
        connect(fd, (const struct sockaddr *)&to, sizeof to))
        return failed(address);
    if (!server &&
        (ipsec_get_socket_channel_info(fd, &server) || remember_key(known, address, server)))
        return failed(known);
    ipsec_free_channel_info(server);
    return fd;
}

/* words: "get" or "set", address, port, file, name, value (NULL for get) */
static int ask_server(char **words)
{
    char answer[1024];
    int fd = connect_to(words[1], words[2], words[3]);
    if (fd < 0)
        return 1;
    dprintf(fd, "%s %s %s\n", words[0], words[4], words[5] ? words[5] : "");
    ssize_t n = read(fd, answer, sizeof answer - 1);
    close(fd);
    if (n <= 0) {
        fputs("kv: the server does not answer\n", stderr);
        return 1;
    }
    answer[n] = '\0';
    fputs(answer, stdout);
    return 0;
}

/* ---- the server */

static struct {
    char name[64], value[256];
} pair[PAIRS];

static void answer(int fd, const char *question)
{
    char verb[8] = "", name[64] = "", value[256] = "";
    int i = 0, words = sscanf(question, "%7s %63s %255s", verb, name, value);
    while (i < PAIRS && *pair[i].name && strcmp(pair[i].name, name))
        i++;
    if (words == 2 && !strcmp(verb, "get"))
        dprintf(fd, "%s\n", i < PAIRS && *pair[i].name ? pair[i].value : "(nothing)");
    else if (words == 3 && !strcmp(verb, "set") && i < PAIRS) {
        strcpy(pair[i].name, name);
        strcpy(pair[i].value, value);
        dprintf(fd, "ok\n");
    } else
        dprintf(fd, "what?\n");
}

/* Returns 0 if the client is the one that was at this address before, or the first one there. */
static int check_client(int fd, const char *clients, const char *address)
{
    ipsec_channel_info_t *now = NULL, *before = remembered_key(clients, address);
    char who[256];
    int rc = ipsec_get_socket_channel_info(fd, &now) || ipsec_who(fd, who, sizeof who);
    if (rc)
        failed(address);
    else if (!before && (rc = remember_key(clients, address, now)))
        failed(clients);
    else if (before && (rc = ipsec_cmp_channel_info(now, before)))
        printf("refused: %s is another one than before: %s\n", address, who);
    else
        printf("%s: %s\n", address, who);
    ipsec_free_channel_info(before);
    ipsec_free_channel_info(now);
    return rc;
}

static void serve_one_client(int fd, const char *known, const char *address)
{
    char question[1024];
    ssize_t n = check_client(fd, known, address) ? 0 : read(fd, question, sizeof question - 1);
    if (n > 0) {
        question[n] = '\0';
        answer(fd, question);
    }
    close(fd);
}

static int serve_clients(const char *port, const char *known)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    socklen_t len = sizeof at;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        bind(fd, (const struct sockaddr *)&at, sizeof at) || protect_socket(fd) || listen(fd, 16)) {
        failed("listen");
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (;;) {
        int client = accept(fd, (struct sockaddr *)&at, &len);
        if (client >= 0)
            serve_one_client(client, known, inet_ntoa(at.sin_addr));
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (argc == 4 && !strcmp(what, "serve"))
        return serve_clients(argv[2], argv[3]);
    if ((argc == 6 && !strcmp(what, "get")) || (argc == 7 && !strcmp(what, "set")))
        return ask_server(argv + 1);
    fputs("usage: kv serve PORT KNOWN | get ADDRESS PORT KNOWN NAME | set ADDRESS PORT KNOWN NAME "
          "VALUE\n",
          stderr);
    return 2;
}
