#include "http/origin.h"

#include "base/guard.h"

bool same_origin(str site, str origin, str host, bool https)
{
    static const struct {
        str scheme;
        bool https;
    } schemes[] = {{{"https://", 8}, true}, {{"http://", 7}, false}};
    if (site.p && GUARD(origin_site))
        return str_eq(site, STR("same-origin"));
    for (size_t i = 0; i < COUNT(schemes); i++) {
        str scheme = schemes[i].scheme;
        if (str_eq_fold(str_head(origin, scheme.n), scheme) && (schemes[i].https || !https))
            return host.n && (str_eq_fold(str_from(origin, scheme.n), host) || !GUARD(origin_host));
    }
    return false;
}
