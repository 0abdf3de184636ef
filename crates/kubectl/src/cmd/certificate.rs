//! `kubectl certificate`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/certificates/certificates.go

use podyard_api::{Value, Verb, value};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, q};

pub(crate) static COMMAND: Command = Command {
    name: "certificate",
    usage: "certificate SUBCOMMAND",
    short: "Modify certificate resources",
    long: "Modify certificate resources.",
    children: &[&APPROVE, &DENY],
    ..EMPTY
};

static APPROVE: Command = Command {
    name: "approve",
    usage: "approve (-f FILENAME | NAME)",
    short: "Approve a certificate signing request",
    long: "Approve a certificate signing request.

 kubectl certificate approve allows a cluster admin to approve a certificate signing request (CSR). This action tells a certificate signing controller to issue a certificate to the requester with the attributes requested in the CSR.

 SECURITY NOTICE: Depending on the requested attributes, the issued certificate can potentially grant a requester access to cluster resources or to authenticate as a requested identity. Before approving a CSR, ensure you understand what the signed certificate can do.",
    example: "# Approve CSR 'csr-sqgzp'\nkubectl certificate approve csr-sqgzp",
    flags: &[FLAGS, filename_flags!("identifying the resource to update"), shared::PRINT],
    run: run!(approve),
    ..EMPTY
};

static DENY: Command = Command {
    name: "deny",
    usage: "deny (-f FILENAME | NAME)",
    short: "Deny a certificate signing request",
    long: "Deny a certificate signing request.

 kubectl certificate deny allows a cluster admin to deny a certificate signing request (CSR). This action tells a certificate signing controller to not to issue a certificate to the requester.",
    example: "# Deny CSR 'csr-sqgzp'\nkubectl certificate deny csr-sqgzp",
    flags: &[FLAGS, filename_flags!("identifying the resource to update"), shared::PRINT],
    run: run!(deny),
    ..EMPTY
};

static FLAGS: &[Flag] = &[Flag::bool("force", "Update the CSR even if it is already approved.")];

/// What is decided on a request.
struct Verdict {
    kind: &'static str,
    other: &'static str,
    reason: &'static str,
    message: &'static str,
    word: &'static str,
}

const APPROVED: Verdict = Verdict {
    kind: "Approved",
    other: "Denied",
    reason: "KubectlApprove",
    message: "This CSR was approved by kubectl certificate approve.",
    word: "approved",
};

const DENIED: Verdict = Verdict {
    kind: "Denied",
    other: "Approved",
    reason: "KubectlDeny",
    message: "This CSR was denied by kubectl certificate deny.",
    word: "denied",
};

async fn approve(ctx: Ctx) -> Outcome {
    decide(&ctx, &APPROVED).await
}

async fn deny(ctx: Ctx) -> Outcome {
    decide(&ctx, &DENIED).await
}

async fn decide(ctx: &Ctx, verdict: &Verdict) -> Outcome {
    let no_files = ctx.flags.list("filename").is_empty() && ctx.flags.text("kustomize").is_empty();
    if ctx.args().is_empty() && no_files {
        return Err("one or more CSRs must be specified as <name> or -f <filename>".into());
    }
    let printer = Printer::from_flags(ctx, verdict.word, DryRun::None).await?;
    let mut args = ctx.args().to_vec();
    if !args.is_empty() {
        args.insert(0, "certificatesigningrequests".into());
    }
    let mut items = Builder::from_flags(ctx, &args).await?.start(ctx).await?;
    let mut failures = Vec::new();
    while let Some(next) = items.next(ctx).await {
        let result = match next {
            Ok(info) => one(ctx, &info, verdict, &printer).await,
            Err(failure) => Err(failure),
        };
        failures.extend(result.err());
    }
    Failure::collect(failures)
}

async fn one(ctx: &Ctx, info: &Info, verdict: &Verdict, printer: &Printer) -> Outcome {
    const RETRIES: usize = 10;
    let mut info = info.clone();
    for _ in 0..RETRIES {
        let conditions = info.object.get("status").get("conditions").items();
        let has = |kind: &str| conditions.iter().any(|condition| condition.get("type") == kind);
        if has(verdict.other) {
            return Err(Failure::Text(format!(
                "certificate signing request {} is already {}",
                q(&info.name),
                verdict.other
            )));
        }
        if has(verdict.kind) && !ctx.flags.bool("force") {
            return printer.print(ctx, &info.object).await;
        }
        let now = ctx.sys.now().await.rfc3339();
        let mut kept: Vec<Value> = conditions.iter().filter(|c| c.get("type") != verdict.kind).cloned().collect();
        kept.push(value!({
            "type": verdict.kind,
            "status": "True",
            "reason": verdict.reason,
            "message": verdict.message,
            "lastUpdateTime": now,
        }));
        let mut object = info.object.clone();
        object.field_mut("status").set("conditions", kept);
        let request = ctx.request(Verb::Update, info.target().sub("approval")).with_body(object);
        match ctx.send(request).await {
            Ok(object) => return printer.print(ctx, &object).await,
            Err(failure) if failure.is("Conflict") => info.get(ctx).await?,
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::Text(format!("the request {} kept changing", q(&info.name))))
}
