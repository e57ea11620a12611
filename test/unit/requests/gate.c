/* The gate before every handler: every need with every fact. TAP. */
#include "btnsd/requests/gate.h"
#include "test/unit/check.h"

#include <errno.h>
#include <string.h>

#define SOMEBODY 1000

static const struct gate_facts bare = {.client = NETNS_OURS};
static const struct gate_facts with_socket = {
    .attached = true, .is_socket = true, .socket = NETNS_OURS, .client = NETNS_OURS};

static struct gate_facts by(struct gate_facts f, uid_t sender, uid_t opener)
{
    f.sender = sender;
    f.opener = opener;
    return f;
}

static struct gate_facts at(struct gate_facts f, enum netns socket, enum netns client)
{
    f.socket = socket;
    f.client = client;
    return f;
}

static const char *const names[] = {"passes",     "is closed",           "is for root alone",
                                    "no socket",  "another's namespace", "a place unknown",
                                    "no process", "is a stranger's"};

static void expect(const char *what, unsigned needs, struct gate_facts f, enum gate wanted)
{
    enum gate g = gate_decide(needs, &f);
    check(g == wanted, "%s: %s%s%s", what, names[wanted],
          g == wanted ? "" : ", not: ", g == wanted ? "" : names[g]);
}

static void test_descriptors(void)
{
    struct gate_facts pipe = {.attached = true, .client = NETNS_OURS};
    expect("nothing asked for, nothing attached", 0, bare, GATE_PASS);
    expect("a socket nobody asked for", 0, with_socket, GATE_CLOSE);
    expect("no socket where one is needed", GATE_SOCKET, bare, GATE_CLOSE);
    expect("a socket of ours", GATE_SOCKET, with_socket, GATE_PASS);
    expect("a pipe", GATE_SOCKET, pipe, GATE_NO_SOCKET);
}

static void test_memory(void)
{
    struct gate_facts memory = {.attached = true, .client = NETNS_OURS};
    struct gate_facts found = bare;
    found.shared = true;
    expect("memory where it is needed", GATE_MEMORY, memory, GATE_PASS);
    expect("none where it is needed", GATE_MEMORY, bare, GATE_CLOSE);
    expect("memory from elsewhere", GATE_MEMORY | GATE_HERE, at(memory, NETNS_OURS, NETNS_OTHER),
           GATE_ELSEWHERE);
    expect("a message found in memory", GATE_SHARED, found, GATE_PASS);
    expect("a request found in memory", 0, found, GATE_CLOSE);
    expect("root's request found in memory", GATE_ROOT, by(found, 0, 0), GATE_CLOSE);
    expect("a message in a ring of somebody elsewhere", GATE_SHARED | GATE_HERE,
           at(found, NETNS_UNKNOWN, NETNS_OTHER), GATE_ELSEWHERE);
}

static void test_places(void)
{
    const struct gate_facts s = with_socket;
    expect("a socket made elsewhere", GATE_SOCKET, at(s, NETNS_OTHER, NETNS_OURS), GATE_ELSEWHERE);
    expect("a socket the kernel does not place", GATE_SOCKET, at(s, NETNS_UNKNOWN, NETNS_OURS),
           GATE_UNKNOWABLE);
    expect("our socket in the hands of a process elsewhere", GATE_SOCKET,
           at(s, NETNS_OURS, NETNS_OTHER), GATE_PASS);
    expect("a message from elsewhere", GATE_HERE, at(bare, NETNS_UNKNOWN, NETNS_OTHER),
           GATE_ELSEWHERE);
    expect("a message from nobody knows where", GATE_HERE, at(bare, NETNS_UNKNOWN, NETNS_UNKNOWN),
           GATE_UNKNOWABLE);
    expect("a message from here", GATE_HERE, bare, GATE_PASS);
    expect("what may be asked from anywhere", 0, at(bare, NETNS_UNKNOWN, NETNS_OTHER), GATE_PASS);
}

static void test_processes(void)
{
    struct gate_facts f = {.attached = true, .client = NETNS_OURS};
    expect("no pidfd where one is needed", GATE_PROCESS, bare, GATE_CLOSE);
    expect("an unasked pidfd", 0, f, GATE_CLOSE);
    expect("what is no pidfd, or an ended process's", GATE_PROCESS, f, GATE_NO_PROCESS);
    f.kin = KIN_NONE;
    expect("a stranger's pidfd", GATE_PROCESS, f, GATE_STRANGER);
    f.kin = KIN_DESCENDANT;
    expect("a descendant's pidfd", GATE_PROCESS, f, GATE_PASS);

    struct gate_facts s = with_socket;
    s.spoken = true;
    expect("in the name of one that has ended", GATE_SOCKET, s, GATE_NO_PROCESS);
    s.kin = KIN_NONE;
    expect("in the name of one that is a stranger by now", GATE_SOCKET, s, GATE_STRANGER);
    s.kin = KIN_DESCENDANT;
    expect("in the name of a descendant", GATE_SOCKET, s, GATE_PASS);
}

static void test_users(void)
{
    expect("root's", GATE_ROOT, by(bare, 0, 0), GATE_PASS);
    expect("a user's", GATE_ROOT, by(bare, SOMEBODY, SOMEBODY), GATE_ROOT_ONLY);
    expect("root's over a user's connection", GATE_ROOT, by(bare, 0, SOMEBODY), GATE_ROOT_ONLY);
    expect("a user's over root's connection", GATE_ROOT, by(bare, SOMEBODY, 0), GATE_ROOT_ONLY);
    expect("the opener's own", GATE_OPENER, by(bare, SOMEBODY, SOMEBODY), GATE_PASS);
    expect("another's over it", GATE_OPENER, by(bare, 0, SOMEBODY), GATE_CLOSE);
    expect("another's where that does not matter", 0, by(bare, SOMEBODY, 0), GATE_PASS);
    expect("a user's socket elsewhere, root's request", GATE_ROOT | GATE_SOCKET,
           at(by(with_socket, 0, 0), NETNS_OTHER, NETNS_OURS), GATE_ELSEWHERE);
}

static void test_texts(void)
{
    int error = 0;
    for (enum gate g = GATE_ROOT_ONLY; g <= GATE_STRANGER; g++) {
        const char *text = gate_text(g, &error);
        check(text && *text && error > 0, "%s: said, with an errno", names[g]);
    }
    check(strstr(gate_text(GATE_ELSEWHERE, &error), "btnsd of another network namespace") &&
              error == ENETDOWN,
          "another namespace is named, and the errno is that of no btnsd");
}

int main(void)
{
    test_descriptors();
    test_memory();
    test_places();
    test_processes();
    test_users();
    test_texts();
    return check_end();
}
