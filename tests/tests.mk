# How each room of tests is run.

$(eval $(call unit,core,$(CORE_SRCS),libcrypto jansson))
$(B)/obj/tests/unit/keyd/%.o: INCLUDES += -I$(EA)/edge-keyd
$(eval $(call unit,keyd,$(KEYD_SRCS) $(CORE_SRCS),libcrypto jansson libcurl))
$(eval $(call unit,pki,$(PKI_SRCS) $(PKI_CORE),libcrypto libzstd))
$(eval $(call unit,store,$(STORE_SRCS) $(CORE_SRCS),libcrypto,-llmdb -lpthread))

# The real parts tests run against, built from our own small Go modules. They
# are test tools: nothing the product needs. MATCHBOX=/path takes that program.
GO       := tests/oracle/go.sh
TOOLS    := build/tools
MATCHBOX ?= $(TOOLS)/matchbox
export MATCHBOX

PACKAGE_matchbox := github.com/poseidon/matchbox/cmd/matchbox
PACKAGE_talos    := .
PACKAGE_sops     := github.com/getsops/sops/v3/cmd/sops
PACKAGE_headscale := github.com/juanfont/headscale/cmd/headscale
PACKAGE_tailscale := $(addprefix tailscale.com/cmd/, \
    containerboot tailscale tailscaled)
ORACLES          ?= matchbox talos sops headscale tailscale

# $(call oracle,PROGRAM,MODULE,PACKAGE): the package, if its module has several
define oracle
$(TOOLS)/$(1): $(wildcard tests/oracle/$(2)/go.* tests/oracle/$(2)/*.go)
	@mkdir -p $$(@D)
	@echo "  go $$@"
	@nice $$(GO) build -C tests/oracle/$(2) -trimpath -o $$(CURDIR)/$$@ \
	    $$(or $(3),$$(PACKAGE_$(2)))
	@touch $$@
endef
$(eval $(call oracle,matchbox,matchbox))
$(eval $(call oracle,talos-oracle,talos))
$(eval $(call oracle,sops,sops))
$(eval $(call oracle,headscale,headscale))
$(foreach program,containerboot tailscale tailscaled,$(eval \
    $(call oracle,$(program),tailscale,tailscale.com/cmd/$(program))))

.PHONY: tools lab-tools join-tools oracle-modules
lab-tools: $(MATCHBOX) $(TOOLS)/talos-oracle
tools: join-tools $(TOOLS)/sops
join-tools: lab-tools $(addprefix $(TOOLS)/, \
    headscale containerboot tailscale tailscaled)

# The lab: real Matchbox behind nginx, stand-ins that boot. The background one
# of lab-up is found by way of LAB_DIR, as is everything it writes.
LAB = PYTHONPATH=tests PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m lab
LAB_DIR ?= build/lab
export LAB_DIR FLAVOUR

.PHONY: run lab-up lab-down
run: all lab-tools
	@$(LAB) run
lab-up: all lab-tools
	@$(LAB) up
lab-down:
	@$(LAB) down

# Everything the builds above need from the network, so that they need none.
oracle-modules: $(addprefix oracle-modules-,$(ORACLES))
.PHONY: $(addprefix oracle-modules-,$(ORACLES))
$(addprefix oracle-modules-,$(ORACLES)): oracle-modules-%:
	@$(GO) list -C tests/oracle/$* -deps $(PACKAGE_$*) >/dev/null

# Drives the generator's Talos layer alone, for tests/cases/test_talos_*.py.
DRIVER := $(B)/test/cg-talos-driver
$(DRIVER): $(call objects,tests/cases/cg_talos_driver.c $(CG_SRCS) $(CORE_SRCS))
	@mkdir -p $(@D)
	@echo "  ld $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ \
	    $(shell $(PKG_CONFIG) --libs $(CG_PKGS) libcrypto) -lm
-include $(B)/obj/tests/cases/cg_talos_driver.d

# `make check` runs these stages one after the other: check-STAGE each.
# tests/check.py says what a stage must do to pass.
CHECK_STAGES      := unit asan valgrind corpus cases keyd gate gate-asan faults lab join style
CHECK_ROOT_STAGES := unprivileged store dhcp boot

.PHONY: check check-root $(CHECK_STAGES:%=check-%) $(CHECK_ROOT_STAGES:%=check-%)
check: all tools
	@$(PYTHON) -B tests/check.py $(CHECK_STAGES)
check-root: all tools
	@$(PYTHON) -B tests/check.py $(CHECK_ROOT_STAGES)

# $(call pytest,ROOM): one room of pytest, nothing written into the tree
pytest = PYTHONPATH=tests $(PYTHON) -B -m pytest -q -p no:cacheprovider $(1)

check-unit: $(TESTS)
	@bad=0; for t in $(TESTS); do echo "== $$t"; $$t || bad=1; done; exit $$bad
# In one process: with a fork for each check, sanitizers take minutes to start.
check-asan:
	@CK_FORK=no $(MAKE) FLAVOUR=asan check-unit
# Not pki: it makes RSA keys for minutes, all in libcrypto.
check-valgrind: $(TESTS)
	@bad=0; for t in $(filter-out %/pki,$(TESTS)); do echo "== $$t"; \
	    CK_FORK=no valgrind -q --error-exitcode=9 $$t || bad=1; done; exit $$bad
check-cases: programs tools $(DRIVER)
	@$(call pytest,tests/cases tests/mutants)
# edge-keyd against a stand-in for Tailscale's API; then with sanitizers.
check-keyd: $(B)/bin/edge-keyd
	@$(call pytest,tests/keyd)
	@$(MAKE) --no-print-directory FLAVOUR=asan build/asan/bin/edge-keyd
	@FLAVOUR=asan $(call pytest,tests/keyd)
check-gate: all tools
	@$(call pytest,tests/gate)
check-faults: all tools
	@$(call pytest,tests/faults)
# A network namespace of its own, which any user may have.
check-join: all join-tools
	@$(call pytest,tests/join)
check-lab: all lab-tools
	@$(call pytest,tests/lab)
check-style: all
	@$(PYTHON) -B tests/check_style.py --build $(B)
check-unprivileged: all tools
	@$(call pytest,tests/root/test_unprivileged.py tests/root/test_keyd_users.py)
# Mounts of its own: they end with the process, however it ends.
check-store: all tools
	@unshare --mount --propagation private \
	    env $(call pytest,tests/root/test_store.py)
# Network namespaces of its own, which a test takes away again.
check-dhcp: programs
	@$(call pytest,tests/root/test_dnsmasq.py tests/root/test_dhcp.py)

# README's two lines on a bare Debian 12, as root and as a user with sudo.
.PHONY: fresh
fresh:
	@sh deploy/setup fresh
	@sh tests/fresh.sh $(FRESH)

# Deliveries through edge-keyd against the stand-in on its bad days; some twenty
# minutes for 10,000. Exit status 1 if a key is left or goes to the wrong node.
N    ?= 10000
SEED ?= 1
.PHONY: keys
keys: $(B)/bin/edge-keyd
	@PYTHONPATH=tests:tests/keyd $(PYTHON) -B -m deliveries $(N) $(SEED)

# Five deliberate bugs, each of which a named test has to notice.
.PHONY: mutants
mutants: all tools
	@$(PYTHON) -B tests/mutants/run.py

# Costs as ratios to a baseline; about a minute, asserts nothing.
.PHONY: bench
bench: all lab-tools
	@PYTHONPATH=tests $(PYTHON) -B -m bench

include tests/gate/asan.mk
include tests/fuzz/fuzz.mk
include tests/boot/boot.mk
