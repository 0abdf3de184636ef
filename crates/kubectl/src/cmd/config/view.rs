//! `kubectl config view`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/config/view.go and staging/src/k8s.io/client-go/tools/clientcmd/api/helpers.go

use podyard_api::{Value, base64};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::flags::shared::{ALLOW_MISSING, SHOW_MANAGED_FIELDS, TEMPLATE};
use crate::kubeconfig::{self, LISTS};
use crate::print::{DryRun, Printer};

pub(super) static COMMAND: Command = Command {
    name: "view",
    usage: "view",
    short: "Display merged kubeconfig settings or a specified kubeconfig file",
    long: "Display merged kubeconfig settings or a specified kubeconfig file.

 You can use --output jsonpath={...} to extract specific values using a jsonpath expression.",
    example: "# Show merged kubeconfig settings
kubectl config view

# Show merged kubeconfig settings, raw certificate data, and exposed secrets
kubectl config view --raw

# Get the password for the e2e user
kubectl config view -o jsonpath='{.users[?(@.name == \"e2e\")].user.password}'",
    flags: &[&[
        ALLOW_MISSING,
        Flag::bool("flatten", "Flatten the resulting kubeconfig file into self-contained output (useful for creating portable kubeconfig files)"),
        Flag::on("merge", "Merge the full hierarchy of kubeconfig files").bare("true"),
        Flag::bool("minify", "Remove all information not used by current-context from the output"),
        Flag::text("output", "yaml", "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).").short("o"),
        Flag::bool("raw", "Display raw byte data and sensitive data"),
        SHOW_MANAGED_FIELDS,
        TEMPLATE,
    ]],
    run: run!(view),
    ..EMPTY
};

/// Fields of a user that nobody should see by chance.
const SECRETS: [&str; 2] = ["password", "token"];

async fn view(ctx: Ctx) -> Outcome {
    if !ctx.args().is_empty() {
        return Err(ctx.usage(format!("unexpected arguments: [{}]", ctx.args().join(" "))));
    }
    let mut config = kubeconfig::merged(&ctx).await?;
    if ctx.flags.bool("minify") {
        config = minify(&ctx, &config)?;
    }
    if ctx.flags.bool("flatten") {
        embed(&ctx, &mut config).await?;
    } else if !ctx.flags.bool("raw") {
        hide(&mut config);
    }
    for (list, _) in LISTS {
        if config.get(list).is_empty() {
            config.set(list, Value::Null);
        }
    }
    Printer::from_flags(&ctx, "", DryRun::None).await?.print(&ctx, &config).await
}

/// What the current context uses.
fn minify(ctx: &Ctx, config: &Value) -> Outcome<Value> {
    let chosen = ctx.flags.global("context");
    let current = if chosen.is_empty() { config.get("current-context").text() } else { chosen };
    if current.is_empty() {
        return Err("current-context must exist in order to minify".into());
    }
    let Some(context) = kubeconfig::find(config, "contexts", &current) else {
        return Err(Failure::Text(format!("cannot locate context {current}")));
    };
    let wanted = [
        ("clusters", context.get("cluster").text()),
        ("contexts", current.clone()),
        ("users", context.get("user").text()),
    ];
    let mut small = config.clone();
    for (list, name) in &wanted {
        let kept = config.get(list).items().iter().filter(|entry| entry.get("name") == name.as_str()).cloned();
        small.set(*list, kept.collect::<Value>());
    }
    small.set("current-context", current);
    Ok(small)
}

fn each_entry(config: &mut Value, mut change: impl FnMut(&mut Value)) {
    for (list, field) in LISTS {
        if let Some(entries) = config.get_mut(list) {
            for entry in entries.items_mut() {
                change(entry.field_mut(field));
            }
        }
    }
}

fn hide(config: &mut Value) {
    each_entry(config, |entry| {
        let fields: Vec<String> = entry.fields().iter().map(|(key, _)| key.to_string()).collect();
        for field in fields {
            if field.ends_with("-data") && !entry.get(&field).is_empty() {
                entry.set(field, "DATA+OMITTED");
            } else if SECRETS.contains(&field.as_str()) && !entry.get(&field).is_empty() {
                entry.set(field, "REDACTED");
            }
        }
    });
}

/// Takes the files that entries name into them.
async fn embed(ctx: &Ctx, config: &mut Value) -> Outcome {
    for (list, field) in LISTS {
        let count = config.get(list).items().len();
        for index in 0..count {
            for name in ["certificate-authority", "client-certificate", "client-key"] {
                let path = config.get(list).item(index).get(field).get(name).text();
                if path.is_empty() {
                    continue;
                }
                let bytes = ctx
                    .sys
                    .read_file(&path)
                    .await
                    .map_err(|errno| Failure::Text(format!("open {path}: {}", errno.to_string().to_lowercase())))?;
                let entry = config.field_mut(list).items_mut()[index].field_mut(field);
                entry.remove(name);
                entry.set(format!("{name}-data"), base64::encode(bytes));
            }
        }
    }
    Ok(())
}
