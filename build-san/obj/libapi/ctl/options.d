build-san/obj/libapi/ctl/options.o: libapi/ctl/options.c \
 libapi/ctl/options.h libapi/ctl/../../btnsd/err.h
libapi/ctl/options.h:
libapi/ctl/../../btnsd/err.h:
