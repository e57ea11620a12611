/*
 * Reads questions from a command line: POINT PROGRAM LOCAL REMOTE; - stands for no address,
 * udp-connect and udp-accept for datagrams.
 */
#ifndef BTNS_TEST_UNIT_RULES_ASK_H
#define BTNS_TEST_UNIT_RULES_ASK_H

#include "btnsd/rules/model/rules.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static inline struct btns_addr ask_address(char *text)
{
    struct btns_addr a = {0};
    char *colon = strrchr(text, ':');
    if (!strcmp(text, "-"))
        return a;
    if (!colon) {
        fprintf(stderr, "no port in %s\n", text);
        exit(2);
    }
    *colon = 0;
    size_t n = strlen(text);
    if (text[0] == '[' && n > 1 && text[n - 1] == ']') {
        text[n - 1] = 0;
        text++;
    }
    if (!btns_addr_parse(&a, text)) {
        fprintf(stderr, "no address: %s\n", text);
        exit(2);
    }
    a.port = (uint16_t)atoi(colon + 1);
    return a;
}

static inline struct question ask_question(const char *point, const char *program, char *local,
                                           char *remote)
{
    bool udp = !strncmp(point, "udp-", 4);
    if (udp)
        point += 4;
    return (struct question){.point = strcmp(point, "accept") ? POINT_CONNECT : POINT_ACCEPT,
                             .program = program,
                             .protocol = udp ? IPPROTO_UDP : IPPROTO_TCP,
                             .local = ask_address(local),
                             .remote = ask_address(remote)};
}

#endif
