# talos-configgen

CG := talos-configgen/src

# In layers: each uses those above it only.
CG_BASE_SRCS := $(addprefix $(CG)/base/, \
    cg_arena.c cg_diag.c cg_file.c cg_strbuf.c)
CG_YAML_SRCS := $(addprefix $(CG)/yaml/, \
    cg_scalar.c cg_tree.c cg_yaml_emit.c cg_yaml_load.c)
CG_TALOS_SRCS := $(addprefix $(CG)/talos/, \
    cg_check.c cg_conflict.c cg_delete.c cg_fields.c cg_fields_cluster.c \
    cg_fields_documents.c cg_fields_machine.c cg_fields_network.c \
    cg_generate.c cg_merge.c cg_normal.c cg_patch.c cg_secrets.c cg_url.c \
    cg_value.c cg_validate.c cg_version.c cg_where.c)

CG_SRCS := $(CG_BASE_SRCS) $(CG_YAML_SRCS) $(CG_TALOS_SRCS)
CG_PKGS := yaml-0.1

$(eval $(call unit,configgen,$(CG_SRCS) $(CORE_SRCS),$(CG_PKGS) libcrypto,-lm))
