//! `kubectl create service`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_service.go

mod clusterip;
mod externalname;
mod loadbalancer;
mod nodeport;

use podyard_api::{Value, names, value};

use crate::command::{Command, EMPTY};
use crate::creating::int_or_text;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::resource::q;

pub(crate) static COMMAND: Command = Command {
    name: "service",
    aliases: &["svc"],
    usage: "service",
    short: "Create a service using a specified subcommand",
    long: "Create a service using a specified subcommand.",
    children: &[&clusterip::COMMAND, &externalname::COMMAND, &loadbalancer::COMMAND, &nodeport::COMMAND],
    ..EMPTY
};

const TCP: Flag = Flag::slice("tcp", "Port pairs can be specified as '<port>:<targetPort>'.");

/// A service of this type over the ports of `--tcp`, selecting pods by `app=<name>`.
fn service(ctx: &Ctx, name: &str, kind: &str) -> Outcome<Value> {
    let mut ports = Value::array();
    for text in ctx.flags.list("tcp") {
        ports.push(port(&text)?);
    }
    let mut service = value!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"selector": {"app": name}, "type": kind},
        "status": {"loadBalancer": {}},
    });
    if !ports.is_empty() {
        service.field_mut("spec").set("ports", ports);
    }
    Ok(service)
}

fn port(text: &str) -> Outcome<Value> {
    let (first, second) = text.split_once(':').map_or((text, None), |(first, second)| (first, Some(second)));
    let number = parse_port(first)?;
    let target = match second {
        None => Value::from(number),
        Some(target) => {
            let target = int_or_text(target);
            let problems = match &target {
                Value::Int(number) => names::port_number(*number),
                other => names::port_name(other.str()),
            };
            if !problems.is_empty() {
                return Err(Failure::Text(problems.join(",")));
            }
            target
        }
    };
    Ok(value!({"name": text.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target}))
}

/// Go's `strconv.ParseUint(text, 10, 16)`.
pub(crate) fn parse_port(text: &str) -> Outcome<i64> {
    let refused = |why: &str| Failure::Text(format!("strconv.ParseUint: parsing {}: {why}", q(text)));
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_digit()) {
        return Err(refused("invalid syntax"));
    }
    text.parse::<u16>().map(i64::from).map_err(|_| refused("value out of range"))
}
