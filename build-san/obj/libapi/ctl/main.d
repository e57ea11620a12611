build-san/obj/libapi/ctl/main.o: libapi/ctl/main.c libapi/ctl/ask.h \
 libapi/ctl/../../btnsd/err.h libapi/ctl/../wire.h libapi/ctl/../addr.h \
 libapi/ctl/commands.h libapi/ctl/options.h libapi/ctl/text.h
libapi/ctl/ask.h:
libapi/ctl/../../btnsd/err.h:
libapi/ctl/../wire.h:
libapi/ctl/../addr.h:
libapi/ctl/commands.h:
libapi/ctl/options.h:
libapi/ctl/text.h:
