build-san/obj/libapi/ctl/peers.o: libapi/ctl/peers.c libapi/ctl/list.h \
 libapi/ctl/ask.h libapi/ctl/../../btnsd/err.h libapi/ctl/../wire.h \
 libapi/ctl/../addr.h libapi/ctl/commands.h libapi/ctl/json.h \
 libapi/ctl/table.h libapi/ctl/text.h libapi/ctl/../key.h
libapi/ctl/list.h:
libapi/ctl/ask.h:
libapi/ctl/../../btnsd/err.h:
libapi/ctl/../wire.h:
libapi/ctl/../addr.h:
libapi/ctl/commands.h:
libapi/ctl/json.h:
libapi/ctl/table.h:
libapi/ctl/text.h:
libapi/ctl/../key.h:
