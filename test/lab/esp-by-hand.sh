# ESP (transport, AES-GCM) between alice and bob for TCP port 8000, made by hand with ip xfrm. Sourced by lab scripts.

key=0x000102030405060708090a0b0c0d0e0f10111213
template='tmpl proto esp reqid 7 mode transport'

# esp_states ALICE BOB: the same pair of states on either host
esp_states() {
    local state='proto esp reqid 7 mode transport aead rfc4106(gcm(aes))'
    echo "xfrm state add src $1 dst $2 spi 0x1001 $state $key 128"
    echo "xfrm state add src $2 dst $1 spi 0x1002 $state $key 128"
}

# esp_policies OWN PEER OUTWARDS INWARDS: where port 8000 stands in packets either way, sport or dport
esp_policies() {
    echo "xfrm policy add src $1 dst $2 proto tcp $3 8000 dir out $template"
    echo "xfrm policy add src $2 dst $1 proto tcp $4 8000 dir in $template"
}

# esp_between ALICE BOB: addresses of the one family
esp_between() {
    { esp_states "$1" "$2"; esp_policies "$1" "$2" dport sport; } | on alice ip -batch -
    { esp_states "$1" "$2"; esp_policies "$2" "$1" sport dport; } | on bob ip -batch -
}
