//! Tables as `kubectl get` prints them.

use podyard_api::{Key, Value, value};
use podyard_expr::go;

use crate::TabWriter;
use crate::labels::labels;

/// How a table is shown: flags of `kubectl get`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `-o wide`: columns of lower priority too.
    pub wide: bool,
    pub no_headers: bool,
    /// A NAMESPACE column in front.
    pub with_namespace: bool,
    /// Names as `<this>/name`: the kind and group in lower case (`pod`, `deployment.apps`); empty: bare names.
    pub name_prefix: String,
    /// `--show-labels`.
    pub show_labels: bool,
    /// `-L`.
    pub label_columns: Vec<String>,
}

/// Prints tables one after another, so that the rows of a watch stay aligned with those before.
#[derive(Clone, Debug)]
pub struct TablePrinter {
    options: Options,
    writer: TabWriter,
    /// The column definitions of the last table.
    columns: Value,
    headers_printed: bool,
}

impl TablePrinter {
    pub fn new(options: Options) -> Self {
        Self { options, writer: TabWriter::tables(), columns: Value::Null, headers_printed: false }
    }

    /// What has to be known to go on printing rows after this printer's last: for [`Self::resume`].
    pub fn state(&self) -> Value {
        value!({"columns": &self.columns, "headers": self.headers_printed, "widths": self.writer.widths().to_vec()})
    }

    /// Goes on where a printer with this state has stopped.
    pub fn resume(&mut self, state: &Value) {
        self.columns = state.get("columns").clone();
        self.headers_printed = state.get("headers").as_bool().unwrap_or_default();
        let widths = state.get("widths").items().iter().filter_map(Value::as_i64);
        self.writer.set_widths(widths.filter_map(|width| usize::try_from(width).ok()).collect());
    }

    /// The lines of a `meta.k8s.io/v1` `Table`. Headers are printed once, and again when the columns change; a table
    /// without columns, as later events of a watch have it, has those of the one before.
    // Models staging/src/k8s.io/cli-runtime/pkg/printers/tableprinter.go
    pub fn print(&mut self, table: &Value) -> String {
        let given = table.get("columnDefinitions");
        if !given.is_empty() && *given != self.columns {
            self.columns = given.clone();
            self.headers_printed = false;
        }
        let table = self.decorate(table);
        let definitions = table.get("columnDefinitions").items();
        let shown: Vec<bool> = definitions
            .iter()
            .map(|column| self.options.wide || column.get("priority").as_i64().unwrap_or_default() == 0)
            .collect();
        let mut text = String::new();
        if !self.options.no_headers && !self.headers_printed {
            let names = definitions.iter().map(|column| column.get("name").str().to_uppercase());
            let names: Vec<_> = names.zip(&shown).filter(|(_, shown)| **shown).map(|(name, _)| name).collect();
            text = names.join("\t") + "\n";
        }
        self.headers_printed |= !table.get("rows").is_empty();
        for row in table.get("rows").items() {
            let cells = row.get("cells").items().iter().zip(&shown).filter(|(_, shown)| **shown);
            text.push_str(&cells.map(|(value, _)| cell(value)).collect::<Vec<_>>().join("\t"));
            text.push('\n');
        }
        self.writer.format(&text)
    }

    /// The table with the columns and names that the options add.
    fn decorate(&self, table: &Value) -> Value {
        let options = &self.options;
        let column = |name: &str| value!({"name": name, "type": "string", "priority": 0});
        let given = self.columns.items();
        let named = given.iter().position(|column| column.get("format") == "name" && column.get("type") == "string");
        let mut columns: Vec<Value> = given.to_vec();
        columns.extend(options.label_columns.iter().map(|label| column(label.rsplit('/').next().unwrap_or_default())));
        if options.show_labels {
            columns.push(column("Labels"));
        }
        if options.with_namespace {
            columns.insert(0, column("Namespace"));
        }
        let rows = table.get("rows").items().iter().map(|row| {
            let mut cells: Vec<Value> = row.get("cells").items().to_vec();
            if let Some(index) = named.filter(|index| !options.name_prefix.is_empty() && *index < cells.len()) {
                cells[index] = Value::from(format!("{}/{}", options.name_prefix, go::print(&cells[index])));
            }
            let meta = row.get("object").meta();
            let of_label = |label: &String| meta.label(label).unwrap_or_default().to_owned();
            cells.extend(options.label_columns.iter().map(|label| Value::from(of_label(label))));
            if options.show_labels {
                cells.push(Value::from(labels(meta.labels())));
            }
            if options.with_namespace {
                cells.insert(0, Value::from(meta.namespace()));
            }
            value!({"cells": cells})
        });
        let rows: Value = rows.collect();
        let mut out = Value::object();
        out.set(Key::Static("columnDefinitions"), columns);
        out.set(Key::Static("rows"), rows);
        out
    }
}

/// Prints tables of several resources, each with its name prefix, as `kubectl get pods,services` does: headers and
/// widths are each table's own, a blank line stands between them.
pub fn print_tables(tables: &[(String, Value)], options: &Options) -> String {
    let mut text = String::new();
    for (prefix, table) in tables {
        if !text.is_empty() && !options.no_headers {
            text.push('\n');
        }
        let options = Options { name_prefix: prefix.clone(), ..options.clone() };
        text.push_str(&TablePrinter::new(options).print(table));
    }
    text
}

/// A cell's text up to the first line break.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.as_str(),
        other => return escape(&go::print(other)),
    };
    match text.find(['\u{c}', '\n', '\r']) {
        Some(end) => format!("{}...", escape(&text[..end])),
        None => escape(text),
    }
}

/// Without control sequences for the terminal.
// Models staging/src/k8s.io/cli-runtime/pkg/printers/terminal.go
pub(crate) fn escape(text: &str) -> String {
    text.replace('\u{1b}', "^[").replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{self, Include};
    use podyard_api::timestamp;

    fn pod(name: &str, labels: Value, ip: &str) -> Value {
        value!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": "default",
                "labels": labels,
                "creationTimestamp": "2026-11-22T15:17:44Z",
            },
            "spec": {"containers": [{"name": "c"}], "nodeName": "node01"},
            "status": {
                "phase": "Running",
                "podIPs": [{"ip": ip}],
                "containerStatuses": [
                    {"name": "c", "ready": true, "restartCount": 2, "state": {"running": {}},
                     "lastState": {"terminated": {"finishedAt": "2026-11-22T15:18:00Z"}}},
                ],
            },
        })
    }

    fn pods() -> Value {
        let now = timestamp::parse("2026-11-22T15:18:05Z").unwrap();
        let pods =
            [pod("web", value!({"tier": "front", "a/app": "x"}), "10.0.0.1"), pod("db", Value::Null, "10.0.0.20")];
        table::table("", "pods", &pods, &table::Options { now, include: Include::Metadata })
    }

    fn check(options: Options, expect: &[&str]) {
        let text = TablePrinter::new(options).print(&pods());
        assert_eq!(text.lines().collect::<Vec<_>>(), expect);
    }

    #[test]
    fn flags_of_get() {
        check(
            Options::default(),
            &[
                "NAME   READY   STATUS    RESTARTS     AGE",
                "web    1/1     Running   2 (5s ago)   21s",
                "db     1/1     Running   2 (5s ago)   21s",
            ],
        );
        check(
            Options { wide: true, no_headers: true, ..Options::default() },
            &[
                "web   1/1   Running   2 (5s ago)   21s   10.0.0.1    node01   <none>   <none>",
                "db    1/1   Running   2 (5s ago)   21s   10.0.0.20   node01   <none>   <none>",
            ],
        );
        check(
            Options { with_namespace: true, name_prefix: "pod".into(), show_labels: true, ..Options::default() },
            &[
                "NAMESPACE   NAME      READY   STATUS    RESTARTS     AGE   LABELS",
                "default     pod/web   1/1     Running   2 (5s ago)   21s   a/app=x,tier=front",
                "default     pod/db    1/1     Running   2 (5s ago)   21s   <none>",
            ],
        );
        check(
            Options { label_columns: vec!["a/app".into(), "tier".into()], ..Options::default() },
            &[
                "NAME   READY   STATUS    RESTARTS     AGE   APP   TIER",
                "web    1/1     Running   2 (5s ago)   21s   x     front",
                "db     1/1     Running   2 (5s ago)   21s         ",
            ],
        );
    }

    #[test]
    fn several_resources() {
        let expect = "NAME     READY   STATUS    RESTARTS     AGE\n\
                      pod/db   1/1     Running   2 (5s ago)   21s\n\
                      \n\
                      NAME                  READY   STATUS    RESTARTS     AGE\n\
                      deployment.apps/web   1/1     Running   2 (5s ago)   21s\n";
        let one = |index: usize| {
            let mut table = pods();
            let row = table.get("rows").item(index).clone();
            table.set("rows", vec![row]);
            table
        };
        let tables = [("pod".to_owned(), one(1)), ("deployment.apps".to_owned(), one(0))];
        assert_eq!(print_tables(&tables, &Options::default()), expect);
    }

    #[test]
    fn headers_come_again_with_other_columns() {
        let mut printer = TablePrinter::new(Options::default());
        let table = |name: &str| {
            value!({
                "columnDefinitions": [{"name": name, "type": "string", "priority": 0}],
                "rows": [{"cells": ["two\nlines"]}],
            })
        };
        assert_eq!(printer.print(&table("A")), "A\ntwo...\n");
        assert_eq!(printer.print(&table("A")), "two...\n");
        assert_eq!(printer.print(&value!({"rows": [{"cells": [1]}]})), "1\n");
        assert_eq!(printer.print(&table("B")), "B\ntwo...\n");
    }
}
