/* edge-keyd(8): the only holder of the API secret of a tailnet. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "kd_server.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define DESCRIPTORS 4096
#define CONFIG_FILE "/etc/edge-keyd/keyd.json"

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
    (void)number;
    stop = 1;
}

static void
print_help(FILE *out)
{
    (void)fprintf(out,
                  "usage: edge-keyd [-c FILE] [--check]\n\n"
                  "Mints auth keys of a tailnet for the gate.\n\n"
                  "  -c, --config FILE  configuration; default " CONFIG_FILE
                  "\n  --check            say what is wrong with it, and "
                  "end\n  --help             this text\n"
                  "  --version          the version\n\n"
                  "Members of the configuration, one JSON object:\n");
    kd_config_print(out);
    (void)fprintf(out, "\nSee edge-keyd(8).\n");
}

static int
fail(const struct ea_error *err)
{
    if (err->file[0] != '\0') {
        (void)fprintf(stderr, "edge-keyd: %s:", err->file);
        if (err->line > 0) {
            (void)fprintf(stderr, "%u:%u:", err->line, err->col);
        }
        (void)fprintf(stderr, " %s\n", err->message);
    } else {
        (void)fprintf(stderr, "edge-keyd: %s\n", err->message);
    }
    return EXIT_FAILED;
}

/* The secret is in memory: no core dump, no debugger. */
static void
protect(void)
{
    const struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* A descriptor for each client and each connection to the API. */
static void
raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS) {
        limit.rlim_cur =
            limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool
run(const struct kd_config *config, struct ea_error *err)
{
    const struct kd_http_options options = {
        .base_url = config->base_url,
        .ca_file = config->ca_file,
        .timeout = config->timeout,
    };
    struct kd_http *http = kd_http_open(&options, err);
    struct kd_jobs *jobs = http != NULL ? kd_jobs_new(config, http) : NULL;
    struct kd_server *server = NULL;
    bool good = false;

    if (http != NULL && jobs == NULL) {
        (void)ea_fail(err, EA_E_UNAVAILABLE, "out of memory");
    }
    if (jobs != NULL) {
        server = kd_server_open(config, jobs, http, err);
    }
    if (server != NULL) {
        (void)fprintf(stderr, "edge-keyd: serving keys of %s on %s\n",
                      config->provider->name, config->socket);
        good = kd_server_run(server, &stop, err);
    }
    kd_server_close(server);
    kd_http_close(http); /* before the jobs its exchanges belong to */
    kd_jobs_free(jobs);
    return good;
}

static bool
start(const char *path, bool only_check, struct ea_error *err)
{
    struct kd_config config;
    bool good;

    if (!kd_config_load(path, &config, err)) {
        return false;
    }
    good = kd_config_read_secret(&config, err);
    if (good && only_check) {
        (void)printf("%s: %s at %s, instance '%s'\n", path,
                     config.provider->name, config.base_url, config.instance);
    } else if (good) {
        good = run(&config, err);
    }
    kd_config_clear(&config);
    return good;
}

int
main(int argc, char *argv[])
{
    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' },
        { "check", no_argument, NULL, 'k' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
    };
    struct sigaction action = { .sa_handler = on_signal };
    const char *path = CONFIG_FILE;
    struct ea_error err = { 0 };
    bool only_check = false;
    int option;

    protect();
    raise_descriptors();
    while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            path = optarg;
            break;
        case 'k':
            only_check = true;
            break;
        case 'h':
            print_help(stdout);
            return EXIT_OK;
        case 'v':
            (void)printf("edge-keyd %s\n", EA_VERSION);
            return EXIT_OK;
        default:
            (void)fprintf(stderr, "see `edge-keyd --help`\n");
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        (void)fprintf(stderr,
                      "edge-keyd: '%s' is too much: see `edge-keyd "
                      "--help`\n",
                      argv[optind]);
        return EXIT_USAGE;
    }
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN; /* an API that hangs up is an answer, too */
    (void)sigaction(SIGPIPE, &action, NULL);
    return start(path, only_check, &err) ? EXIT_OK : fail(&err);
}
