/* Rules about legacy bonds: which option goes with which mode. */
#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_judge.h"

/* Modes as bits, so that a row can name several. */
enum mode {
    ROUND_ROBIN = 1,
    ACTIVE_BACKUP = 2,
    XOR = 4,
    BROADCAST = 8,
    LACP = 16,
    TLB = 32,
    ALB = 64,
    ANY_MODE = 127
};

static const struct {
    const char *name;
    enum mode mode;
} mode_names[] = {
    { "", ROUND_ROBIN },
    { "balance-rr", ROUND_ROBIN },
    { "active-backup", ACTIVE_BACKUP },
    { "balance-xor", XOR },
    { "broadcast", BROADCAST },
    { "802.3ad", LACP },
    { "balance-tlb", TLB },
    { "balance-alb", ALB },
};

/* Options that are words. */
static const struct {
    const char *key;
    const char *words[9];
} word_rows[] = {
    { "xmitHashPolicy",
      { "layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac",
        NULL } },
    { "lacpRate", { "slow", "fast", NULL } },
    { "arpValidate",
      { "none", "active", "backup", "all", "filter", "filter-active",
        "filter-backup", NULL } },
    { "arpAllTargets", { "any", "all", NULL } },
    { "primaryReselect", { "always", "better", "failure", NULL } },
    { "failOverMac", { "none", "active", "follow", NULL } },
    { "adSelect", { "stable", "bandwidth", "count", NULL } },
};

/* Options allowed in some modes only; a number counts when above `limit`. */
static const struct {
    const char *key;
    unsigned modes;
    bool is_text;
    int limit;
} mode_rows[] = {
    { "lacpRate", LACP, true, 0 },
    { "arpValidate", ANY_MODE & ~(LACP | ALB | TLB), true, 0 },
    { "primary", ACTIVE_BACKUP | ALB | TLB, true, 0 },
    { "arpInterval", ANY_MODE & ~(LACP | ALB | TLB), false, 0 },
    { "packetsPerSlave", ROUND_ROBIN, false, 1 },
    { "tlbDynamicLb", ALB | TLB, false, 0 },
    { "adActorSysPrio", LACP, false, 0 },
    { "adUserPortKey", LACP, false, 0 },
};

static unsigned
find_mode(const char *name)
{
    for (size_t i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++) {
        if (strcmp(mode_names[i].name, name) == 0) {
            return mode_names[i].mode;
        }
    }
    return 0;
}

static void
judge_modes(struct cg_judge *judge, const struct cg_tree *bond)
{
    const char *name = cg_judge_text(bond, "mode");
    unsigned mode = find_mode(name);

    if (mode == 0) {
        cg_judge_refuse(judge, cg_check_get(bond, "mode"),
                        "bond.mode %s is not known",
                        cg_judge_quote(judge, cg_check_get(bond, "mode")));
        return;
    }
    for (size_t i = 0; i < sizeof(mode_rows) / sizeof(mode_rows[0]); i++) {
        const char *key = mode_rows[i].key;
        bool set = mode_rows[i].is_text
                       ? *cg_judge_text(bond, key) != '\0'
                       : cg_judge_number(bond, key, 0) > mode_rows[i].limit;

        if (set && (mode & mode_rows[i].modes) == 0) {
            cg_judge_refuse(judge, cg_check_get(bond, key),
                            "bond.%s does not go with mode '%s'", key,
                            *name == '\0' ? "balance-rr" : name);
        }
    }
}

static void
judge_delays(struct cg_judge *judge, const struct cg_tree *bond)
{
    static const char *const keys[] = { "updelay", "downdelay" };
    int64_t miimon = cg_judge_number(bond, "miimon", 0);

    for (size_t i = 0; i < 2; i++) {
        int64_t delay = cg_judge_number(bond, keys[i], 0);

        if (miimon == 0 ? delay != 0 : delay % miimon != 0) {
            cg_judge_refuse(judge, cg_check_get(bond, keys[i]),
                            "bond.%s must be a multiple of bond.miimon",
                            keys[i]);
        }
    }
}

void
cg_judge_bond(struct cg_judge *judge, const struct cg_tree *bond)
{
    for (size_t i = 0; i < sizeof(word_rows) / sizeof(word_rows[0]); i++) {
        const struct cg_tree *value = cg_check_get(bond, word_rows[i].key);

        if (value != NULL && value->len > 0 &&
            !cg_judge_is_one_of(value->text, word_rows[i].words)) {
            cg_judge_refuse(judge, value, "bond.%s %s is not known",
                            word_rows[i].key, cg_judge_quote(judge, value));
        }
    }
    if (cg_judge_count(bond, "arpIPTarget") > 0) {
        cg_judge_refuse(judge, cg_check_get(bond, "arpIPTarget"),
                        "bond.arpIPTarget is not supported");
    }
    if (*cg_judge_text(bond, "adActorSystem") != '\0') {
        cg_judge_refuse(judge, cg_check_get(bond, "adActorSystem"),
                        "bond.adActorSystem is not supported");
    }
    judge_delays(judge, bond);
    judge_modes(judge, bond);
}
