build-san/obj/libapi/ctl/explain.o: libapi/ctl/explain.c \
 libapi/ctl/explain.h libapi/ctl/ask.h libapi/ctl/../../btnsd/err.h \
 libapi/ctl/../wire.h libapi/ctl/../addr.h
libapi/ctl/explain.h:
libapi/ctl/ask.h:
libapi/ctl/../../btnsd/err.h:
libapi/ctl/../wire.h:
libapi/ctl/../addr.h:
