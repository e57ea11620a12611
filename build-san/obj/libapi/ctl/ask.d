build-san/obj/libapi/ctl/ask.o: libapi/ctl/ask.c libapi/ctl/ask.h \
 libapi/ctl/../../btnsd/err.h libapi/ctl/../wire.h libapi/ctl/../addr.h
libapi/ctl/ask.h:
libapi/ctl/../../btnsd/err.h:
libapi/ctl/../wire.h:
libapi/ctl/../addr.h:
