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
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    unset req.http.Cookie;
}

sub vcl_backend_response {
    if (beresp.http.Cache-Control ~ "immutable") {
        set beresp.ttl = 30d;
    } else {
        # kept for its ETag alone: stale at once, and asked about at each request
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        set beresp.keep = 1h;
    }
}
