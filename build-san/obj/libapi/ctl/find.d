build-san/obj/libapi/ctl/find.o: libapi/ctl/find.c libapi/ctl/find.h \
 libapi/ctl/../../btnsd/err.h
libapi/ctl/find.h:
libapi/ctl/../../btnsd/err.h:
