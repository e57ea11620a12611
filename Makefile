# Builds, installs and tests btns. `make help` lists the targets and variables.
# The version is only in debian/changelog.
VERSION := $(shell sed -n '1s/^[^(]*(\([^)]*\)).*/\1/p' debian/changelog)
PREFIX ?= /usr
UNITDIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=
CC = gcc
CLANG ?= clang
CFLAGS ?= -O2 -g
# In a clone, a warning is an error; in a release, newer compilers' warnings must not break the build.
WERROR ?= $(if $(wildcard .git),-Werror)
# Three more lab tests than processors, because labs wait half of their time, and one test without a lab.
JOBS ?= $(shell echo $$(($$(nproc) + 4)))
FUZZ_SECONDS ?= 60

# ---- which build: the plain one, or (SAN) one with sanitizers in a directory of its own

# SAN=1 is the set for everything that runs on this kernel. The address sanitizer needs more address
# space than user-mode Linux has, so the programs for the lab are then built once more, with
# SAN=undefined.
sanitizers_1 = address,undefined
sanitizers_undefined = undefined
directory_ = build
directory_1 = build-san
directory_undefined = build-san/lab
BUILD := $(or $(directory_$(SAN)),$(error SAN is 1 or undefined, not $(SAN)))
LAB_BUILD := $(if $(SAN),$(directory_undefined),$(BUILD))

WARN = -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
       -Wvla -Wformat=2 -Wno-format-truncation $(WERROR)
BASE = -std=gnu11 -D_GNU_SOURCE -I. -fstack-protector-strong -fno-strict-aliasing \
       -DBTNS_VERSION='"$(VERSION)"' $(WARN)
SANFLAGS = $(if $(SAN),-fsanitize=$(sanitizers_$(SAN)) -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
# The shim is loaded into other people's programs, which have no sanitizer's library: undefined
# behaviour is an illegal instruction there, and addresses are not checked.
SHIM_SANFLAGS = $(if $(SAN),-fsanitize=undefined -fsanitize-undefined-trap-on-error)
# Installed programs are hardened, whatever flags are given; -D_FORTIFY_SOURCE needs optimization, and no sanitizer.
FORTIFY = $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS))$(SAN),,$(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-D_FORTIFY_SOURCE=2))
HARDEN = $(FORTIFY) $(CPPFLAGS)
LINK_HARDEN = -Wl,-z,relro -Wl,-z,now
ALL_CFLAGS = $(BASE) $(HARDEN) -fPIE $(CFLAGS) $(SANFLAGS)
SHIM_CFLAGS = $(BASE) $(HARDEN) $(CFLAGS) $(SHIM_SANFLAGS) -fPIC -fvisibility=hidden

Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $@)

# ---- programs and libraries, and their sources

# A room is a directory; `in` lists the C files of rooms.
in = $(wildcard $(addsuffix /*.c,$(1)))
CTL_ROOMS = btnsd/ctl btnsd/ctl/line btnsd/ctl/cover btnsd/ctl/lint btnsd/ctl/verify btnsd/ctl/audit
RULES_ROOMS = $(wildcard btnsd/rules/*)
BTNSD_ROOMS = $(filter-out btnsd/ctl,$(wildcard btnsd/* btnsd/ike/* btnsd/latch/*)) $(RULES_ROOMS)
WIRE = $(call in,libapi/wire)
TEXT = libapi/tool/json.c libapi/tool/text.c
OPTIONS = libapi/tool/options.c libapi/tool/choice.c
BTNSD = $(call in,$(BTNSD_ROOMS)) $(WIRE) $(TEXT) $(OPTIONS)
# btnsctl check reads policies as btnsd does, and probes the kernel as btnsd does; peers export writes lines of known_peers.
CTL = $(call in,$(CTL_ROOMS) $(RULES_ROOMS) btnsd/base btnsd/tcp btnsd/xfrm btnsd/ike/peers libapi/client libapi/tool) $(WIRE)
RUN = $(call in,shim/run shim/supervise libapi/client) $(addprefix libapi/tool/,find.c target.c text.c) $(OPTIONS) libapi/wire/addr.c
SHIM = $(call in,shim) $(addprefix libapi/wire/,addr.c protocol.c)
NSS = $(call in,libapi/nss)
LIBRARY = $(call in,libapi/library) $(addprefix libapi/wire/,addr.c attrs.c names.c)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
BTNSD_BUT_MAIN = $(filter-out btnsd/start/main.c,$(BTNSD))
BTNSD_LIBS = -lmnl -lconfuse -lcrypto

PROGRAMS = $(addprefix $(BUILD)/,btnsd btnsctl btns-run libbtns-shim.so libbtns.so libbtns-openssl.so libnss_btns.so.2)
LAB_BIN = $(BUILD)/lab-bin/on $(BUILD)/lab-bin/uml-xstate.so
UNITS = $(patsubst test/unit/%.c,$(BUILD)/unit/%,$(wildcard $(addprefix test/unit/,*/*.c */*/*.c)))
UNITS_LATER = $(addprefix $(BUILD)/unit/requests/,library-later library_datagrams-later library_shut-later)
# Programs of the tests that are also built statically, so that no preloaded library reaches them.
STATIC = raw visitor greeter leaves swapper storm
# A program may be a folder, all of whose C files are linked together.
FOLDERS = $(patsubst test/programs/%/main.c,%,$(wildcard test/programs/*/main.c))
HELPERS = $(patsubst test/programs/%.c,$(BUILD)/programs/%,$(wildcard test/programs/*.c)) $(FOLDERS:%=$(BUILD)/programs/%) $(STATIC:%=$(BUILD)/programs/%-static) \
  $(addprefix $(BUILD)/programs/,mock kv)
BENCHES = $(addprefix $(BUILD)/bench/,net net-static requests parts tls dtls library decide pretend/btnsd)
FUZZERS = $(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/*.c))

all: $(PROGRAMS) $(LAB_BIN) ## btnsd, btnsctl, btns-run, the shim and the library
	@:
unit: $(UNITS) $(UNITS_LATER) ## the tests' unit programs
	@:
programs: $(HELPERS) $(BENCHES) ## the small programs that tests run under the shim, and those that measure
	@:

link = $(Q)$(CC) $(ALL_CFLAGS) -pie $(LINK_HARDEN) $(LDFLAGS) -o $@ $(filter %.o,$^)

$(BUILD)/btnsd: $(call objects,$(BTNSD))
	$(call say,LINK)
	$(link) $(BTNSD_LIBS)
$(BUILD)/btnsctl: $(call objects,$(CTL))
	$(call say,LINK)
	$(link) $(BTNSD_LIBS)
$(BUILD)/btns-run: $(call objects,$(RUN))
	$(call say,LINK)
	$(link)
$(BUILD)/libbtns-shim.so: $(patsubst %.c,$(BUILD)/pic/%.o,$(SHIM)) shim/exports.map
	$(call say,LINK)
	$(Q)$(CC) $(SHIM_CFLAGS) $(LINK_HARDEN) $(LDFLAGS) -shared -Wl,--version-script=shim/exports.map -Wl,-z,defs \
	  -o $@ $(filter %.o,$^)

# A program that closes the library again may still use its code and data, so it is never unloaded (nodelete).
$(BUILD)/libbtns.so.1: $(patsubst %.c,$(BUILD)/pic/%.o,$(LIBRARY)) libapi/library/exports.map
	$(call say,LINK)
	$(Q)$(CC) $(SHIM_CFLAGS) $(LINK_HARDEN) $(LDFLAGS) -shared -Wl,-soname,libbtns.so.1 -Wl,-z,defs -Wl,-z,nodelete \
	  -Wl,--version-script=libapi/library/exports.map -o $@ $(filter %.o,$^)
$(BUILD)/libbtns-openssl.so.1: $(patsubst %.c,$(BUILD)/pic/%.o,$(call in,libapi/openssl)) libapi/openssl/exports.map $(BUILD)/libbtns.so
	$(call say,LINK)
	$(Q)$(CC) $(SHIM_CFLAGS) $(LINK_HARDEN) $(LDFLAGS) -shared -Wl,-soname,libbtns-openssl.so.1 -Wl,-z,defs -Wl,-z,nodelete \
	  -Wl,--version-script=libapi/openssl/exports.map -o $@ $(filter %.o,$^) -L$(BUILD) -lbtns -lssl -lcrypto
$(BUILD)/libnss_btns.so.2: $(patsubst %.c,$(BUILD)/pic/%.o,$(NSS)) libapi/nss/exports.map
	$(call say,LINK)
	$(Q)$(CC) $(SHIM_CFLAGS) $(LINK_HARDEN) $(LDFLAGS) -shared -Wl,-soname,libnss_btns.so.2 -Wl,-z,defs \
	  -Wl,--version-script=libapi/nss/exports.map -o $@ $(filter %.o,$^)
%.so: %.so.1
	@ln -sf $(notdir $<) $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(DEFINES) -MMD -MP -c -o $@ $<
$(BUILD)/pic/%.o: %.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_CFLAGS) -MMD -MP -c -o $@ $<

# Objects that have PREFIX compiled in: where btns-run finds the installed shim, and btnsd the vendor's policies.
KNOW_PREFIX = $(addprefix $(BUILD)/obj/,shim/run/shim.o btnsd/rules/files/layers.o)
$(KNOW_PREFIX): DEFINES = -DBTNS_LIBDIR='"$(PREFIX)/lib/btns"'
$(KNOW_PREFIX): $(BUILD)/prefix

# Unit programs, the tests' small programs, and those that measure.
include test/programs.mk

# The lab's command that enters a host: static, so that it starts quickly.
$(BUILD)/lab-bin/on: scripts/lab/on.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(HARDEN) $(CFLAGS) $(LINK_HARDEN) $(LDFLAGS) -static -o $@ $<

# Preloaded into linux.uml, which has no sanitizer's library: so this is built without one.
$(BUILD)/lab-bin/uml-xstate.so: scripts/lab/uml-xstate.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(HARDEN) $(CFLAGS) $(LINK_HARDEN) -fPIC -shared -o $@ $<

# Files that record the compiler and the flags: each is written only when they change, and then all that depends on it
# is built
# again.
$(BUILD)/flags: export NOTE = $(CC) $(ALL_CFLAGS) $(SHIM_CFLAGS) $(LINK_HARDEN) $(LDFLAGS)
$(BUILD)/prefix: export NOTE = $(PREFIX)
$(BUILD)/flags $(BUILD)/prefix: FORCE
	@mkdir -p $(@D)
	@printenv NOTE | cmp -s - $@ || printenv NOTE >$@

# ---- installing

LAB_MAN = $(wildcard scripts/*.8)
MAN = $(filter-out build% $(LAB_MAN),$(wildcard $(foreach section,1 3 5 7 8,*/*.$(section) */*/*.$(section))))
POLICIES = $(notdir $(wildcard policy.d/*.conf))
root = $(DESTDIR)$(PREFIX)
policies = $(DESTDIR)/etc/btns/policy.d
man_file = $(root)/share/man/man$(patsubst .%,%,$(suffix $(1)))/$(notdir $(1))
put = install -D -m
# For each function that a page of section 3 describes besides the one in the page's name: sets $$name and $$page.
each_alias = set -e; for page in $(notdir $(wildcard libapi/man/*.3)); do \
  for name in $$(sed -n '/^\.SH NAME/{n;s/ \\-.*//;s/,//g;p}' libapi/man/$$page | sed "s/\b$${page%.3} //")
# Each completion and where its shell looks for it: FILE:PLACE.
COMPLETIONS = $(foreach name,$(notdir $(basename $(wildcard scripts/completions/*.bash))), \
  $(name).bash:bash-completion/completions/$(name) $(name).zsh:zsh/vendor-completions/_$(name) \
  $(name).fish:fish/vendor_completions.d/$(name).fish)
completion_file = $(root)/share/$(lastword $(subst :, ,$(1)))
sysctl_file = $(root)/lib/sysctl.d/60-btns.conf
# Programs that use the library, as their authors would build them.
EXAMPLES = libapi/example/kv.c test/programs/hello.c test/programs/hello-tls.c test/programs/keep-channel.h
examples = $(root)/share/doc/libbtns-dev/examples
SYSTEMD_UNITS = $(notdir $(wildcard scripts/systemd/*.service scripts/systemd/*.socket))
unit_file = $(DESTDIR)$(UNITDIR)/$(1)

install: all ## into DESTDIR and PREFIX; the administrator's policies stay as they are
	$(put) 755 $(BUILD)/btnsd $(root)/sbin/btnsd
	$(put) 755 $(BUILD)/btnsctl $(root)/bin/btnsctl
	$(put) 755 $(BUILD)/btns-run $(root)/bin/btns-run
	$(put) 644 $(BUILD)/libbtns-shim.so $(root)/lib/btns/libbtns-shim.so
	$(put) 644 $(BUILD)/libbtns.so.1 $(root)/lib/libbtns.so.1
	$(put) 644 $(BUILD)/libbtns-openssl.so.1 $(root)/lib/libbtns-openssl.so.1
	$(put) 644 $(BUILD)/libnss_btns.so.2 $(root)/lib/libnss_btns.so.2
	ln -sf libbtns.so.1 $(root)/lib/libbtns.so
	ln -sf libbtns-openssl.so.1 $(root)/lib/libbtns-openssl.so
	$(put) 644 libapi/btns/ipsec.h $(root)/include/btns/ipsec.h
	$(foreach pc,btns btns-openssl,sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' libapi/$(pc).pc.in | $(put) 644 /dev/stdin $(root)/lib/pkgconfig/$(pc).pc$(newline))
	$(each_alias); do echo ".so man3/$$page" | $(put) 644 /dev/stdin $(root)/share/man/man3/$$name.3; done; done
	$(foreach page,$(MAN),$(put) 644 $(page) $(call man_file,$(page))$(newline))
	$(foreach one,$(COMPLETIONS),$(put) 644 scripts/completions/$(firstword $(subst :, ,$(one))) $(call completion_file,$(one))$(newline))
	$(foreach name,$(POLICIES),$(put) 644 policy.d/$(name) $(root)/lib/btns/policy.d/$(name)$(newline))
	$(foreach file,$(EXAMPLES),sed 's#"test/programs/#"#' $(file) | $(put) 644 /dev/stdin $(examples)/$(notdir $(file))$(newline))
	$(put) 644 policy.d/README $(policies)/README
	$(put) 644 scripts/systemd/60-btns.conf $(sysctl_file)
	$(foreach unit,$(SYSTEMD_UNITS),sed 's#/usr/\(s\?bin/btns\|lib/sysctl.d\)#$(PREFIX)/\1#' scripts/systemd/$(unit) | \
	  $(put) 644 /dev/stdin $(call unit_file,$(unit))$(newline))

uninstall: ## removes what install put there; the administrator's policies and /var/lib/btns stay
	rm -f $(addprefix $(root)/,sbin/btnsd bin/btnsctl bin/btns-run lib/btns/libbtns-shim.so)
	rm -f $(addprefix $(root)/,lib/libbtns.so.1 lib/libbtns.so lib/libbtns-openssl.so.1 lib/libbtns-openssl.so lib/libnss_btns.so.2 include/btns/ipsec.h)
	rm -f $(root)/lib/pkgconfig/btns.pc $(root)/lib/pkgconfig/btns-openssl.pc
	$(each_alias); do rm -f $(root)/share/man/man3/$$name.3; done; done
	rm -f $(foreach page,$(MAN),$(call man_file,$(page))) $(policies)/README
	rm -f $(foreach one,$(COMPLETIONS),$(call completion_file,$(one))) $(sysctl_file)
	rm -f $(foreach unit,$(SYSTEMD_UNITS),$(call unit_file,$(unit)))
	rm -f $(foreach name,$(POLICIES),$(root)/lib/btns/policy.d/$(name))
	rm -f $(foreach file,$(EXAMPLES),$(examples)/$(notdir $(file)))
	@rmdir $(examples) $(root)/share/doc/libbtns-dev $(root)/include/btns $(root)/lib/btns/policy.d $(root)/lib/btns $(policies) $(DESTDIR)/etc/btns 2>/dev/null || true

# The lab and the demo as they stand in this tree, with the installed programs in place of the built ones.
lab_root = $(root)/lib/btns-lab
install-lab: all ## the lab and the demo, beside the programs that install puts there
	$(put) 755 $(BUILD)/lab-bin/on $(lab_root)/build/lab-bin/on
	$(put) 644 $(BUILD)/lab-bin/uml-xstate.so $(lab_root)/build/lab-bin/uml-xstate.so
	set -e; for file in scripts/btns-lab scripts/btns-demo $$(find scripts/lab -type f ! -name '*.c'); do \
	  install -D -m $$([ -x $$file ] && echo 755 || echo 644) $$file $(lab_root)/$$file; done
	ln -sf ../../../sbin/btnsd $(lab_root)/build/btnsd
	ln -sf ../../../bin/btnsctl ../../../bin/btns-run ../../btns/libbtns-shim.so $(lab_root)/build/
	ln -sfn ../btns/policy.d $(lab_root)/policy.d
	install -d $(root)/bin
	ln -sf ../lib/btns-lab/scripts/btns-lab ../lib/btns-lab/scripts/btns-demo $(root)/bin/
	$(foreach page,$(LAB_MAN),$(put) 644 $(page) $(call man_file,$(page))$(newline))

deb: ## Debian packages of this tree's last commit, in build/deb; wants what btns-setup --build installs
	scripts/btns-deb $(BUILD)/deb

define newline


endef

# ---- demo and tests, as root; missing packages are installed first

demo: ready ## alice's curl and bob's web server over a latched connection, and what mallory gets
	scripts/btns-demo

check: ready ## all tests, or TESTS="test/lab/NAME.bats ...", JOBS files at a time; SAN=1: with sanitizers
	@$(build_all) unit programs
	$(if $(SAN),@$(build_all) unit programs SAN=undefined)
	@BTNS_BUILD=$(CURDIR)/$(BUILD) BTNS_LAB_BUILD=$(CURDIR)/$(LAB_BUILD) JOBS=$(JOBS) test/check $(TESTS)

soak: ready ## the long runs, with what they measure: 1,000 rekeys, 120 kills (SEED= repeats them), 10,000 latches, as many destinations of a datagram socket, crashes and moves
	@$(build_all) programs
	@status=0; REKEYS=1000 BASELINE=30 STALLS=0 KILLS=20 LATCHES=10000 DESTINATIONS=10000 LAB_SECONDS=7200 FILE_SECONDS=8000 \
	  JOBS=1 CHECK_DIR=build/soak test/check test/lab/{rekey,kills,latches,destinations}.bats || status=1; \
	ROWS=all REKEYS=50 OCTETS=10000000 FLAPS=60 LATCHES=200 LAB_SECONDS=3600 FILE_SECONDS=4000 \
	  JOBS=1 CHECK_DIR=build/soak-moments test/check test/lab/moments.bats || status=1; exit $$status

judges: ready ## the test suites of others (JUDGES= some), natively and under the shim: the results must be the same
	@$(build_all) programs
	test/judges/run $(JUDGES)

mutants: ready ## breaks the code in each way that test/mutations lists (ONLY= a pattern): does a test notice? Takes hours
	@test/mutate $(if $(ONLY),'$(ONLY)')

bench: ready ## measures against the budgets (NAMES= for some); asserts nothing
	@$(build_all) programs
	test/bench/run $(NAMES)

lab: ready ## runs SCRIPT (with ARGS) among the hosts alice, bob and mallory
	@$(if $(SCRIPT),,$(error say which script: make lab SCRIPT=FILE))
	scripts/btns-lab run $(SCRIPT) $(ARGS)

# A second make builds: the build depends on packages that have only now been installed.
ready:
	@scripts/btns-setup --check >/dev/null || scripts/btns-setup
	@$(build_all)
build_all = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc)) all

format-check: ## is the C code laid out as .clang-format says?
	find btnsd libapi scripts shim test -name '*.[ch]' -exec clang-format --dry-run -Werror {} +

# ---- fuzzing, by clang; inputs that are found stay in build/fuzz

FUZZ_vici = $(call in,btnsd/ike/vici) btnsd/ike/system/system_read.c $(WIRE)
FUZZ_peers = $(call in,btnsd/ike/peers) $(addprefix btnsd/base/,file.c log.c journal.c) $(WIRE)
FUZZ_claim = btnsd/ike/keys/rotation.c $(WIRE)
FUZZ_import = $(LIBRARY)
FUZZ_hosts = libapi/nss/hosts.c
FUZZ_elf = shim/run/elf.c shim/run/script.c shim/run/refuse.c
FUZZ_policy = $(call in,$(RULES_ROOMS)) btnsd/base/log.c btnsd/base/file.c btnsd/base/journal.c $(WIRE)
FUZZ_ao_keys = btnsd/rules/files/ao_keys.c btnsd/rules/model/names.c $(WIRE)
FUZZ_segment = btnsd/ctl/audit/segment.c
FUZZ_xfrm = $(call in,btnsd/xfrm) $(WIRE)
# All of btnsd except its main. The fuzzer's own definitions (test/fuzz/request: the kernel, charon, the clients) come
# first and take precedence.
FUZZ_request = $(call in,test/fuzz/request) $(BTNSD_BUT_MAIN)
FUZZ_FLAGS_request = -Wl,-z,muldefs
SEEDS_policy = test/rules/good test/rules/bad policy.d

fuzz: $(addprefix fuzz-,$(FUZZERS)) ## each fuzzer of test/fuzz for FUZZ_SECONDS; or fuzz-NAME

fuzz-%: build/fuzz/%/fuzzer
	@mkdir -p build/fuzz/$*/corpus
	cd build/fuzz/$* && ./fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -print_final_stats=1 corpus \
	  $(wildcard $(CURDIR)/test/fuzz/corpus/$*) $(addprefix $(CURDIR)/,$(SEEDS_$*))

# Runs earlier findings and the seeds on machines without clang: test/fuzz.bats. The replay programs share their
# objects.
REPLAY_FLAGS = -std=gnu11 -D_GNU_SOURCE -I. -O1 -g -fno-omit-frame-pointer -DBTNS_VERSION='"$(VERSION)"' \
  -fsanitize=address,undefined -fno-sanitize-recover=undefined
replay_objects = $(patsubst %.c,build/fuzz/obj/%.o,$(1))

replays: $(FUZZERS:%=build/fuzz/%/replay) ## the programs that run the fuzzers' inputs again, without clang
replay-%: build/fuzz/%/replay
	$< $(wildcard test/fuzz/corpus/$*) $(SEEDS_$*)
build/fuzz/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(REPLAY_FLAGS) -MMD -MP -c -o $@ $<

.SECONDEXPANSION:
build/fuzz/%/replay: $(call replay_objects,test/fuzz/replay/main.c test/fuzz/%.c) \
  $$(call replay_objects,$$(or $$(FUZZ_$$*),$$(BTNSD_BUT_MAIN)))
	@mkdir -p $(@D)
	$(Q)$(CC) $(REPLAY_FLAGS) $(FUZZ_FLAGS_$*) -o $@ $(filter build/fuzz/obj/test/fuzz/%,$^) \
	  $(filter-out build/fuzz/obj/test/fuzz/%,$^) $(BTNSD_LIBS)

build/fuzz/%/fuzzer: test/fuzz/%.c $$(or $$(FUZZ_$$*),$(BTNSD_BUT_MAIN)) FORCE
	@mkdir -p $(@D)
	$(CLANG) -std=gnu11 -D_GNU_SOURCE -I. -O1 -g -fno-omit-frame-pointer -DBTNS_VERSION='"$(VERSION)"' \
	  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	  $(FUZZ_FLAGS_$*) -o $@ $(filter %.c,$^) $(BTNSD_LIBS)

# ----

clean: ## removes what was built
	rm -rf build build-san

help: ## this list
	@echo 'Targets:'
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
	  printf '  %-13s %s\n' "$$name" "$$what"; done
	@echo 'Variables: PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) UNITDIR=$(UNITDIR) CC=$(CC) CFLAGS="$(CFLAGS)" JOBS=$(JOBS) FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo '  SAN=1         with address and undefined sanitizers, in build-san'
	@echo '  V=1           shows the commands'

# The headers that each object depends on. A dependency file that names a moved source is left out, because make would
# want that source.
of_sources = FNR == 1 { seen = 0 } \
  !seen { for (i = 1; i <= NF && !seen; i++) if ($$i !~ /:$$|^\\$$/) { seen = 1; if ((getline line < $$i) >= 0) print FILENAME; close($$i) } }
-include $(shell find $(BUILD)/obj $(BUILD)/pic $(BUILD)/later $(BUILD)/parts $(BUILD)/programs $(BUILD)/bench build/fuzz/obj -name '*.d' \
  -exec awk '$(of_sources)' {} + 2>/dev/null)
FORCE:
.PHONY: all unit programs install uninstall install-lab deb demo check soak judges mutants lab ready format-check fuzz bench replays clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
