//! `kubectl api-resources` and `kubectl api-versions`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/apiresources

use podyard_printers::TabWriter;

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::discovery::Resource;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;

pub(crate) static RESOURCES: Command = Command {
    name: "api-resources",
    usage: "api-resources",
    short: "Print the supported API resources on the server",
    long: "Print the supported API resources on the server.",
    example: "# Print the supported API resources
kubectl api-resources

# Print the supported API resources with more information
kubectl api-resources -o wide

# Print the supported API resources sorted by a column
kubectl api-resources --sort-by=name

# Print the supported namespaced resources
kubectl api-resources --namespaced=true

# Print the supported non-namespaced resources
kubectl api-resources --namespaced=false

# Print the supported API resources with a specific APIGroup
kubectl api-resources --api-group=rbac.authorization.k8s.io",
    flags: &[&[
        Flag::text("api-group", "", "Limit to resources in the specified API group."),
        Flag::bool("cached", "Use the cached list of resources if available."),
        Flag::slice("categories", "Limit to resources that belong to the specified categories."),
        Flag::on(
            "namespaced",
            "If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.",
        ),
        Flag::bool(
            "no-headers",
            "When using the default or custom-column output format, don't print headers (default print headers).",
        ),
        Flag::text("output", "", "Output format. One of: (json, yaml, kyaml, name, wide).").short("o"),
        Flag::text(
            "sort-by",
            "",
            "If non-empty, sort list of resources using specified field. The field can be either 'name' or 'kind'.",
        ),
        Flag::slice("verbs", "Limit to resources that support the specified verbs."),
    ]],
    run: run!(resources),
    ..EMPTY
};

pub(crate) static VERSIONS: Command = Command {
    name: "api-versions",
    usage: "api-versions",
    short: "Print the supported API versions on the server, in the form of \"group/version\"",
    long: "Print the supported API versions on the server, in the form of \"group/version\".",
    example: "# Print the supported API versions\nkubectl api-versions",
    run: run!(versions),
    ..EMPTY
};

async fn resources(ctx: Ctx) -> Outcome {
    let flags = &ctx.flags;
    if !ctx.args().is_empty() {
        return Err(ctx.usage(format!("unexpected arguments: [{}]", ctx.args().join(" "))));
    }
    let output = flags.text("output");
    if !matches!(output.as_str(), "" | "wide" | "name") {
        return Err(Failure::Text(format!("--output {output} is not available")));
    }
    let sort = flags.text("sort-by");
    if !matches!(sort.as_str(), "" | "name" | "kind") {
        return Err("--sort-by accepts only name or kind".into());
    }
    let discovery = ctx.discovery().await?;
    let mut shown: Vec<&Resource> = discovery.preferred().filter(|resource| is_wanted(&ctx, resource)).collect();
    match sort.as_str() {
        "kind" => shown.sort_by(|a, b| a.kind.cmp(&b.kind)),
        "name" => shown.sort_by(|a, b| a.name.cmp(&b.name)),
        _ => shown.sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name))),
    }
    if output == "name" {
        let names: String = shown.iter().map(|resource| format!("{}\n", resource.qualified())).collect();
        ctx.out(names).await;
        return Ok(());
    }
    let wide = output == "wide";
    let mut text = String::new();
    if !flags.bool("no-headers") {
        text.push_str("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND");
        text.push_str(if wide { "\tVERBS\tCATEGORIES\n" } else { "\n" });
    }
    for resource in shown {
        let (name, short, kind) = (&resource.name, resource.short_names.join(","), &resource.kind);
        text.push_str(&format!("{name}\t{short}\t{}\t{}\t{kind}", resource.api_version(), resource.namespaced));
        if wide {
            text.push_str(&format!("\t{}\t{}", resource.verbs.join(","), resource.categories.join(",")));
        }
        text.push('\n');
    }
    ctx.out(TabWriter::tables().format(&text)).await;
    Ok(())
}

fn is_wanted(ctx: &Ctx, resource: &Resource) -> bool {
    let flags = &ctx.flags;
    !resource.verbs.is_empty()
        && (!flags.changed("api-group") || resource.group == flags.text("api-group"))
        && (!flags.changed("namespaced") || resource.namespaced == flags.bool("namespaced"))
        && flags.list("verbs").iter().all(|verb| resource.has_verb(verb))
        && flags.list("categories").iter().all(|category| resource.categories.contains(category))
}

async fn versions(ctx: Ctx) -> Outcome {
    if !ctx.args().is_empty() {
        return Err(ctx.usage(format!("unexpected arguments: [{}]", ctx.args().join(" "))));
    }
    let discovery = ctx.discovery().await?;
    let name = |(group, version): &(ecow::EcoString, ecow::EcoString)| match group.as_str() {
        "" => version.to_string(),
        group => format!("{group}/{version}"),
    };
    let mut names: Vec<String> = discovery.versions.iter().map(name).collect();
    names.sort();
    ctx.out(names.join("\n") + "\n").await;
    Ok(())
}
