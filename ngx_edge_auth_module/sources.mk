# The module, edge-auth, and the core and store they share.

EA := ngx_edge_auth_module

CORE_SRCS := $(addprefix $(EA)/core/, \
    ea_error.c \
    ea_number.c ea_base32.c ea_crypto.c ea_ids.c ea_spiffe.c ea_nodes.c \
    ea_pepper.c ea_token.c ea_request.c ea_reason.c ea_script.c ea_body.c \
    ea_clock.c \
    ea_codec.c ea_record.c ea_record_facts.c ea_enroll.c ea_enroll_key.c \
    ea_enroll_verb.c ea_enroll_words.c ea_keyd.c ea_audit.c)

STORE_SRCS := $(addprefix $(EA)/store/, \
    ea_store.c ea_store_lmdb.c ea_store_lmdb_error.c ea_store_lock.c \
    ea_gather.c ea_commit.c)

# The module itself: nginx's own build system compiles it (see config), with
# the flags of the installed nginx-dev.
MODULE_SO := build/$(FLAVOUR)/module/ngx_http_edge_auth_module.so

MODULE_DIR := $(dir $(MODULE_SO))
NGINX_SRC  := /usr/share/nginx/src

# nginx' headers are system headers: the warnings are about our own code.
MODULE_CFLAGS = $(shell dpkg-buildflags --get CFLAGS) -fPIC \
    $(shell dpkg-buildflags --get CPPFLAGS) -Wextra -Wno-unused-parameter \
    -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wvla \
    $(addprefix -isystem src/,core event event/modules os/unix http \
    http/modules http/v2)
MODULE_LDFLAGS = $(shell dpkg-buildflags --get LDFLAGS) -fPIC

# The list of its sources, written when it changes: configure has it then.
MODULE_SRCS := $(sort $(wildcard $(EA)/src/*.[ch] $(EA)/core/*.[ch] \
    $(EA)/store/*.[ch]))
.PHONY: module-sources
$(MODULE_DIR)sources: module-sources
	@mkdir -p $(@D)
	@echo "$(MODULE_SRCS)" | cmp -s - $@ || echo "$(MODULE_SRCS)" >$@

# conf_flags has a bash array: Debian's own configure arguments.
$(MODULE_DIR)Makefile: $(EA)/config $(EA)/exports.map $(MODULE_DIR)sources
	@mkdir -p $(@D)
	@echo "  configure $(@D)"
	@bash -c 'cd $(NGINX_SRC) && . ./conf_flags && ./configure \
	    "$${NGX_CONF_FLAGS[@]}" --with-cc-opt="$(MODULE_CFLAGS)" \
	    --with-ld-opt="$(MODULE_LDFLAGS)" --builddir="$(CURDIR)/$(@D)" \
	    --add-dynamic-module="$(CURDIR)/$(EA)"' >$(@D)/configure.log 2>&1 \
	    || { tail -n 20 $(@D)/configure.log; rm -f $@; exit 1; }

$(MODULE_SO): $(MODULE_DIR)Makefile $(MODULE_SRCS)
	@echo "  nginx $@"
	@$(MAKE) -s -f $(CURDIR)/$< -C $(NGINX_SRC) modules
	@touch $@

# One make at a time: two would write the same objects.
.PHONY: module module-built
module:
	@mkdir -p $(MODULE_DIR)
	@flock $(MODULE_DIR)lock $(MAKE) --no-print-directory module-built
module-built: $(MODULE_SO)

# edge-auth(8)
EDGE_AUTH_SRCS := $(addprefix $(EA)/edge-auth/, \
    main.c au_audit.c au_command.c au_dnsmasq.c au_explain.c au_import.c \
    au_key.c au_keyd.c au_metrics.c au_node.c au_nodes.c au_open.c \
    au_print.c au_retire.c au_scan.c au_store.c au_token.c au_verb.c)
$(eval $(call program,edge-auth,$(EDGE_AUTH_SRCS) $(STORE_SRCS) $(CORE_SRCS),libcrypto jansson,-llmdb -lpthread))

# edge-keyd(8)
KEYD_SRCS := $(addprefix $(EA)/edge-keyd/, \
    kd_config.c kd_headscale.c kd_http.c kd_job.c kd_keys.c kd_limit.c \
    kd_line.c kd_metrics.c kd_provider.c kd_server.c kd_tailscale.c)
$(B)/obj/$(EA)/edge-keyd/%.o: INCLUDES += -I$(EA)/edge-keyd
$(eval $(call program,edge-keyd,$(EA)/edge-keyd/main.c $(KEYD_SRCS) $(CORE_SRCS),libcrypto jansson libcurl))
