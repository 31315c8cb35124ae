/* Makes loopback look like an ordinary interface to Janus, whose ICE library leaves it out.
 * Preloaded into the benchmark's own Janus, so that both servers are measured over the same path. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

int getifaddrs(struct ifaddrs **out) {
    static int (*real)(struct ifaddrs **);
    if (real == NULL) real = dlsym(RTLD_NEXT, "getifaddrs");
    int result = real(out);
    if (result) return result;
    for (struct ifaddrs *i = *out; i != NULL; i = i->ifa_next) {
        if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET &&
            (((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr & 0xff) == 127)
            i->ifa_flags &= ~IFF_LOOPBACK;
        else
            i->ifa_flags = 0;
    }
    return 0;
}
