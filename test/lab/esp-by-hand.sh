# ESP (transport, AES-GCM) between alice and bob for TCP port 8000, made by hand with ip xfrm. Sourced by lab scripts.

key=0x000102030405060708090a0b0c0d0e0f10111213

# esp_state HOST FROM TO SPI
esp_state() {
    on "$1" ip xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 7 mode transport \
        aead 'rfc4106(gcm(aes))' "$key" 128
}

# esp_service HOST OWN PEER OWN-SIDE PEER-SIDE: policies for port 8000; a side is sport or dport
esp_policies() {
    on "$1" ip xfrm policy add src "$2" dst "$3" proto tcp "$4" 8000 dir out \
        tmpl proto esp reqid 7 mode transport
    on "$1" ip xfrm policy add src "$3" dst "$2" proto tcp "$5" 8000 dir in \
        tmpl proto esp reqid 7 mode transport
}

# esp_between ALICE BOB: addresses of the one family
esp_between() {
    local host
    for host in alice bob; do
        esp_state "$host" "$1" "$2" 0x1001
        esp_state "$host" "$2" "$1" 0x1002
    done
    esp_policies alice "$1" "$2" dport sport
    esp_policies bob "$2" "$1" sport dport
}
