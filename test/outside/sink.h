/* test/outside/sink.h: a mail server that speaks just enough of SMTP to be sent to, and does as a
 * test says: takes a message, refuses it now or for ever, or says nothing at all. */
#ifndef TEST_OUTSIDE_SINK_H
#define TEST_OUTSIDE_SINK_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum sink_way {
    SINK_TAKES,
    SINK_LATER,      /* 450 to the address */
    SINK_NEVER,      /* 550 to the address */
    SINK_NEVER_DATA, /* 554 to the message */
    SINK_NO_SERVICE, /* 554 instead of a greeting */
    SINK_HANGS,      /* says nothing */
};

struct sink {
    pthread_t thread;
    int listener, stop;
    char url[64];
    _Atomic int way, connections;
    _Atomic int taken; /* messages */
    pthread_mutex_t lock;
    char said[64 << 10]; /* all that clients said, with what they sent */
    size_t n;
};

static inline void sink_keep(struct sink *s, const char *p, size_t n)
{
    pthread_mutex_lock(&s->lock);
    if (s->n + n < sizeof s->said) {
        memcpy(s->said + s->n, p, n);
        s->n += n;
    }
    pthread_mutex_unlock(&s->lock);
}

static inline void sink_say(int fd, const char *line)
{
    if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
        return;
}

/* One line, with its end; 0 when the client or the test has ended it. */
static inline size_t sink_line(struct sink *s, int fd, char *buf, size_t cap)
{
    size_t n = 0;
    while (n + 1 < cap) {
        struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = s->stop, .events = POLLIN}};
        poll(p, 2, -1);
        if (p[1].revents || recv(fd, buf + n, 1, 0) != 1)
            return 0;
        if (buf[n++] == '\n')
            break;
    }
    buf[n] = '\0';
    sink_keep(s, buf, n);
    return n;
}

static inline void sink_talk(struct sink *s, int fd)
{
    char line[4096];
    bool data = false;
    int way = s->way;
    if (way != SINK_HANGS)
        sink_say(fd, way == SINK_NO_SERVICE ? "554 no service\r\n" : "220 sink\r\n");
    while (sink_line(s, fd, line, sizeof line)) {
        if (data && strcmp(line, ".\r\n") == 0) {
            data = false;
            s->taken += way == SINK_TAKES;
            sink_say(fd, way == SINK_NEVER_DATA ? "554 refused\r\n" : "250 taken\r\n");
        } else if (data || way == SINK_HANGS) {
            continue;
        } else if (strncmp(line, "RCPT", 4) == 0) {
            sink_say(fd, way == SINK_LATER   ? "450 later\r\n"
                         : way == SINK_NEVER ? "550 nobody\r\n"
                                             : "250 yes\r\n");
        } else if (strncmp(line, "DATA", 4) == 0) {
            data = true;
            sink_say(fd, "354 go on\r\n");
        } else {
            sink_say(fd, strncmp(line, "QUIT", 4) == 0 ? "221 bye\r\n" : "250 sink\r\n");
        }
    }
}

static inline void *sink_run(void *arg)
{
    struct sink *s = arg;
    for (;;) {
        struct pollfd p[] = {{.fd = s->listener, .events = POLLIN},
                             {.fd = s->stop, .events = POLLIN}};
        poll(p, 2, -1);
        if (p[1].revents)
            return NULL;
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0)
            continue;
        s->connections++;
        sink_talk(s, fd);
        close(fd);
    }
}

static inline void sink_open(struct sink *s, enum sink_way way)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    *s = (struct sink){.way = way, .lock = PTHREAD_MUTEX_INITIALIZER};
    s->stop = eventfd(0, EFD_CLOEXEC);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s->stop >= 0 && s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(s->listener, 8), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &size), 0);
    snprintf(s->url, sizeof s->url, "smtp://127.0.0.1:%d", ntohs(at.sin_port));
    assert_int_equal(pthread_create(&s->thread, NULL, sink_run, s), 0);
}

static inline void sink_close(struct sink *s)
{
    assert_int_equal(eventfd_write(s->stop, 1), 0);
    pthread_join(s->thread, NULL);
    close(s->listener);
    close(s->stop);
}

/* What clients have said so far; good until the sink is closed. */
static inline str sink_said(struct sink *s)
{
    pthread_mutex_lock(&s->lock);
    str said = {s->said, s->n};
    pthread_mutex_unlock(&s->lock);
    return said;
}

#endif
