# Fails open: while Fingerpost is stopped, overloaded or slower than half a second, every page is served as if it had not been asked.
#
# Varnish asks Fingerpost first (fingerpostd --http-listen 127.0.0.1:8080 --policy policy.yaml). Its redirect is the answer; 418
# stands for "go on", and then the request goes on as ever: to the cache, or to the site. The two addresses are yours.
# varnishd -a :80 -f /etc/varnish/fingerpost.vcl
vcl 4.1;

import std;

backend site {
    .host = "127.0.0.1";
    .port = "3000";
}

backend fingerpost {
    .host = "127.0.0.1";
    .port = "8080";
    .connect_timeout = 250ms;
    .first_byte_timeout = 500ms;
    .between_bytes_timeout = 500ms;
}

sub vcl_recv {
    if (req.restarts == 0) {
        unset req.http.Fingerpost-Vary;
        unset req.http.Fingerpost-Cookie;
        unset req.http.Fingerpost-Cache;
        set req.http.Fingerpost-Proto = "http";
        if (local.socket == "https") { # varnishd -a https=:8443,PROXY, behind what ends TLS
            set req.http.Fingerpost-Proto = "https";
        }
        # The content goes to the site after the question; a request with more than this fails.
        std.cache_req_body(10MB);
        set req.backend_hint = fingerpost;
        return (pass);
    }
    set req.backend_hint = site;
    unset req.http.Fingerpost-Proto;
}

sub vcl_backend_fetch {
    if (bereq.backend == fingerpost) {
        # What a client writes into these fields is replaced.
        set bereq.http.X-Forwarded-Method = bereq.method;
        set bereq.http.X-Forwarded-Uri = bereq.url;
        set bereq.http.X-Forwarded-Host = bereq.http.Host;
        set bereq.http.X-Forwarded-Proto = bereq.http.Fingerpost-Proto;
        unset bereq.http.X-Original-Method;
        unset bereq.http.X-Original-Uri;
        unset bereq.http.X-Original-Url;
        set bereq.url = "/v1/gateway?pass=418";
        unset bereq.body;
    }
    unset bereq.http.Fingerpost-Proto;
    unset bereq.http.Fingerpost-Vary;
    unset bereq.http.Fingerpost-Cookie;
    unset bereq.http.Fingerpost-Cache;
}

sub vcl_deliver {
    if (req.restarts == 0 && (resp.status == 418 || resp.status == 429 || resp.status >= 500)) {
        set req.http.Fingerpost-Vary = resp.http.Vary;
        set req.http.Fingerpost-Cookie = resp.http.Set-Cookie;
        set req.http.Fingerpost-Cache = resp.http.Cache-Control;
        return (restart);
    }
    # What the policy adds to a page that it lets pass.
    if (req.http.Fingerpost-Vary ~ ".") {
        set resp.http.Vary = resp.http.Vary + ", " + req.http.Fingerpost-Vary;
        set resp.http.Vary = regsub(resp.http.Vary, "^, ", "");
    }
    if (req.http.Fingerpost-Cookie ~ "." && !resp.http.Set-Cookie) {
        set resp.http.Set-Cookie = req.http.Fingerpost-Cookie;
        set resp.http.Cache-Control = req.http.Fingerpost-Cache;
    }
}
