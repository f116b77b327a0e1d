/* Scalars as Talos' library reads them. */
#include "talos/cg_value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ea_number.h"
#include "talos/cg_url.h"

#define ADDR_MAX 64           /* characters */
#define ROUTING_TABLE_MAX 252 /* by number */
#define V4_BITS 32
#define V6_BITS 128
#define BYTES_END 18446744073709551615.0

static bool
is_one_of(const char *text, const char *const words[])
{
    for (; *words != NULL; words++) {
        if (strcmp(text, *words) == 0) {
            return true;
        }
    }
    return false;
}

bool
cg_value_bool(const struct cg_tree *value, bool *ret)
{
    static const char *const yes[] = { "y",  "Y",  "yes", "Yes", "YES",
                                       "on", "On", "ON",  NULL };
    static const char *const no[] = { "n",   "N",   "no",  "No", "NO",
                                      "off", "Off", "OFF", NULL };

    if (cg_tree_bool(value, ret)) {
        return true;
    }
    if (value == NULL || cg_tree_type(value) != CG_TYPE_TEXT) {
        return false;
    }
    *ret = is_one_of(value->text, yes);
    return *ret || is_one_of(value->text, no);
}

/* A whole number, also written as 5.0 or 1e3. */
static bool
whole(const struct cg_tree *value, int64_t *ret)
{
    double real;

    if (cg_tree_int(value, ret)) {
        return true;
    }
    if (cg_tree_type(value) != CG_TYPE_FLOAT || !cg_tree_float(value, &real) ||
        !(real > -9e15 && real < 9e15)) {
        return false;
    }
    *ret = (int64_t)real;
    return (double)*ret >= real && (double)*ret <= real;
}

/* The factor of a unit, 0 if there is none of that name. */
static double
unit_seconds(const char *name, size_t len)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {
        { "ns", 1e-9 },        { "us", 1e-6 }, { "\xc2\xb5s", 1e-6 },
        { "\xce\xbcs", 1e-6 }, { "ms", 1e-3 }, { "s", 1 },
        { "m", 60 },           { "h", 3600 },
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strlen(units[i].name) == len &&
            memcmp(units[i].name, name, len) == 0) {
            return units[i].seconds;
        }
    }
    return 0;
}

/* 1.5h, 10m30s, -1us; see Go's time.ParseDuration. */
bool
cg_value_seconds(const char *text, double *ret)
{
    bool minus = *text == '-';
    double sum = 0;

    text += *text == '-' || *text == '+';
    if (strcmp(text, "0") == 0) {
        *ret = 0;
        return true;
    }
    if (*text == '\0') {
        return false;
    }
    while (*text != '\0') {
        size_t digits = strspn(text, "0123456789.");
        size_t len = strcspn(text + digits, "0123456789.");
        double factor = unit_seconds(text + digits, len);
        char *end;
        double number = strtod(text, &end);

        if (digits == 0 || !(factor > 0) || end != text + digits) {
            return false;
        }
        sum += number * factor;
        text += digits + len;
    }
    *ret = minus ? -sum : sum;
    return true;
}

/* No digit but zeros. */
static bool
is_all_zero(const char *text)
{
    return text[strcspn(text, "123456789")] == '\0';
}

bool
cg_value_bytes(const char *text, double *ret)
{
    static const struct {
        char letter;
        double si, binary;
    } units[] = {
        { 'k', 1e3, 1024.0 },
        { 'm', 1e6, 1048576.0 },
        { 'g', 1e9, 1073741824.0 },
        { 't', 1e12, 1099511627776.0 },
        { 'p', 1e15, 1125899906842624.0 },
        { 'e', 1e18, 1152921504606846976.0 },
    };
    char number[ADDR_MAX];
    size_t len = 0;
    char *end;

    for (; isdigit((unsigned char)*text) || *text == '.' || *text == ',';
         text++) {
        if (*text != ',' && len < sizeof(number) - 1) {
            number[len++] = *text;
        }
    }
    number[len] = '\0';
    *ret = strtod(number, &end);
    if (end == number || *end != '\0') {
        return false;
    }
    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (tolower((unsigned char)*text) == units[i].letter) {
            bool binary = tolower((unsigned char)text[1]) == 'i';

            text += binary ? 2 : 1;
            *ret *= binary ? units[i].binary : units[i].si;
            break;
        }
    }
    text += tolower((unsigned char)*text) == 'b';
    text += strspn(text, " \t\r\n");
    return *text == '\0' && *ret < BYTES_END;
}

static bool
is_byte_size(const char *text)
{
    double bytes;

    return *text == '\0' || cg_value_bytes(text + (*text == '-'), &bytes);
}

static bool
is_size(const char *text)
{
    double percent;
    char *end;

    if (strchr(text, '%') == NULL) {
        return is_byte_size(text);
    }
    text += *text == '-';
    percent = strtod(text, &end);
    return end != text && strcmp(end, "%") == 0 && percent >= 0 &&
           percent <= 100;
}

static bool
is_disk_match(const char *text)
{
    static const char *const operators[] = { ">=", "<=", "==", ">", "<", NULL };
    double bytes;

    text += strspn(text, " \t\r\n");
    for (size_t i = 0; operators[i] != NULL; i++) {
        size_t len = strlen(operators[i]);

        if (strncmp(text, operators[i], len) == 0) {
            text += len;
            break;
        }
    }
    text += strspn(text, " \t\r\n");
    return cg_value_bytes(text, &bytes);
}

bool
cg_value_decimal(struct ea_bytes text, uint64_t max, uint64_t *ret)
{
    while (text.len > 1 && text.ptr[0] == '0') {
        text.ptr++;
        text.len--;
    }
    return ea_number_parse(text, 0, max, "number", ret, NULL);
}

/* With a zone only where `zone` says so. */
static bool
is_address(const char *text, size_t len, bool zone)
{
    char copy[ADDR_MAX];
    unsigned char raw[sizeof(struct in6_addr)];
    const char *percent = memchr(text, '%', len);

    if (percent != NULL) {
        if (!zone || percent == text + len - 1) {
            return false;
        }
        len = (size_t)(percent - text);
    }
    if (len == 0 || len >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return inet_pton(AF_INET6, copy, raw) == 1 ||
           (percent == NULL && inet_pton(AF_INET, copy, raw) == 1);
}

bool
cg_value_is_addr(const char *text)
{
    return is_address(text, strlen(text), true);
}

bool
cg_value_is_prefix(const char *text)
{
    const char *slash = strrchr(text, '/');
    uint64_t bits;
    size_t len;

    if (slash == NULL) {
        return false;
    }
    len = (size_t)(slash - text);
    return is_address(text, len, false) &&
           ea_number_parse(ea_bytes_of(slash + 1), 0,
                           memchr(text, ':', len) == NULL ? V4_BITS : V6_BITS,
                           "prefix", &bits, NULL);
}

static bool
is_port(const char *text, size_t len)
{
    uint64_t port;

    return cg_value_decimal((struct ea_bytes){ text, len }, UINT16_MAX, &port);
}

static bool
is_addr_port(const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t len;

    if (colon == NULL || !is_port(colon + 1, strlen(colon + 1))) {
        return false;
    }
    len = (size_t)(colon - text);
    if (*text == '[') {
        return len > 2 && text[len - 1] == ']' &&
               memchr(text, ':', len) != NULL &&
               is_address(text + 1, len - 2, true);
    }
    return memchr(text, ':', len) == NULL && is_address(text, len, false);
}

static bool
is_port_range(const struct cg_tree *value)
{
    const char *dash = strchr(value->text, '-');
    int64_t port;

    if (whole(value, &port)) {
        return port >= 0 && port <= 65535;
    }
    return dash != NULL && is_port(value->text, (size_t)(dash - value->text)) &&
           is_port(dash + 1, strlen(dash + 1));
}

static bool
is_hwaddr(const char *text)
{
    size_t digits = 0;

    for (; *text != '\0'; text++) {
        if (*text != ':') {
            if (!isxdigit((unsigned char)*text)) {
                return false;
            }
            digits++;
        }
    }
    return digits % 2 == 0;
}

static bool
is_routing_table(const char *text)
{
    uint64_t number;

    return strcasecmp(text, "unspec") == 0 ||
           strcasecmp(text, "default") == 0 || strcasecmp(text, "main") == 0 ||
           strcasecmp(text, "local") == 0 ||
           ea_number_parse(ea_bytes_of(text), 1, ROUTING_TABLE_MAX, "table",
                           &number, NULL);
}

size_t
cg_value_base64_len(const char *text)
{
    size_t letters = 0, padding = 0;

    for (; *text != '\0'; text++) {
        if (*text == '\n' || *text == '\r') {
            continue;
        }
        if (*text == '=') {
            padding++;
        } else if (padding > 0 || !(isalnum((unsigned char)*text) ||
                                    *text == '+' || *text == '/')) {
            return 0;
        } else {
            letters++;
        }
    }
    if ((letters + padding) % 4 != 0 || padding > 2) {
        return 0;
    }
    return letters * 3 / 4;
}

bool
cg_value_is_base64(const char *text)
{
    return text[strspn(text, "\r\n")] == '\0' || cg_value_base64_len(text) > 0;
}

/* Numbers: NULL or what the range is. */
static const char *
number_expected(const struct cg_field *field, const struct cg_tree *value)
{
    int64_t number;
    bool is_whole = whole(value, &number);

    switch ((int)field->kind) {
    case CG_K_UINT8:
        return is_whole && number >= 0 && number <= UINT8_MAX
                   ? NULL
                   : "a whole number from 0 to 255";
    case CG_K_UINT16:
        return is_whole && number >= 0 && number <= UINT16_MAX
                   ? NULL
                   : "a whole number from 0 to 65535";
    case CG_K_UINT32:
    case CG_K_FILE_MODE:
        return is_whole && number >= 0 && number <= UINT32_MAX
                   ? NULL
                   : "a whole number from 0 to 4294967295";
    case CG_K_UINT64:
        return is_whole && number >= 0 ? NULL : "a whole number, 0 or more";
    default:
        return is_whole ? NULL : "a whole number";
    }
}

static const char *
duration_expected(const struct cg_tree *value)
{
    int64_t number;
    double seconds;
    bool is_zero = cg_tree_int(value, &number) && number == 0;

    return is_zero || (cg_tree_type(value) == CG_TYPE_TEXT &&
                       cg_value_seconds(value->text, &seconds))
               ? NULL
               : "a duration such as 90s or 1h30m";
}

/* Kinds whose text has a grammar of its own. */
static const char *
text_expected(const struct cg_field *field, const char *text)
{
    struct cg_url url;

    switch ((int)field->kind) {
    case CG_K_BYTE_SIZE:
        return is_byte_size(text) ? NULL : "a size such as 10GiB";
    case CG_K_SIZE:
        return is_size(text) ? NULL : "a size such as 10GiB or 50%";
    case CG_K_DISK_SIZE:
        return *text != '\0' && *text != '-' && is_byte_size(text)
                   ? NULL
                   : "a size such as 10GB";
    case CG_K_DISK_MATCH:
        return is_disk_match(text) ? NULL : "a comparison such as '>= 10GB'";
    case CG_K_URL:
        return cg_url_parse(text, &url) ? NULL : "a URL";
    case CG_K_ADDR:
        return *text == '\0' || cg_value_is_addr(text) ? NULL : "an IP address";
    case CG_K_PREFIX:
        return *text == '\0' || cg_value_is_prefix(text)
                   ? NULL
                   : "a network such as 10.0.0.0/8";
    case CG_K_ADDR_PORT:
        return *text == '\0' || is_addr_port(text)
                   ? NULL
                   : "an address and port such as 10.0.0.1:51820";
    case CG_K_HWADDR:
        return is_hwaddr(text) ? NULL : "a hardware address";
    case CG_K_ROUTING_TABLE:
        return is_routing_table(text)
                   ? NULL
                   : "a routing table: 1 to 252, main, local or default";
    case CG_K_BASE64:
        return cg_value_is_base64(text) ? NULL : "base64";
    default: /* STRING, CEL */
        return NULL;
    }
}

const char *
cg_value_expected(const struct cg_field *field, const struct cg_tree *value)
{
    bool yes;

    switch ((int)field->kind) {
    case CG_K_BOOL:
        return cg_value_bool(value, &yes) ? NULL : "true or false";
    case CG_K_INT:
    case CG_K_UINT8:
    case CG_K_UINT16:
    case CG_K_UINT32:
    case CG_K_UINT64:
    case CG_K_FILE_MODE:
        return number_expected(field, value);
    case CG_K_DURATION:
        return duration_expected(value);
    case CG_K_ENUM:
        return cg_fields_has_word(field->words, value->text) ? NULL
                                                             : "another word";
    case CG_K_PORT_RANGE:
        return is_port_range(value) ? NULL : "a port or a range such as 80-90";
    default:
        return text_expected(field, value->text);
    }
}

/* The first word stands for zero. */
static bool
is_zero_word(const struct cg_field *field, const char *text)
{
    size_t len = strcspn(field->words, " ");

    return strlen(text) == len && strncasecmp(field->words, text, len) == 0;
}

bool
cg_value_is_zero(const struct cg_field *field, const struct cg_tree *value)
{
    int64_t number;
    bool yes;

    if (cg_tree_type(value) == CG_TYPE_NULL) {
        return true;
    }
    switch ((int)field->kind) {
    case CG_K_BOOL:
        return cg_value_bool(value, &yes) && !yes;
    case CG_K_INT:
    case CG_K_UINT8:
    case CG_K_UINT16:
    case CG_K_UINT32:
    case CG_K_UINT64:
    case CG_K_FILE_MODE:
        return whole(value, &number) && number == 0;
    case CG_K_DURATION:
        return is_all_zero(value->text);
    case CG_K_ENUM:
        return is_zero_word(field, value->text);
    case CG_K_ROUTING_TABLE:
        return strcasecmp(value->text, "unspec") == 0;
    default:
        return value->len == 0;
    }
}
