//! `kubectl proxy`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/proxy

use podyard_api::{Target, Value, Verb, json};
use podyard_kernel::{Answer, Fd, Syscall};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;

pub(crate) static COMMAND: Command = Command {
    name: "proxy",
    usage: "proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    short: "Run a proxy to the Kubernetes API server",
    long: "Creates a proxy server or application-level gateway between localhost and the Kubernetes API server. It also allows serving static content over specified HTTP path. All incoming data enters through one port and gets forwarded to the remote Kubernetes API server port, except for the path matching the static content path.",
    example: "# To proxy all of the Kubernetes API and nothing else
kubectl proxy --api-prefix=/

# To proxy only part of the Kubernetes API and also some static files
# You can get pods info with 'curl localhost:8001/api/v1/pods'
kubectl proxy --www=/my/files --www-prefix=/static/ --api-prefix=/api/

# To proxy the entire Kubernetes API at a different root
# You can get pods info with 'curl localhost:8001/custom/api/v1/pods'
kubectl proxy --api-prefix=/custom/

# Run a proxy to the Kubernetes API server on port 8011, serving static content from ./local/www/
kubectl proxy --port=8011 --www=./local/www/

# Run a proxy to the Kubernetes API server on an arbitrary local port
# The chosen port for the server will be output to stdout
kubectl proxy --port=0

# Run a proxy to the Kubernetes API server, changing the API prefix to k8s-api
# This makes e.g. the pods API available at localhost:8001/k8s-api/v1/pods/
kubectl proxy --api-prefix=/k8s-api",
    flags: &[FLAGS],
    run: run!(proxy),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text(
        "accept-hosts",
        "^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$",
        "Regular expression for hosts that the proxy should accept.",
    ),
    Flag::text("accept-paths", "^.*", "Regular expression for paths that the proxy should accept."),
    Flag::text("address", "127.0.0.1", "The IP address on which to serve on."),
    Flag::text("api-prefix", "/", "Prefix to serve the proxied API under."),
    Flag::bool(
        "append-server-path",
        "If true, enables automatic path appending of the kube context server path to each request.",
    ),
    Flag::bool(
        "disable-filter",
        "If true, disable request filtering in the proxy. This is dangerous, and can leave you vulnerable to XSRF attacks, when used with an accessible port.",
    ),
    Flag::duration(
        "keepalive",
        "0s",
        "keepalive specifies the keep-alive period for an active network connection. Set to 0 to disable keepalive.",
    ),
    Flag::int("port", "8001", "The port on which to run the proxy. Set to 0 to pick a random port.").short("p"),
    Flag::text(
        "reject-methods",
        "^$",
        "Regular expression for HTTP methods that the proxy should reject (example --reject-methods='POST,PUT,PATCH'). ",
    ),
    Flag::text(
        "reject-paths",
        "^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach",
        "Regular expression for paths that the proxy should reject. Paths specified here will be rejected even accepted by --accept-paths.",
    ),
    Flag::text("unix-socket", "", "Unix socket on which to run the proxy.").short("u"),
    Flag::text("www", "", "Also serve static files from the given directory under the specified prefix.").short("w"),
    Flag::text("www-prefix", "/static/", "Prefix to serve static files under, if static file directory is specified.")
        .short("P"),
];

async fn proxy(ctx: Ctx) -> Outcome {
    for flag in ["unix-socket", "www"] {
        if !ctx.flags.text(flag).is_empty() {
            return Err(Failure::Text(format!("--{flag} is not simulated")));
        }
    }
    let wanted = ctx.flags.int("port");
    let Ok(port) = u16::try_from(wanted) else {
        return Err(Failure::Text(format!("listen tcp: address {wanted}: invalid port")));
    };
    let port = if port == 0 { 38001 } else { port };
    let address = ctx.flags.text("address");
    let Answer::Fd(listener) = ctx.sys.call(Syscall::Listen(port)).await else {
        return Err(Failure::Text(format!("listen tcp {address}:{port}: bind: address already in use")));
    };
    ctx.out(format!("Starting to serve on {address}:{port}\n")).await;
    loop {
        match ctx.sys.call(Syscall::Accept(listener)).await {
            Answer::Fd(connection) => {
                answer(&ctx, connection).await;
                ctx.sys.close(connection).await;
            }
            Answer::Interrupted(_) => {}
            _ => return Ok(()),
        }
    }
}

/// Reads one request and answers it.
async fn answer(ctx: &Ctx, connection: Fd) {
    const MAX_HEAD: usize = 1 << 16;
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") && head.len() < MAX_HEAD {
        match ctx.sys.read(connection, 1 << 12).await {
            Ok(bytes) if !bytes.is_empty() => head.extend_from_slice(&bytes),
            _ => break,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let (code, body) = match method {
        "GET" | "HEAD" => get(ctx, path).await,
        _ => (501, "only GET is simulated behind kubectl proxy\n".to_owned()),
    };
    let kind = if body.starts_with(['{', '[']) { "application/json" } else { "text/plain; charset=utf-8" };
    let length = body.len();
    let body = if method == "HEAD" { "" } else { body.as_str() };
    let reason = match code {
        200 => "OK",
        403 => "Forbidden",
        404 => "Not Found",
        501 => "Not Implemented",
        _ => "Error",
    };
    let response = format!(
        "HTTP/1.1 {code} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let _ = ctx.sys.write(connection, response).await;
}

async fn get(ctx: &Ctx, path: &str) -> (u16, String) {
    let prefix = ctx.flags.text("api-prefix");
    let prefix = prefix.trim_end_matches('/');
    let Some(path) = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')) else {
        return (404, "404 page not found\n".to_owned());
    };
    match ctx.exchange(ctx.request(Verb::Get, Target::Path(path.into()))).await {
        Ok(response) => match &response.body {
            Value::String(text) => (response.code, text.to_string()),
            body => (response.code, json::to_string_indented(body, "  ")),
        },
        Err(failure) => (502, format!("{}\n", failure.message())),
    }
}
