//! Tables of verdicts and explanations, as views.

use podyard_cluster::tables::{Cell, Head, Table};
use podyard_cluster::{About, Cluster, Explanation};
use podyard_view::{ExplanationLine, ExplanationView, ObjectRef, ToPage, WhyCell, WhyHead, WhyKind, WhyRow, WhyTable};

use crate::map;

/// A table of verdicts, unless the page has that of this moment.
pub(crate) fn table(cluster: &Cluster, kind: WhyKind, choice: &str, known: u64) -> ToPage {
    let revision = cluster.revision();
    if revision == known {
        return ToPage::WhyTable { table: None };
    }
    let Table { caption, choices, choice, corner, columns, rows, omitted } = match kind {
        WhyKind::Scheduling => cluster.scheduling_table(choice),
        WhyKind::Access => cluster.access_table(choice),
        WhyKind::Network => cluster.network_table(choice),
    };
    let rows =
        rows.into_iter().map(|(own, cells)| WhyRow { head: head(own), cells: cells.into_iter().map(cell).collect() });
    let table = WhyTable {
        kind,
        revision,
        caption,
        choices,
        choice,
        corner: corner.into(),
        columns: columns.into_iter().map(head).collect(),
        rows: rows.collect(),
        omitted,
    };
    ToPage::WhyTable { table: Some(Box::new(table)) }
}

/// The answer to a question of the page's.
pub(crate) fn explain(cluster: &Cluster, question: Vec<String>) -> ToPage {
    let words: Vec<&str> = question.iter().map(String::as_str).collect();
    let Explanation { holds, answer, lines, changes } =
        cluster.why(&words, "default").unwrap_or_else(|error| Explanation::new(false, error));
    let lines = lines.into_iter().map(|line| ExplanationLine {
        depth: line.depth,
        text: line.text,
        object: line.about.map(object),
    });
    ToPage::Explained { explanation: ExplanationView { question, holds, answer, lines: lines.collect(), changes } }
}

fn head(head: Head) -> WhyHead {
    WhyHead { text: head.text, note: head.note, object: head.about.map(object) }
}

fn cell(cell: Cell) -> WhyCell {
    WhyCell { text: cell.text, tone: map::tone(cell.tone), question: cell.question }
}

fn object(about: About) -> ObjectRef {
    ObjectRef { kind: about.kind, namespace: about.namespace, name: about.name }
}
