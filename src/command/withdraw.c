#include <stdio.h>

#include "command/command.h"

struct asked {
    const char *folder, *key, *note;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct asked *a = state->input;
    switch (key) {
    case 'n':
        a->note = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "a site and the id of one story are wanted");
        *(state->arg_num ? &a->key : &a->folder) = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->key)
            argp_error(state, "a site and the id of a story are wanted");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run(const struct asked *asked, enum wire_kind kind)
{
    struct err err = {0};
    struct hand h;
    struct intake_answer *answers;
    size_t n;
    bool root;
    enum status st = site_become_owner(asked->folder, &root, &err);
    st = st ? st : hand_open(asked->folder, &h, &err);
    if (st)
        return command_fail_system(st, &err);
    struct wire_request r = {.kind = kind, .key = str_c(asked->key), .note = str_c(asked->note)};
    st = hand_do(&h, &r, &answers, &n, &err);
    if (!st && answers[0].st)
        st = fail(&err, answers[0].st, "%.*s", FMT(answers[0].line));
    else if (!st)
        printf("%.*s\n", FMT(answers[0].line));
    hand_close(&h);
    return st ? command_fail(st, &err) : EXIT_DONE;
}

int command_withdraw(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"note", 'n', "TEXT", 0, "What readers are told at the story's address", 0},
        {0},
    };
    static const struct argp argp = {
        options,
        option,
        "SITE ID [--note TEXT]",
        "Withdraws a story: its address answers with the note and nothing else. A story that is "
        "scheduled and was never live is taken back, and needs no note.",
        NULL,
        NULL,
        NULL};
    struct asked a = {0};
    command_parse(&argp, argc, argv, &a);
    return run(&a, WIRE_WITHDRAW);
}

int command_reinstate(int argc, char **argv)
{
    static const struct argp argp = {
        NULL, option, "SITE ID", "Puts a withdrawn story back, as a new revision.",
        NULL, NULL,   NULL};
    struct asked a = {0};
    command_parse(&argp, argc, argv, &a);
    return run(&a, WIRE_REINSTATE);
}
