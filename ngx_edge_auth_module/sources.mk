# The module, edge-auth, and the core and store they share.

EA := ngx_edge_auth_module

CORE_SRCS := $(addprefix $(EA)/core/, \
    ea_error.c \
    ea_number.c ea_base32.c ea_crypto.c ea_ids.c ea_spiffe.c ea_nodes.c \
    ea_pepper.c ea_token.c ea_request.c)

STORE_SRCS :=

# The module itself: nginx's own build system compiles it (see config), with
# the flags of the installed nginx-dev.
MODULE_SO := build/$(FLAVOUR)/module/ngx_http_edge_auth_module.so

.PHONY: module
module:
