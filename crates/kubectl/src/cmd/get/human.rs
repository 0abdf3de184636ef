//! Tables for people.

use podyard_printers::text::{Options, TablePrinter};

use super::sort;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::resource::Info;

pub(super) async fn print(ctx: &Ctx) -> Outcome {
    let mut builder = super::builder(ctx).await?;
    builder.flatten = builder.has_files();
    builder.as_table = true;
    builder.include_object = ctx.flags.changed("sort-by");
    let namespace = ctx.namespace().await?;
    let all_namespaces = builder.all_namespaces;
    let mut items = builder.start(ctx).await?;
    let (mut infos, mut failures) = items.all(ctx, true).await;
    let ignore = ctx.flags.bool("ignore-not-found");
    failures.retain(|failure| !(ignore && failure.is("NotFound")));

    let path = ctx.flags.text("sort-by");
    if !path.is_empty() {
        for info in &mut infos {
            info.object = sort::table(&info.object, &path)?;
        }
    }
    let text = tables(ctx, &infos, all_namespaces);
    if text.is_empty() && !ignore && failures.is_empty() {
        let namespaced = !all_namespaces && infos.iter().all(|info| info.resource.namespaced);
        let place = if namespaced { format!(" in {namespace} namespace.") } else { String::new() };
        ctx.err(format!("No resources found{place}\n")).await;
    }
    ctx.out(text).await;
    Failure::collect(failures)
}

/// One table after another, a blank line between those of different resources.
fn tables(ctx: &Ctx, infos: &[Info], all_namespaces: bool) -> String {
    let several = infos.windows(2).any(|pair| pair[0].resource.kind != pair[1].resource.kind);
    let mut text = String::new();
    let mut printer: Option<TablePrinter> = None;
    let mut separate = false;
    for (index, info) in infos.iter().enumerate() {
        let same = index > 0 && infos[index - 1].resource == info.resource;
        if !same {
            separate = !text.is_empty() && !ctx.flags.bool("no-headers");
            printer = None;
        }
        let printer = printer.get_or_insert_with(|| TablePrinter::new(options(ctx, info, all_namespaces, several)));
        if info.object.get("rows").is_empty() {
            continue;
        }
        if std::mem::take(&mut separate) {
            text.push('\n');
        }
        text.push_str(&printer.print(&info.object));
    }
    text
}

/// How the table of a resource is shown.
pub(super) fn options(ctx: &Ctx, info: &Info, all_namespaces: bool, with_kind: bool) -> Options {
    let with_kind = with_kind || ctx.flags.bool("show-kind");
    Options {
        wide: ctx.flags.text("output") == "wide",
        no_headers: ctx.flags.bool("no-headers"),
        with_namespace: all_namespaces && info.resource.namespaced,
        name_prefix: if with_kind { info.resource.printed_kind().to_string() } else { String::new() },
        show_labels: ctx.flags.bool("show-labels"),
        label_columns: ctx.flags.list("label-columns").iter().map(ToString::to_string).collect(),
    }
}
