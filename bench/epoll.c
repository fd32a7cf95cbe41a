/* The bare loop that a cached page is measured against: epoll, one thread, no parsing beyond the
 * blank line, one send of bytes that lie ready: epoll PORT FILE, FILE being head and body. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct stat s;
    int file = argc == 3 ? open(argv[2], O_RDONLY) : -1;
    if (file < 0 || fstat(file, &s))
        return 2;
    size_t size = (size_t)s.st_size;
    char *reply = malloc(size), buf[16 << 10];
    if (!reply || read(file, reply, size) != (ssize_t)size)
        return 3;
    int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1, ep = epoll_create1(0);
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(l, (struct sockaddr *)&sa, sizeof sa) || listen(l, 1024))
        return 3;
    size_t *left = calloc(1 << 16, sizeof *left); /* of a reply that didn't fit, by descriptor */
    struct epoll_event e = {.events = EPOLLIN, .data.fd = l}, events[256];
    epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
    for (;;) {
        int n = epoll_wait(ep, events, 256, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == l) {
                int c = accept4(l, NULL, NULL, SOCK_NONBLOCK);
                if (c < 0)
                    continue;
                setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                e = (struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = c};
                epoll_ctl(ep, EPOLL_CTL_ADD, c, &e);
                left[c] = 0;
                continue;
            }
            if (events[i].events & EPOLLIN) {
                ssize_t got = read(fd, buf, sizeof buf);
                if (got <= 0) {
                    close(fd);
                    continue;
                }
                if (got >= 4 && memcmp(buf + got - 4, "\r\n\r\n", 4) == 0)
                    left[fd] = size;
            }
            while (left[fd]) {
                ssize_t w = send(fd, reply + size - left[fd], left[fd], MSG_NOSIGNAL);
                if (w <= 0)
                    break;
                left[fd] -= (size_t)w;
            }
        }
    }
}
