//! `kubectl create ingress`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_ingress.go

use podyard_api::{Value, value};

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, int_or_text, name};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "ingress",
    aliases: &["ing"],
    usage: "ingress NAME --rule=host/path=service:port[,tls[=secret]]",
    short: "Create an ingress with the specified name",
    long: "Create an ingress with the specified name.",
    example: "# Create a single ingress called 'simple' that directs requests to foo.com/bar to svc
# svc1:8080 with a TLS secret \"my-cert\"
kubectl create ingress simple --rule=\"foo.com/bar=svc1:8080,tls=my-cert\"

# Create a catch all ingress of \"/path\" pointing to service svc:port and Ingress Class as \"otheringress\"
kubectl create ingress catch-all --class=otheringress --rule=\"/path=svc:port\"

# Create an ingress with two annotations: ingress.annotation1 and ingress.annotations2
kubectl create ingress annotated --class=default --rule=\"foo.com/bar=svc:port\" \\
--annotation ingress.annotation1=foo \\
--annotation ingress.annotation2=bla

# Create an ingress with the same host and multiple paths
kubectl create ingress multipath --class=default \\
--rule=\"foo.com/=svc:port\" \\
--rule=\"foo.com/admin/=svcadmin:portadmin\"

# Create an ingress with multiple hosts and the pathType as Prefix
kubectl create ingress ingress1 --class=default \\
--rule=\"foo.com/path*=svc:8080\" \\
--rule=\"bar.com/admin*=svc2:http\"

# Create an ingress with TLS enabled using the default ingress certificate and different path types
kubectl create ingress ingtls --class=default \\
--rule=\"foo.com/=svc:https,tls\" \\
--rule=\"foo.com/path/subpath*=othersvc:8080\"

# Create an ingress with TLS enabled using a specific secret and pathType as Prefix
kubectl create ingress ingsecret --class=default \\
--rule=\"foo.com/*=svc:8080,tls=secret1\"

# Create an ingress with a default backend
kubectl create ingress ingdefault --class=default \\
--default-backend=defaultsvc:http \\
--rule=\"foo.com/*=svc:8080,tls=secret1\"",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::texts("annotation", "Annotation to insert in the ingress object, in the format annotation=value"),
    Flag::text("class", "", "Ingress Class to be used"),
    Flag::text("default-backend", "", "Default service for backend, in format of svcname:port"),
    Flag::texts(
        "rule",
        "Rule in format host/path=service:port[,tls=secretname]. Paths containing the leading character '*' are considered pathType=Prefix. tls argument is optional.",
    ),
];

/// `host/path=service:port[,tls[=secret]]`
struct Rule<'a> {
    host: &'a str,
    path: String,
    service: &'a str,
    port: &'a str,
    /// The secret's name, which may be empty.
    tls: Option<&'a str>,
}

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let flags = &ctx.flags;
    let (texts, backend) = (flags.list("rule"), flags.text("default-backend"));
    if texts.is_empty() && backend.is_empty() {
        return Err("not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)".into());
    }
    let mut rules = Vec::new();
    for text in &texts {
        rules.push(parse(text).ok_or_else(|| {
            Failure::Text(format!(
                "rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
            ))
        })?);
    }
    let mut metadata = value!({"name": name});
    for annotation in flags.list("annotation") {
        let Some((key, text)) = annotation.split_once('=') else {
            return Err(Failure::Text(format!(
                "annotation {annotation} is invalid and should be in format key=[value]"
            )));
        };
        metadata.field_mut("annotations").set(key, text);
    }
    let mut spec = Value::object();
    if !flags.text("class").is_empty() {
        spec.set("ingressClassName", flags.text("class"));
    }
    if !backend.is_empty() {
        let parts: Vec<&str> = backend.split(':').collect();
        let [service, port] = parts[..] else {
            return Err("default-backend should be in format servicename:serviceport".into());
        };
        spec.set("defaultBackend", backend_value(service, port));
    }
    for (key, value) in [("tls", tls(&rules)), ("rules", by_host(&rules))] {
        if !value.is_empty() {
            spec.set(key, value);
        }
    }
    let ingress = value!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": spec,
        "status": {"loadBalancer": {}},
    });
    maker.make(&ctx, ingress, "ingress:").await
}

fn parse(text: &str) -> Option<Rule<'_>> {
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let (main, tls) = match text.split_once(',') {
        None => (text, None),
        Some((main, tls)) => {
            let secret = tls.strip_prefix("tls")?;
            let secret = secret.strip_prefix('=').unwrap_or(secret);
            if !secret.is_empty() && !word(secret) {
                return None;
            }
            (main, Some(secret))
        }
    };
    let (place, target) = main.split_once('=')?;
    let (host, path) = place.split_once('/')?;
    let (service, port) = target.split_once(':')?;
    let good_host = host.chars().all(|c| c.is_ascii_alphanumeric() || "_*-.".contains(c));
    (good_host && word(service) && word(port)).then(|| Rule { host, path: format!("/{path}"), service, port, tls })
}

fn backend_value(service: &str, port: &str) -> Value {
    let port = match int_or_text(port) {
        Value::Int(number) => value!({"number": number}),
        name => value!({"name": name}),
    };
    value!({"service": {"name": service, "port": port}})
}

fn by_host(rules: &[Rule<'_>]) -> Value {
    let mut hosts: Vec<(&str, Value)> = Vec::new();
    for rule in rules {
        let (path, kind) = match rule.path.strip_suffix('*') {
            Some(prefix) => (prefix, "Prefix"),
            None => (rule.path.as_str(), "Exact"),
        };
        let entry = value!({"path": path, "pathType": kind, "backend": backend_value(rule.service, rule.port)});
        match hosts.iter_mut().find(|(host, _)| *host == rule.host) {
            Some((_, paths)) => paths.push(entry),
            None => hosts.push((rule.host, value!([entry]))),
        }
    }
    let rule = |(host, paths): (&str, Value)| {
        let mut rule = value!({"http": {"paths": paths}});
        if !host.is_empty() {
            rule.set("host", host);
        }
        rule
    };
    hosts.into_iter().map(rule).collect()
}

/// Each host once, those with the same secret together.
fn tls(rules: &[Rule<'_>]) -> Value {
    let mut seen: Vec<&str> = Vec::new();
    let mut all: Vec<(&str, Value)> = Vec::new();
    for rule in rules {
        let Some(secret) = rule.tls else {
            continue;
        };
        if seen.contains(&rule.host) {
            continue;
        }
        seen.push(rule.host);
        match all.iter_mut().find(|(known, _)| *known == secret) {
            Some((_, entry)) => entry.field_mut("hosts").push(rule.host),
            None => {
                let mut entry = Value::object();
                if !rule.host.is_empty() {
                    entry.set("hosts", value!([rule.host]));
                }
                if !secret.is_empty() {
                    entry.set("secretName", secret);
                }
                if !entry.is_empty() {
                    all.push((secret, entry));
                }
            }
        }
    }
    all.into_iter().map(|(_, entry)| entry).collect()
}
