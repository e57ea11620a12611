/*
 * The names of services that short rules know. They are in a table, not read from /etc/services:
 * the reader may open no file, and a policy must mean the same on every host.
 */
#include "btnsd/rules/read/short_rule.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned port;
} names[] = {
    {"amqp", 5672},      {"bgp", 179},         {"cassandra", 9042},
    {"domain", 53},      {"etcd", 2379},       {"ftp", 21},
    {"git", 9418},       {"http", 80},         {"http-alt", 8080},
    {"https", 443},      {"imap", 143},        {"imaps", 993},
    {"iperf3", 5201},    {"ipp", 631},         {"iscsi", 3260},
    {"kafka", 9092},     {"kerberos", 88},     {"ldap", 389},
    {"ldaps", 636},      {"memcached", 11211}, {"mongodb", 27017},
    {"mqtt", 1883},      {"mqtts", 8883},      {"mysql", 3306},
    {"nfs", 2049},       {"ntp", 123},         {"pop3", 110},
    {"pop3s", 995},      {"postgresql", 5432}, {"redis", 6379},
    {"rsync", 873},      {"smb", 445},         {"smtp", 25},
    {"snmp", 161},       {"ssh", 22},          {"submission", 587},
    {"sunrpc", 111},     {"syslog", 514},      {"syslog-tls", 6514},
    {"telnet", 23},      {"vnc", 5900},        {"zabbix-agent", 10050},
    {"zookeeper", 2181},
};

unsigned port_of_name(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i].name, name))
            return names[i].port;
    return 0;
}
