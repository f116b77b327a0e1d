/* Names and types of Talos' expressions. */
#include "talos/cg_cel_names.h"

#include <string.h>

#define ARGS_MAX 2

struct name {
    const char *name;
    enum cg_cel_type type;
};

static const struct name disk_fields[] = {
    { "size", CG_T_UINT },
    { "io_size", CG_T_UINT },
    { "sector_size", CG_T_UINT },
    { "readonly", CG_T_BOOL },
    { "model", CG_T_STRING },
    { "serial", CG_T_STRING },
    { "modalias", CG_T_STRING },
    { "wwid", CG_T_STRING },
    { "bus_path", CG_T_STRING },
    { "sub_system", CG_T_STRING },
    { "transport", CG_T_STRING },
    { "rotational", CG_T_BOOL },
    { "cdrom", CG_T_BOOL },
    { "dev_path", CG_T_STRING },
    { "pretty_size", CG_T_STRING },
    { "secondary_disks", CG_T_STRINGS },
    { "uuid", CG_T_STRING },
    { "symlinks", CG_T_STRINGS },
    { NULL, CG_T_NONE },
};

static const struct name volume_fields[] = {
    { "size", CG_T_UINT },
    { "sector_size", CG_T_UINT },
    { "io_size", CG_T_UINT },
    { "name", CG_T_STRING },
    { "uuid", CG_T_STRING },
    { "label", CG_T_STRING },
    { "block_size", CG_T_UINT },
    { "filesystem_block_size", CG_T_UINT },
    { "probed_size", CG_T_UINT },
    { "partition_uuid", CG_T_STRING },
    { "partition_type", CG_T_STRING },
    { "partition_label", CG_T_STRING },
    { "partition_index", CG_T_UINT },
    { "type", CG_T_STRING },
    { "device_path", CG_T_STRING },
    { "parent", CG_T_STRING },
    { "dev_path", CG_T_STRING },
    { "parent_dev_path", CG_T_STRING },
    { "pretty_size", CG_T_STRING },
    { "offset", CG_T_UINT },
    { NULL, CG_T_NONE },
};

static const struct name link_fields[] = {
    { "index", CG_T_UINT },
    { "type", CG_T_INT },
    { "link_index", CG_T_UINT },
    { "flags", CG_T_UINT },
    { "hardware_addr", CG_T_BYTES },
    { "broadcast_addr", CG_T_BYTES },
    { "mtu", CG_T_UINT },
    { "queue_disc", CG_T_STRING },
    { "master_index", CG_T_UINT },
    { "operational_state", CG_T_INT },
    { "kind", CG_T_STRING },
    { "slave_kind", CG_T_STRING },
    { "bus_path", CG_T_STRING },
    { "pciid", CG_T_STRING },
    { "driver", CG_T_STRING },
    { "driver_version", CG_T_STRING },
    { "firmware_version", CG_T_STRING },
    { "product_id", CG_T_STRING },
    { "vendor_id", CG_T_STRING },
    { "product", CG_T_STRING },
    { "vendor", CG_T_STRING },
    { "link_state", CG_T_BOOL },
    { "speed_megabits", CG_T_INT },
    { "port", CG_T_INT },
    { "duplex", CG_T_INT },
    { "vlan", CG_T_ANY },
    { "bridge_master", CG_T_ANY },
    { "bond_master", CG_T_ANY },
    { "wireguard", CG_T_ANY },
    { "permanent_addr", CG_T_BYTES },
    { "alias", CG_T_STRING },
    { "alt_names", CG_T_STRINGS },
    { "vrf_master", CG_T_ANY },
    { NULL, CG_T_NONE },
};

static const struct name unit_names[] = {
    { "KiB", CG_T_UINT }, { "MiB", CG_T_UINT }, { "GiB", CG_T_UINT },
    { "TiB", CG_T_UINT }, { "PiB", CG_T_UINT }, { "EiB", CG_T_UINT },
    { "kB", CG_T_UINT },  { "MB", CG_T_UINT },  { "GB", CG_T_UINT },
    { "TB", CG_T_UINT },  { "PB", CG_T_UINT },  { "EB", CG_T_UINT },
    { NULL, CG_T_NONE },
};

static const struct name disk_names[] = {
    { "disk", CG_T_DISK },
    { "system_disk", CG_T_BOOL },
    { NULL, CG_T_NONE },
};

static const struct name volume_names[] = {
    { "volume", CG_T_VOLUME },
    { "disk", CG_T_DISK },
    { NULL, CG_T_NONE },
};

static const struct name link_names[] = {
    { "link", CG_T_LINK },
    { NULL, CG_T_NONE },
};

static const struct name class_names[] = {
    { "Besteffort", CG_T_INT }, { "Burstable", CG_T_INT },
    { "Guaranteed", CG_T_INT }, { "Podruntime", CG_T_INT },
    { "System", CG_T_INT },     { NULL, CG_T_NONE },
};

static const struct name ranking_names[] = {
    { "memory_max", CG_T_ANY },  { "memory_current", CG_T_ANY },
    { "memory_peak", CG_T_ANY }, { "path", CG_T_STRING },
    { "class", CG_T_INT },       { NULL, CG_T_NONE },
};

struct function {
    const char *name;
    bool is_method;
    enum cg_cel_type result;
    size_t count;
    enum cg_cel_type args[ARGS_MAX];
};

static const struct function functions[] = {
    { "startsWith", true, CG_T_BOOL, 2, { CG_T_STRING, CG_T_STRING } },
    { "endsWith", true, CG_T_BOOL, 2, { CG_T_STRING, CG_T_STRING } },
    { "contains", true, CG_T_BOOL, 2, { CG_T_STRING, CG_T_STRING } },
    { "matches", true, CG_T_BOOL, 2, { CG_T_STRING, CG_T_STRING } },
    { "matches", false, CG_T_BOOL, 2, { CG_T_STRING, CG_T_STRING } },
    { "size", true, CG_T_INT, 1, { CG_T_STRING } },
    { "size", true, CG_T_INT, 1, { CG_T_STRINGS } },
    { "size", true, CG_T_INT, 1, { CG_T_BYTES } },
    { "size", true, CG_T_INT, 1, { CG_T_LIST } },
    { "size", true, CG_T_INT, 1, { CG_T_MAP } },
    { "size", false, CG_T_INT, 1, { CG_T_STRING } },
    { "size", false, CG_T_INT, 1, { CG_T_STRINGS } },
    { "size", false, CG_T_INT, 1, { CG_T_BYTES } },
    { "size", false, CG_T_INT, 1, { CG_T_LIST } },
    { "size", false, CG_T_INT, 1, { CG_T_MAP } },
    { "int", false, CG_T_INT, 1, { CG_T_UINT } },
    { "int", false, CG_T_INT, 1, { CG_T_INT } },
    { "int", false, CG_T_INT, 1, { CG_T_DOUBLE } },
    { "int", false, CG_T_INT, 1, { CG_T_STRING } },
    { "uint", false, CG_T_UINT, 1, { CG_T_INT } },
    { "uint", false, CG_T_UINT, 1, { CG_T_UINT } },
    { "uint", false, CG_T_UINT, 1, { CG_T_DOUBLE } },
    { "uint", false, CG_T_UINT, 1, { CG_T_STRING } },
    { "double", false, CG_T_DOUBLE, 1, { CG_T_INT } },
    { "double", false, CG_T_DOUBLE, 1, { CG_T_UINT } },
    { "double", false, CG_T_DOUBLE, 1, { CG_T_DOUBLE } },
    { "double", false, CG_T_DOUBLE, 1, { CG_T_STRING } },
    { "string", false, CG_T_STRING, 1, { CG_T_INT } },
    { "string", false, CG_T_STRING, 1, { CG_T_UINT } },
    { "string", false, CG_T_STRING, 1, { CG_T_DOUBLE } },
    { "string", false, CG_T_STRING, 1, { CG_T_BOOL } },
    { "string", false, CG_T_STRING, 1, { CG_T_STRING } },
    { "string", false, CG_T_STRING, 1, { CG_T_BYTES } },
};

/* Functions of the language whose types are not followed here. */
static const char *const other_functions[] = {
    "bool",
    "bytes",
    "dyn",
    "type",
    "duration",
    "timestamp",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
};

/* Those of the out-of-memory expressions: optional values, vectors. */
static const char *const oom_functions[] = {
    "multiply_qos_vectors",
    "orValue",
    "or",
    "hasValue",
    "value",
    "optMap",
    "of",
    "none",
    "ofNonZeroValue",
    "optFlatMap",
};

static bool
is_name(const char *known, const char *name, size_t len)
{
    return strlen(known) == len && memcmp(known, name, len) == 0;
}

static enum cg_cel_type
lookup(const struct name *names, const char *name, size_t len)
{
    for (; names->name != NULL; names++) {
        if (is_name(names->name, name, len)) {
            return names->type;
        }
    }
    return CG_T_NONE;
}

static bool
is_listed(const char *const *names, size_t count, const char *name, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (is_name(names[i], name, len)) {
            return true;
        }
    }
    return false;
}

const char *
cg_cel_type_name(enum cg_cel_type type)
{
    static const char *const names[] = {
        "nothing",  "anything", "bool",
        "int",      "uint",     "double",
        "string",   "bytes",    "a list of strings",
        "a list",   "a map",    "a disk",
        "a volume", "a link",
    };
    return names[type];
}

/* d_qos_memory_full_avg300 and its kin. */
static enum cg_cel_type
pressure(const char *name, size_t len)
{
    static const char *const ends[] = { "avg10", "avg60", "avg300", "total" };
    static const char *const amounts[] = { "current", "peak", "max" };
    bool is_qos = false;

    if (is_name("time_since_trigger", name, len)) {
        return CG_T_ANY;
    }
    if (len > 2 && memcmp(name, "d_", 2) == 0) {
        name += 2;
        len -= 2;
    }
    if (len > 4 && memcmp(name, "qos_", 4) == 0) {
        is_qos = true;
        name += 4;
        len -= 4;
    }
    if (len <= 7 || memcmp(name, "memory_", 7) != 0) {
        return CG_T_NONE;
    }
    name += 7;
    len -= 7;
    if (is_qos && is_listed(amounts, 3, name, len)) {
        return CG_T_MAP;
    }
    if (len > 5 &&
        (memcmp(name, "some_", 5) == 0 || memcmp(name, "full_", 5) == 0) &&
        is_listed(ends, 4, name + 5, len - 5)) {
        return is_qos ? CG_T_MAP : CG_T_DOUBLE;
    }
    return CG_T_NONE;
}

enum cg_cel_type
cg_cel_variable(enum cg_cel_env env, const char *name, size_t len)
{
    enum cg_cel_type type =
        env == CG_CEL_LINK ? CG_T_NONE : lookup(unit_names, name, len);

    if (type != CG_T_NONE) {
        return type;
    }
    switch (env) {
    case CG_CEL_DISK:
        return lookup(disk_names, name, len);
    case CG_CEL_VOLUME:
        return lookup(volume_names, name, len);
    case CG_CEL_LINK:
        return lookup(link_names, name, len);
    case CG_CEL_OOM_TRIGGER:
        type = lookup(class_names, name, len);
        return type == CG_T_NONE ? pressure(name, len) : type;
    case CG_CEL_OOM_RANKING:
        type = lookup(class_names, name, len);
        return type == CG_T_NONE ? lookup(ranking_names, name, len) : type;
    }
    return CG_T_NONE;
}

enum cg_cel_type
cg_cel_field(enum cg_cel_type object, const char *name, size_t len)
{
    switch ((int)object) {
    case CG_T_DISK:
        return lookup(disk_fields, name, len);
    case CG_T_VOLUME:
        return lookup(volume_fields, name, len);
    case CG_T_LINK:
        return lookup(link_fields, name, len);
    case CG_T_ANY:
    case CG_T_MAP:
        return CG_T_ANY;
    default:
        return CG_T_NONE;
    }
}

static bool
is_match(const struct function *function, const enum cg_cel_type *args,
         size_t count)
{
    if (function->count != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (args[i] != CG_T_ANY && args[i] != function->args[i]) {
            return false;
        }
    }
    return true;
}

static bool
has_glob(enum cg_cel_env env)
{
    return env == CG_CEL_DISK || env == CG_CEL_LINK;
}

enum cg_cel_type
cg_cel_call(enum cg_cel_env env, const char *name, size_t len, bool is_method,
            const enum cg_cel_type *args, size_t count, bool *ret_known)
{
    static const struct function glob = {
        "glob", false, CG_T_BOOL, 2, { CG_T_STRING, CG_T_STRING }
    };
    static const struct function mac = {
        "mac", false, CG_T_STRING, 1, { CG_T_BYTES }
    };
    bool is_oom = env == CG_CEL_OOM_TRIGGER || env == CG_CEL_OOM_RANKING;

    *ret_known = true;
    if (!is_method && has_glob(env) && is_name("glob", name, len)) {
        return is_match(&glob, args, count) ? glob.result : CG_T_NONE;
    }
    if (!is_method && env == CG_CEL_LINK && is_name("mac", name, len)) {
        return is_match(&mac, args, count) ? mac.result : CG_T_NONE;
    }
    *ret_known = false;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (functions[i].is_method == is_method &&
            is_name(functions[i].name, name, len)) {
            *ret_known = true;
            if (is_match(&functions[i], args, count)) {
                return functions[i].result;
            }
        }
    }
    if (!*ret_known &&
        (is_listed(other_functions,
                   sizeof(other_functions) / sizeof(other_functions[0]), name,
                   len) ||
         (is_oom && is_listed(oom_functions,
                              sizeof(oom_functions) / sizeof(oom_functions[0]),
                              name, len)))) {
        *ret_known = true;
        return CG_T_ANY;
    }
    return CG_T_NONE;
}
