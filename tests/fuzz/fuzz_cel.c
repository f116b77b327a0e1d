/* Any expression: refused at a place inside it, or still as good in parentheses
 * and behind a negation. */
#include <string.h>

#include "fuzz.h"
#include "base/cg_strbuf.h"
#include "talos/cg_cel.h"

static void
check(const char *text, enum cg_cel_env env)
{
    CG_AUTO_STRBUF struct cg_strbuf wrapped = { 0 };
    struct ea_error err = { 0 };
    enum cg_cel_verdict verdict = cg_cel_check(text, env, &err);

    if (verdict == CG_CEL_REFUSED) {
        MUST(err.message[0] != '\0');
        MUST(err.col <= strlen(text) + 1);
        return;
    }
    cg_strbuf_printf(&wrapped, "!(%s\n) || false", text);
    if (wrapped.len > 4000 || env == CG_CEL_OOM_RANKING) {
        return;
    }
    verdict = cg_cel_check(wrapped.text, env, &err);
    MUST(verdict != CG_CEL_REFUSED || strstr(err.message, "nested") != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);

    MUST(text != NULL);
    check(text, CG_CEL_DISK);
    check(text, CG_CEL_VOLUME);
    check(text, CG_CEL_LINK);
    check(text, CG_CEL_OOM_TRIGGER);
    check(text, CG_CEL_OOM_RANKING);
    free(text);
    return 0;
}
