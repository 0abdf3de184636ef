//! `kubectl events`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/events

use podyard_api::kinds::Event;
use podyard_api::{Target, Value, Verb, timestamp, value};
use podyard_printers::TabWriter;

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};
use crate::print::{self, DryRun, Printer};

pub(crate) static COMMAND: Command = Command {
    name: "events",
    usage: "events [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
    short: "List events",
    long: "Display events.

 Prints a table of the most important information about events. You can request events for a namespace, for all namespace, or filtered to only those pertaining to a specified resource.",
    example: "# List recent events in the default namespace
kubectl events

# List recent events in all namespaces
kubectl events --all-namespaces

# List recent events for the specified pod, then wait for more events and list them as they arrive
kubectl events --for pod/web-pod-13je7 --watch

# List recent events in YAML format
kubectl events -oyaml

# List recent only events of type 'Warning' or 'Normal'
kubectl events --types=Warning,Normal",
    flags: &[FLAGS, shared::PRINT],
    run: run!(events),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool(
        "all-namespaces",
        "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.",
    )
    .short("A"),
    Flag::int64(
        "chunk-size",
        "500",
        "Return large lists in chunks rather than all at once. Pass 0 to disable. This flag is beta and may change in the future.",
    ),
    Flag::text("for", "", "Filter events to only those pertaining to the specified resource."),
    Flag::bool("no-headers", "When using the default output format, don't print headers."),
    Flag::slice("types", "Output only events of given types."),
    Flag::bool("watch", "After listing the requested events, watch for more events.").short("w"),
];

async fn events(ctx: Ctx) -> Outcome {
    let namespace = ctx.namespace().await?;
    let selector = selector(&ctx).await?;
    let types = ctx.flags.list("types");
    if types.iter().any(|kind| !["normal", "warning"].contains(&kind.to_lowercase().as_str())) {
        return Err("valid --types are Normal or Warning".into());
    }
    let everywhere = ctx.flags.bool("all-namespaces");
    let target = Target::resource("", "v1", "events", if everywhere { "" } else { &namespace }, "");
    let wanted = |event: &Value| {
        let kind = event.get("type").str();
        types.is_empty() || types.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind))
    };
    let watching = ctx.flags.bool("watch");
    let mut request = ctx.request(if watching { Verb::Watch } else { Verb::List }, target);
    request.options.field_selector = selector.into();
    let printer = if print::has_format(&ctx) { Some(Printer::from_flags(&ctx, "", DryRun::None).await?) } else { None };
    let mut table = Table { everywhere, headers: !ctx.flags.bool("no-headers"), writer: TabWriter::tables() };
    if watching {
        let fd = ctx.watch(request).await?;
        while let Some(event) = ctx.next_event(fd).await {
            if event.kind == "DELETED" || event.kind == "BOOKMARK" || !wanted(&event.object) {
                continue;
            }
            match &printer {
                Some(printer) => printer.print(&ctx, &typed(&event.object)).await?,
                None => ctx.out(table.rows(&[event.object], now(&ctx).await)).await,
            }
        }
        return Ok(());
    }
    let list = ctx.send(request).await?;
    let mut found: Vec<Value> = list.get("items").items().iter().filter(|event| wanted(event)).map(typed).collect();
    if found.is_empty() {
        let place = if everywhere { String::new() } else { format!(" in {namespace} namespace") };
        ctx.err(format!("No events found{place}.\n")).await;
        return Ok(());
    }
    found.sort_by_key(|event| timestamp::parse(time(Event(event))));
    match printer {
        Some(printer) => {
            let list = value!({
                "apiVersion": "v1",
                "kind": "EventList",
                "metadata": {},
                "items": found.into_iter().collect::<Value>(),
            });
            printer.print(&ctx, &list).await
        }
        None => {
            ctx.out(table.rows(&found, now(&ctx).await)).await;
            Ok(())
        }
    }
}

async fn now(ctx: &Ctx) -> i64 {
    i64::try_from(ctx.sys.now().await.as_micros()).unwrap_or(i64::MAX)
}

fn typed(event: &Value) -> Value {
    let mut event = event.clone();
    event.set("apiVersion", "v1");
    event.set("kind", "Event");
    event
}

/// The field selector of `--for`.
async fn selector(ctx: &Ctx) -> Outcome<String> {
    let object = ctx.flags.text("for");
    if object.is_empty() {
        return Ok(String::new());
    }
    match object.split('/').collect::<Vec<_>>()[..] {
        [word, name] => {
            let discovery = ctx.discovery().await?;
            let kind = &discovery.resolve(word)?.kind;
            Ok(format!("involvedObject.kind={kind},involvedObject.name={name}"))
        }
        [_] => Err("--for must be in resource/name form".into()),
        _ => Err("arguments in resource/name form may not have more than one slash".into()),
    }
}

/// The moment by which events are sorted.
fn time(event: Event<'_>) -> &str {
    let last = event.last_timestamp().filter(|time| !time.is_empty());
    match event.series() {
        Some(series) => series.last_observed_time(),
        None => last.or(event.event_time()).unwrap_or_default(),
    }
}

/// The table for people.
struct Table {
    everywhere: bool,
    headers: bool,
    writer: TabWriter,
}

impl Table {
    fn rows(&mut self, events: &[Value], now: i64) -> String {
        let mut text = String::new();
        if std::mem::take(&mut self.headers) {
            let namespace = if self.everywhere { "NAMESPACE\t" } else { "" };
            text.push_str(&format!("{namespace}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n"));
        }
        for event in events {
            let view = Event(event);
            if self.everywhere {
                text.push_str(&format!("{}\t", event.namespace()));
            }
            let object = view.involved_object();
            text.push_str(&format!(
                "{}\t{}\t{}\t{}/{}\t{}\n",
                podyard_printers::describe::interval(view, now),
                view.kind(),
                view.reason(),
                object.kind(),
                object.name(),
                view.message().trim()
            ));
        }
        self.writer.format(&text)
    }
}
