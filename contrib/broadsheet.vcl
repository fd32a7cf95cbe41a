# Varnish in front of Broadsheet. It keeps pages but asks each time: Broadsheet's answer to a page that hasn't changed is a
# 304 from memory, so readers are never shown an older page than one that was acknowledged. Pictures and assets carry their
# content's hash in the address and are kept. TLS is Hitch's or HAProxy's work; site.conf as in nginx.conf beside this.
vcl 4.1;

backend default {
    .host = "127.0.0.1";
    .port = "8080";
}

sub vcl_recv {
    set req.http.X-Forwarded-For = client.ip;
    # The desk's pages are for one person each.
    if ((req.method != "GET" && req.method != "HEAD") || req.url ~ "^/desk/") {
        return (pass);
    }
    unset req.http.Cookie;
}

# One who waited while another's answer was fetched may have begun to ask after that answer was made: they ask for themselves.
# So is a failure told to nobody when it is over.
sub vcl_hit {
    if (obj.http.Cache-Control !~ "immutable") {
        return (pass);
    }
}

sub vcl_backend_response {
    if (beresp.http.Cache-Control ~ "immutable") {
        set beresp.ttl = 30d;
    } else {
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        # A page is kept for its ETag alone, and asked about at each request. With a ttl of nothing Varnish wouldn't look at
        # it again, and its own rules would take it for one that can't be kept. Those decide about all other answers.
        if (beresp.status == 200 && beresp.http.ETag && beresp.http.Cache-Control == "no-cache") {
            set beresp.ttl = 0.001ms;
            set beresp.keep = 1h;
            return (deliver);
        }
    }
}
