# talos-configgen

CG := talos-configgen/src

# In layers: each uses those above it only.
CG_BASE_SRCS := $(addprefix $(CG)/base/, \
    cg_arena.c cg_command.c cg_diag.c cg_file.c cg_output.c cg_strbuf.c)
CG_YAML_SRCS := $(addprefix $(CG)/yaml/, \
    cg_json.c cg_scalar.c cg_tree.c cg_yaml_emit.c cg_yaml_load.c)
CG_MODEL_SRCS := $(addprefix $(CG)/model/, \
    cg_cidr.c cg_dhcp.c cg_files.c cg_inventory.c cg_key.c cg_key_check.c \
    cg_layer.c cg_node.c cg_tailnet.c)
CG_IMAGE_SRCS := $(addprefix $(CG)/image/, \
    cg_canon.c cg_download.c cg_fetch.c cg_lock.c cg_push.c cg_schematic.c \
    cg_store.c)
CG_TALOS_SRCS := $(addprefix $(CG)/talos/, \
    cg_bundle.c cg_cel.c cg_cel_names.c cg_check.c cg_conflict.c cg_delete.c \
    cg_fields.c cg_fields_cluster.c cg_fields_documents.c \
    cg_fields_machine.c cg_fields_network.c cg_generate.c cg_judge.c \
    cg_judge_bond.c cg_judge_cluster.c cg_judge_documents.c \
    cg_judge_interfaces.c cg_judge_links.c cg_judge_machine.c \
    cg_judge_volumes.c cg_label.c cg_merge.c cg_normal.c cg_patch.c \
    cg_pem.c cg_secrets.c cg_trusted_roots.c cg_url.c cg_validate.c \
    cg_value.c cg_version.c cg_when.c cg_where.c)
CG_LINT_SRCS := $(addprefix $(CG)/lint/, \
    cg_lint.c cg_lint_cluster.c cg_lint_dhcp.c cg_lint_documents.c \
    cg_lint_install.c cg_lint_inventory.c cg_lint_networks.c \
    cg_lint_override.c cg_lint_roots.c cg_lint_tailnet.c)
CG_EMIT_SRCS := $(addprefix $(CG)/emit/, \
    cg_body.c cg_configs.c cg_dnsmasq.c cg_emit.c cg_matchbox.c cg_nodes.c \
    cg_policy.c cg_profile.c)
CG_CLI_SRCS := $(addprefix $(CG)/cli/, \
    cg_image.c cg_image_fetch.c cg_image_set.c cg_options.c cg_pipeline.c \
    cg_progress.c cg_report.c)

CG_SRCS := $(CG_BASE_SRCS) $(CG_YAML_SRCS) $(CG_MODEL_SRCS) $(CG_IMAGE_SRCS) \
    $(CG_TALOS_SRCS) $(CG_LINT_SRCS) $(CG_EMIT_SRCS)
CG_PKGS := yaml-0.1 libzstd libcurl

CG_PROFILE_DIR ?= $(PREFIX)/share/talos-configgen
$(B)/obj/$(CG)/cli/%.o: INCLUDES += -DCG_PROFILE_DIR='"$(CG_PROFILE_DIR)"'

$(eval $(call program,talos-configgen,\
    $(CG)/cli/main.c $(CG_CLI_SRCS) $(CG_SRCS) $(CORE_SRCS),\
    $(CG_PKGS) libcrypto,-lm))

$(eval $(call unit,configgen,$(CG_SRCS) $(CORE_SRCS),$(CG_PKGS) libcrypto,-lm))
