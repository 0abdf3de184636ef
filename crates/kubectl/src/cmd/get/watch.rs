//! `kubectl get -w`.

use podyard_api::{Request, Value, Verb, WatchEvent, value};
use podyard_kernel::Fd;
use podyard_printers::text::TablePrinter;

use super::human;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::print::{self, Printer};
use crate::resource::Info;

/// After so many events the program begins anew with what it needs to go on, so that its history stays short.
const EVENTS_A_LIFE: usize = 1000;

/// Prints what is watched.
enum Output {
    Table(Box<TablePrinter>),
    Objects(Box<Printer>),
}

pub(super) async fn watch(ctx: &Ctx) -> Outcome {
    let human = super::is_human(ctx);
    let mut builder = super::builder(ctx).await?;
    builder.flatten = false;
    builder.as_table = human;
    let all_namespaces = builder.all_namespaces;
    let mut items = builder.start(ctx).await?;
    if items.resources() > 1 {
        return Err("you may only specify a single resource type".into());
    }
    let (mut infos, failures) = items.all(ctx, false).await;
    Failure::collect(failures)?;
    if infos.is_empty() {
        return Ok(());
    }
    if infos.len() > 1 {
        return Err(
            "watch is only supported on individual resources and resource collections - more than 1 resource was found"
                .into(),
        );
    }
    let info = infos.remove(0);
    let mut output = output(ctx, &info, all_namespaces).await?;
    let is_list = info.name.is_empty();
    if !ctx.flags.bool("watch-only") {
        for object in split(&info.object) {
            let event = WatchEvent { kind: "ADDED".into(), object };
            show(ctx, &mut output, &event).await?;
        }
    }
    // A watch of one object begins with the object itself, which has been printed.
    let fd = ctx.watch(request(ctx, &info, human)).await?;
    follow(ctx, output, fd, &info, !is_list).await
}

/// Goes on after [`Sys::restart`](podyard_kernel::Sys::restart).
pub(super) async fn resume(ctx: &Ctx) -> Outcome {
    let state = &ctx.env.state;
    let discovery = ctx.discovery().await?;
    let resource = discovery.resolve(state.get("resource").str())?.clone();
    let info = Info {
        resource,
        namespace: state.get("namespace").text(),
        name: state.get("name").text(),
        source: ecow::EcoString::new(),
        object: Value::Null,
    };
    let all_namespaces = ctx.flags.bool("all-namespaces");
    let mut output = output(ctx, &info, all_namespaces).await?;
    if let Output::Table(printer) = &mut output {
        printer.resume(state.get("printer"));
    }
    let fd = state.get("fd").as_i64().and_then(|fd| Fd::try_from(fd).ok()).unwrap_or_default();
    follow(ctx, output, fd, &info, false).await
}

async fn output(ctx: &Ctx, info: &Info, all_namespaces: bool) -> Outcome<Output> {
    if super::is_human(ctx) {
        let options = human::options(ctx, info, all_namespaces, false);
        return Ok(Output::Table(Box::new(TablePrinter::new(options))));
    }
    Ok(Output::Objects(Box::new(Printer::from_flags(ctx, "", print::DryRun::None).await?)))
}

fn request(ctx: &Ctx, info: &Info, as_table: bool) -> Request {
    let mut request = ctx.request(Verb::Watch, info.resource.target(&info.namespace, ""));
    request.as_table = as_table;
    request.options.label_selector = ctx.flags.text("selector");
    request.options.field_selector = ctx.flags.text("field-selector");
    if info.name.is_empty() {
        request.options.resource_version = info.object.get("metadata").get("resourceVersion").text();
    } else {
        request.options.field_selector = ecow::eco_format!("metadata.name={}", info.name);
    }
    request
}

/// A list's objects, or a table's rows as tables.
fn split(object: &Value) -> Vec<Value> {
    if object.get("rows").is_array() {
        return vec![object.clone()];
    }
    match object.get("items").as_array() {
        Some(items) => items.iter().cloned().collect(),
        None => vec![object.clone()],
    }
}

async fn show(ctx: &Ctx, output: &mut Output, event: &WatchEvent) -> Outcome {
    match output {
        Output::Table(printer) => {
            if event.object.get("rows").is_empty() {
                return Ok(());
            }
            let mut table = event.object.clone();
            if ctx.flags.bool("output-watch-events") {
                table = with_event(&table, &event.kind);
            }
            let text = printer.print(&table);
            ctx.out(text).await;
            Ok(())
        }
        Output::Objects(printer) if ctx.flags.bool("output-watch-events") => {
            let object = value!({"type": &event.kind, "object": print::without_managed_fields(&event.object)});
            printer.print(ctx, &object).await
        }
        Output::Objects(printer) => printer.print(ctx, &event.object).await,
    }
}

/// The table with the kind of event as its first column.
fn with_event(table: &Value, kind: &str) -> Value {
    let mut table = table.clone();
    if let Some(columns) = table.get_mut("columnDefinitions") {
        let first = value!({"name": "Event", "type": "string", "format": "", "description": "", "priority": 0});
        columns.array_mut().insert(0, first);
    }
    if let Some(rows) = table.get_mut("rows") {
        for row in rows.items_mut() {
            row.field_mut("cells").array_mut().insert(0, Value::from(kind));
        }
    }
    table
}

async fn follow(ctx: &Ctx, mut output: Output, fd: Fd, info: &Info, mut skip_first: bool) -> Outcome {
    for _ in 0..EVENTS_A_LIFE {
        let Some(event) = ctx.next_event(fd).await else {
            return Ok(());
        };
        match event.kind.as_str() {
            "BOOKMARK" => {}
            "ERROR" => return Err(podyard_api::Status::from_value(&event.object).into()),
            _ if std::mem::take(&mut skip_first) => {}
            _ => show(ctx, &mut output, &event).await?,
        }
    }
    let printer = match &output {
        Output::Table(printer) => printer.state(),
        Output::Objects(_) => Value::Null,
    };
    let state = value!({
        "fd": i64::from(fd),
        "resource": info.resource.qualified(),
        "namespace": &info.namespace,
        "name": &info.name,
        "printer": printer,
    });
    ctx.sys.restart(state).await
}
