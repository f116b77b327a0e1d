# edge-pki

PK := pki/src

PKI_SRCS := $(addprefix $(PK)/, \
    pk_error.c pk_name.c pk_key.c pk_file.c pk_folder.c pk_cert.c pk_show.c pk_verify.c \
    pk_tree.c pk_walk.c pk_trust.c pk_select.c \
    pk_revoked.c pk_revoke.c pk_crl_file.c pk_crl.c pk_expiry.c pk_renew.c pk_ca.c pk_rollover.c pk_import.c pk_import_check.c pk_child.c \
    pk_export.c pk_export_ipxe.c pk_export_talos.c pk_export_usb.c pk_args.c \
    pk_issue.c pk_init.c pk_server.c pk_client.c pk_list.c)

# What it shares with the gate: names, identities, numbers.
PKI_CORE := $(addprefix $(EA)/core/, ea_error.c ea_number.c ea_spiffe.c)

$(eval $(call program,edge-pki,$(PK)/main.c $(PKI_SRCS) $(PKI_CORE),libcrypto libzstd))

# The script that `edge-pki export usb` takes unless told otherwise.
$(B)/obj/$(PK)/pk_export_usb.o: INCLUDES += \
    -DPK_IPXE_SCRIPT='"$(IPXEDIR)/edge.ipxe"'
