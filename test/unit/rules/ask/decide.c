/*
 * rules_decide DIR [POINT PROGRAM LOCAL REMOTE]: answers this question, or those on standard input,
 * one a line. Addresses are like 10.0.0.1:80, [fd00::1]:80, or - for none. Prints the rules that
 * apply, in order: for a listener (accept without REMOTE) all of them, otherwise only the first.
 */
#include "test/unit/rules/ask.h"

static void answer(const struct rules *r, const struct question *q)
{
    const struct rule *rule = rules_decide(r, q, NULL);
    bool all = q->point == POINT_ACCEPT && !q->remote.family;
    if (!rule)
        printf("none");
    for (const char *space = ""; rule; space = " ") {
        printf("%s%s/%s:%s", space, rule->program, rule->name, action_name(rule->action));
        rule = all ? rules_decide(r, q, rule) : NULL;
    }
    putchar('\n');
}

static void ask(const struct rules *r, const char *point, const char *program, char *local,
                char *remote)
{
    struct question q = ask_question(point, program, local, remote);
    answer(r, &q);
}

static void ask_lines(const struct rules *r, FILE *in)
{
    char line[2048], point[16], program[1024], local[80], remote[80];
    while (fgets(line, sizeof line, in)) {
        if (sscanf(line, "%15s %1023s %79s %79s", point, program, local, remote) != 4) {
            fprintf(stderr, "not a question: %s", line);
            exit(2);
        }
        ask(r, point, program, local, remote);
    }
}

int main(int argc, char **argv)
{
    struct err err = {"no reason given"};
    if (argc != 2 && argc != 6) {
        fprintf(stderr, "usage: rules_decide DIR [POINT PROGRAM LOCAL REMOTE]\n");
        return 2;
    }
    struct rules *r = rules_load(argv[1], &err);
    if (!r) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (argc == 6)
        ask(r, argv[2], argv[3], argv[4], argv[5]);
    else
        ask_lines(r, stdin);
    rules_free(r);
    return 0;
}
