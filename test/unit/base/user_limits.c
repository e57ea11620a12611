/*
 * Limits: for each user, for all users together, root's share, the share of new users, subordinate
 * uids. TAP.
 */
#include "btnsd/base/account.h"
#include "btnsd/base/count_by_user.h"
#include "test/unit/check.h"

#include <string.h>

#define ALICE 1000u
#define BOB   1001u

static const struct limit *const guards = &limits[LIMIT_GUARDS];

static unsigned fill(struct count_by_user *t, uid_t uid, unsigned most, struct err *err)
{
    unsigned n = 0;
    while (n < most && count_by_user_add(t, uid, err))
        n++;
    return n;
}

static void test_each(void)
{
    struct count_by_user *t = count_by_user_new(LIMIT_GUARDS);
    struct err err = {""};
    char value[16];
    check(fill(t, ALICE, 100000, &err) == guards->each &&
              count_by_user_of(t, ALICE) == guards->each,
          "a user has as many as the table says, and no more");
    snprintf(value, sizeof value, " %u ", guards->each);
    check(strstr(err.text, value) && strstr(err.text, guards->name) &&
              strstr(err.text, guards->advice),
          "the refusal names the limit, its value and what to do: %s", err.text);
    check(count_by_user_room(t, BOB, NULL) && !count_by_user_room(t, ALICE, NULL),
          "each for themselves");
    check(fill(t, 0, guards->all + 1, &err) == guards->all + 1, "root is counted, not limited");
    check(count_by_user_add(t, BOB, NULL), "and takes nothing from others");
    count_by_user_sub(t, ALICE);
    check(count_by_user_of(t, ALICE) == guards->each - 1 && count_by_user_add(t, ALICE, NULL) &&
              !count_by_user_add(t, ALICE, NULL),
          "one less, one more");
    count_by_user_sub(t, BOB + 1);
    check(!count_by_user_of(t, BOB + 1), "nothing less than nothing");
    count_by_user_free(t);

    const struct limit *exchanges = &limits[LIMIT_EXCHANGES];
    t = count_by_user_new(LIMIT_EXCHANGES);
    check(fill(t, 0, 1000, &err) == exchanges->root && strstr(err.text, "root"),
          "of some things root has a limit of its own: %s", err.text);
    check(fill(t, ALICE, 1000, NULL) == exchanges->each, "which leaves others theirs");
    count_by_user_sub(t, 0);
    check(count_by_user_room(t, 0, NULL), "one less, one more");
    count_by_user_free(t);
}

static void test_all(void)
{
    struct count_by_user *t = count_by_user_new(LIMIT_GUARDS);
    struct err err = {""};
    unsigned n = 0;
    for (uid_t uid = 2000; uid < 3000; uid++)
        n += fill(t, uid, 2 + (uid < 2500 ? guards->each : 0), &err);
    check(n == guards->all, "all users together have as many as the table says");
    check(!count_by_user_add(t, BOB, &err) && strstr(err.text, "all users together"),
          "then nobody gets one: %s", err.text);
    check(count_by_user_add(t, 0, NULL), "but root does");
    count_by_user_free(t);

    t = count_by_user_new(LIMIT_GUARDS);
    n = 0;
    for (uid_t uid = 2000; uid < 2000 + guards->all / guards->each; uid++)
        n += fill(t, uid, 100000, NULL);
    check(n == guards->all - guards->fresh, "who has some leaves a share for who has none");
    check(count_by_user_add(t, BOB, NULL) && !count_by_user_add(t, BOB, NULL),
          "which is for the first of each");
    count_by_user_free(t);
}

static const char *file_with(char path[300], const char *dir, const char *name, const char *text)
{
    snprintf(path, 300, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    return path;
}

static void test_subordinate(void)
{
    char dir[256], subuid[300], passwd[300];
    scratch(dir, sizeof dir);
    accounts_read(file_with(subuid, dir, "subuid",
                            "bob:165536:65536\nalice:100000:65536\nroot:300000:10\n1002:400000:1\n"
                            "gone:500000:2\nno range\n:::\n"),
                  file_with(passwd, dir, "passwd",
                            "root:x:0:0::/:\nalice:x:1000:1000::/:\nbob:x:1001:1001::/:\n"));
    check(account_of(100000) == ALICE && account_of(165535) == ALICE && account_of(165536) == BOB,
          "a subordinate uid counts as its owner");
    check(account_of(400000) == 1002, "whom the file may name by number");
    check(account_of(300009) == 300000 && account_of(500001) == 500000,
          "root's, and an unknown owner's, count together, but are limited");
    check(account_of(ALICE) == ALICE && account_of(99999) == 99999 &&
              account_of(300010) == 300010 && account_of(0) == 0,
          "everybody else is their own");
    struct count_by_user *t = count_by_user_new(LIMIT_GUARDS);
    unsigned n = 0;
    for (uid_t uid = 100000; uid < 100004; uid++)
        n += fill(t, uid, 100000, NULL);
    check(n == guards->each && !count_by_user_add(t, ALICE, NULL),
          "four subordinate uids have no more than their owner");
    accounts_read("/nowhere", passwd);
    check(account_of(100000) == 100000, "without the file there are none");
    for (unsigned i = 0; i < guards->each; i++)
        count_by_user_sub(t, 100000);
    check(count_by_user_room(t, ALICE, NULL), "what was counted is given back to whom it was of");
    count_by_user_free(t);
    scratch_remove(dir);
}

int main(void)
{
    test_each();
    test_all();
    test_subordinate();
    return check_end();
}
