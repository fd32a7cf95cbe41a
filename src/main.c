#include <stdio.h>
#include <string.h>

#include "base/hasher.h"
#include "command/command.h"
#include "text/icu_memory.h"

static const struct command commands[] = {
    {"init", command_init, "make a site"},
    {"publish", command_publish, "publish story files, sections.yaml and site.yaml"},
    {"serve", command_serve, "serve a site to readers"},
    {"check", command_check, "check that a site is whole"},
    {"export", command_export, "write a story as a file"},
    {"withdraw", command_withdraw, "withdraw a story"},
    {"reinstate", command_reinstate, "put a withdrawn story back"},
    {"user", command_user, "add an account, list them, or print a link to sign in by"},
    {"backup", command_backup, "write all of a site into one file"},
    {"restore", command_restore, "make a site from a backup"},
};

static void usage(FILE *to)
{
    fputs("Usage: broadsheet COMMAND ...\n\nCommands:\n", to);
    for (size_t i = 0; i < COUNT(commands); i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].brief);
    fputs("\nbroadsheet COMMAND --help says more of each; broadsheet --version names this one.\n",
          to);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0) {
        usage(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("broadsheet " BROADSHEET_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], HASHER_COMMAND) == 0) /* a server's, of itself: nobody types that */
        return hasher_main(argc, argv);
    icu_memory_start();
    for (size_t i = 0; i < COUNT(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            char name[64];
            snprintf(name, sizeof name, "broadsheet %s", commands[i].name);
            argv[1] = name; /* argp's messages name the command */
            return commands[i].run(argc - 1, argv + 1);
        }
    fprintf(stderr, "broadsheet: there is no command %s\n", argv[1]);
    usage(stderr);
    return EXIT_USAGE;
}
