# The guest that QEMU boots instead of Talos: see tests/boot/guest/README.
GUEST := build/boot/guest

.PHONY: boot-guest
boot-guest: $(GUEST)/vmlinuz

$(GUEST)/edge-guest: $(wildcard tests/oracle/talos/go.* tests/oracle/talos/*.go)
	@mkdir -p $(@D)
	@echo "  go $@"
	@CGO_ENABLED=0 nice $(GO) build -C tests/oracle/talos -trimpath \
	    -ldflags='-s -w' -o $(CURDIR)/$@ .
	@touch $@

# One run makes all; vmlinuz is the last it writes.
$(GUEST)/vmlinuz: $(GUEST)/edge-guest $(wildcard tests/boot/guest/*.py) \
    tests/boot/guest/grub.cfg
	@echo "  guest $(@D)"
	@$(PYTHON) -B tests/boot/guest/build.py --init $< --kernel $(TOOLS)/guest \
	    --out $(@D)

# The guest alone; needs no root.
.PHONY: check-guest
check-guest: boot-guest lab-tools
	@$(call pytest,tests/boot/test_guest.py)
