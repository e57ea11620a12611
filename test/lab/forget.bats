# btnsctl forget: connections to a forgotten peer end, and the next one is a first contact.
load lab.bash

setup_file() { run_lab forget.sh; }

@test "a changed key where the old one is latched: both keys, the new one's words, what it may mean, and what to do" {
    passed changed-is-told changed-is-a-warning
}
@test "forget closes the latches of a dead peer, resets their connections and says so; the next one is a first contact" {
    passed says-what connection-is-reset next-is-first-contact
}
@test "a first contact is reported once, with the key and the words that the other end shows for its own key; also to a static program, and in the server's log" {
    passed first-contact-is-said first-contact-is-logged words-are-listed first-contact-is-said-once first-contact-supervised first-contact-supervised-once
}
@test "forget ends connections that no program has any more: they are listed, ended or blocked until the kernel has finished, and never clear" {
    passed orphan-is-listed orphan-forgotten orphan-ends-or-is-blocked orphan-next orphan-block-ends orphan-not-in-clear
}
@test "forget accepts a name, a host, an address and a key, of a peer that lives or is silent" {
    passed by-name alive-next by-host by-key unknown silent silence-forgotten back by-key
}
