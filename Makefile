# What you can make. The source lists stand beside the sources (sources.mk).
#
#   make            build everything the product needs
#   make run        the lab: boot example nodes through a real gate
#   make check      every test that needs no root; last line: N passed, N failed
#   make install    into $(DESTDIR)$(PREFIX)
#
# On demand: boot (machines in QEMU), check-root (tests that become somebody
# else, and mount), keys, mutants, bench, fuzz, and fresh (all of it on a bare
# Debian 12).
#
# FLAVOUR=asan builds with the address and undefined-behaviour sanitizers,
# FLAVOUR=clang with clang; each flavour has its own folder under build/.

FLAVOUR ?= plain
B       := build/$(FLAVOUR)
PREFIX  ?= /usr/local
DESTDIR ?=

# Where installed programs look; `make install` and the lab agree on these.
STATEDIR ?= /var/lib/edge-auth
CONFDIR  ?= /etc/edge-auth

PKG_CONFIG ?= pkg-config
PYTHON     := /usr/bin/python3
VERSION    := 0.1.0

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
    -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wcast-qual \
    -Wformat=2 -Wundef -Wvla -Wswitch-enum -Wimplicit-fallthrough
WERROR   ?= -Werror

CFLAGS_plain  := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_clang  := $(CFLAGS_plain)
CFLAGS_asan   := -O1 -g -fsanitize=address,undefined \
    -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS_plain := -Wl,-z,relro,-z,now
LDFLAGS_clang := $(LDFLAGS_plain)
LDFLAGS_asan  := -fsanitize=address,undefined
ifeq ($(FLAVOUR),clang)
CC := clang
endif

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC $(WARNINGS) $(WERROR) \
    $(CFLAGS_$(FLAVOUR)) $(CFLAGS)
ALL_LDFLAGS = $(LDFLAGS_$(FLAVOUR)) $(LDFLAGS)

PROGRAMS :=
TESTS    :=

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
SHELL := /bin/sh

# $(call objects,SOURCES): the objects of a flavour
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

# $(call program,NAME,SOURCES,PKG-CONFIG NAMES,OTHER LIBRARIES)
define program
PROGRAMS += $(B)/bin/$(1)
$(B)/bin/$(1): $(call objects,$(2))
	@mkdir -p $$(@D)
	@echo "  ld $$@"
	@$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ \
	    $$(if $(3),$$(shell $$(PKG_CONFIG) --libs $(3))) $(4)
-include $(patsubst %.c,$(B)/obj/%.d,$(2))
endef

# $(call unit,FOLDER,SOURCES UNDER TEST,PKG-CONFIG NAMES,OTHER LIBRARIES)
# links tests/unit/FOLDER/test_*.c, tests/unit/main.c and the sources. Each
# test_X.c defines `Suite *suite_X(void)` and includes "suites.h", which is
# made from the file names; a file without its suite does not link.
define unit
TESTS += $(B)/test/$(1)
$(B)/gen/$(1)/suites.h: $(wildcard tests/unit/$(1)/test_*.c)
	@mkdir -p $$(@D)
	@{ echo '#include <check.h>'; \
	for t in $$(patsubst test_%.c,%,$$(notdir $$^)); do \
	    echo "Suite *suite_$$$$t(void);"; done; \
	echo '#define SUITES \'; \
	for t in $$(patsubst test_%.c,%,$$(notdir $$^)); do \
	    echo "    suite_$$$$t, \\"; done; echo; } >$$@
$(B)/gen/$(1)/main.o: tests/unit/main.c $(B)/gen/$(1)/suites.h
	@$$(CC) $$(ALL_CFLAGS) -I$(B)/gen/$(1) -c -o $$@ $$<
$(B)/obj/tests/unit/$(1)/%.o: INCLUDES += -I$(B)/gen/$(1)
$(call objects,$(wildcard tests/unit/$(1)/*.c)): $(B)/gen/$(1)/suites.h
$(B)/test/$(1): $(B)/gen/$(1)/main.o \
    $(call objects,$(wildcard tests/unit/$(1)/*.c) $(2))
	@mkdir -p $$(@D)
	@echo "  ld $$@"
	@$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ \
	    $$(shell $$(PKG_CONFIG) --libs check $(3)) $(4)
-include $(patsubst %.c,$(B)/obj/%.d,$(wildcard tests/unit/$(1)/*.c))
endef

include ngx_edge_auth_module/sources.mk
include talos-configgen/sources.mk
include pki/sources.mk
include tests/tests.mk

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  cc $<"
	@$(CC) $(ALL_CFLAGS) $(INCLUDES) -MMD -MP -c -o $@ $<

INCLUDES = -Ingx_edge_auth_module/core -Ingx_edge_auth_module/store \
    -Italos-configgen/src -Ipki/src -DEA_VERSION='"$(VERSION)"' \
    -DEA_STATEDIR='"$(STATEDIR)"' -DEA_CONFDIR='"$(CONFDIR)"'

.PHONY: all programs module clean install
all: programs module
programs: $(PROGRAMS)

clean:
	rm -rf build/plain build/asan build/clang

# Man pages and profiles go with their program; the sample configuration is
# documentation. Nothing below /etc or /var is touched: `edge-auth store init`
# makes the state, the operator copies the sample.
BINDIR     = $(PREFIX)/bin
SBINDIR    = $(PREFIX)/sbin
MANDIR     = $(PREFIX)/share/man
MODULESDIR ?= $(PREFIX)/lib/nginx/modules
DATADIR    = $(PREFIX)/share/talos-configgen
DOCDIR     = $(PREFIX)/share/doc/edge-auth
IPXEDIR    = $(PREFIX)/share/edge-auth/ipxe
DHCPDIR    = $(PREFIX)/share/edge-auth/dnsmasq
UNITDIR    = $(PREFIX)/lib/systemd/system
MONITORDIR = $(PREFIX)/share/edge-auth/monitoring
INSTALL   ?= install

install: all
	$(INSTALL) -d $(addprefix $(DESTDIR),$(BINDIR) $(SBINDIR) $(MODULESDIR) \
	    $(MANDIR)/man1 $(MANDIR)/man5 $(MANDIR)/man8 $(DATADIR) $(DOCDIR) \
	    $(IPXEDIR) $(DHCPDIR) $(UNITDIR) $(MONITORDIR))
	$(INSTALL) -m 755 $(B)/bin/talos-configgen $(B)/bin/edge-pki \
	    $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 755 $(B)/bin/edge-auth $(B)/bin/edge-keyd \
	    $(DESTDIR)$(SBINDIR)
	$(INSTALL) -m 644 $(MODULE_SO) $(DESTDIR)$(MODULESDIR)
	$(INSTALL) -m 644 matchbox-profiles/*.json $(DESTDIR)$(DATADIR)
	$(INSTALL) -m 644 deploy/ipxe/edge.ipxe deploy/ipxe/settings \
	    $(DESTDIR)$(IPXEDIR)
	$(INSTALL) -m 755 deploy/ipxe/build $(DESTDIR)$(IPXEDIR)
	$(INSTALL) -m 644 deploy/dnsmasq/* $(DESTDIR)$(DHCPDIR)
	$(INSTALL) -m 644 deploy/monitoring/* $(DESTDIR)$(MONITORDIR)
	$(INSTALL) -m 644 deploy/systemd/* $(DESTDIR)$(UNITDIR)
	sed -i 's|/usr/local/sbin|$(SBINDIR)|' \
	    $(DESTDIR)$(UNITDIR)/edge-keyd.service
	for page in $(MAN_PAGES); do \
	    $(INSTALL) -m 644 $$page \
	        $(DESTDIR)$(MANDIR)/man$${page##*.}/ || exit 1; done
	$(INSTALL) -m 644 README.md LICENSE deploy/nginx/*.conf \
	    deploy/docs/*.md $(DESTDIR)$(DOCDIR)

MAN_PAGES = $(wildcard ngx_edge_auth_module/man/*.[158] \
    talos-configgen/man/*.[158] pki/man/*.[158])
