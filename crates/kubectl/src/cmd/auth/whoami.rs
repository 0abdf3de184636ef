//! `kubectl auth whoami`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/auth/whoami.go

use podyard_api::{Target, Value, Verb, value};
use podyard_printers::TabWriter;

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared;
use crate::print::{DryRun, Printer};

pub(super) static COMMAND: Command = Command {
    name: "whoami",
    usage: "whoami",
    short: "Experimental: Check self subject attributes",
    long: "Experimental: Check who you are and your attributes (groups, extra).

        This command is helpful to get yourself aware of the current user attributes,
        especially when dynamic authentication, e.g., token webhook, auth proxy, or OIDC provider,
        is enabled in the Kubernetes cluster.",
    example: "# Get your subject attributes
kubectl auth whoami

# Get your subject attributes in JSON format
kubectl auth whoami -o json",
    flags: &[shared::PRINT],
    run: run!(whoami),
    ..EMPTY
};

async fn whoami(ctx: Ctx) -> Outcome {
    let printer = Printer::from_flags(&ctx, "", DryRun::None).await?;
    let target = Target::resource("authentication.k8s.io", "v1", "selfsubjectreviews", "", "");
    let body = value!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}});
    let review =
        ctx.send(ctx.request(Verb::Create, target).with_body(body)).await.map_err(|failure| match failure {
            Failure::Server(status) if status.is("Forbidden") => Failure::Text(format!(
                "the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it: {}",
                status.message
            )),
            other => other,
        })?;
    if printer.is_formatted() {
        return printer.print(&ctx, &review).await;
    }
    let user = review.get("status").get("userInfo");
    let mut text = "ATTRIBUTE\tVALUE\n".to_owned();
    for (label, field) in [("Username", "username"), ("UID", "uid")] {
        if !user.get(field).is_empty() {
            text.push_str(&format!("{label}\t{}\n", user.get(field).str()));
        }
    }
    let list = |values: &Value| {
        let words: Vec<&str> = values.items().iter().map(Value::str).collect();
        format!("[{}]", words.join(" "))
    };
    if !user.get("groups").is_empty() {
        text.push_str(&format!("Groups\t{}\n", list(user.get("groups"))));
    }
    for (key, values) in user.get("extra").fields() {
        text.push_str(&format!("Extra: {}\t{}\n", key.as_str(), list(values)));
    }
    ctx.out(TabWriter::tables().format(&text)).await;
    Ok(())
}
