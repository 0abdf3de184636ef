//! Makes two runs of one recorded session comparable: what differs from run to run becomes a placeholder.
//!
//! The rules are those the recordings came with; a test holds this code to answers of the original.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fancy_regex::{Captures, Regex};

/// The alphabet of generated names and hashes.
const GENERATED: &str = "bcdfghjklmnpqrstvwxz2456789";
/// Words that look like a random suffix and are none.
const NOT_RANDOM: [&str; 9] = ["https", "mysql", "npmrc", "xhtml", "tcp", "ssh", "kbps", "html5", "nfsv4"];
const AGE: &str = r"(?:<invalid>|<unknown>|\d+(?:\.\d+)?(?:ms|µs|s)|\d{1,2}m(?:\d{1,2}(?:\.\d+)?s)?|\d{1,2}h(?:\d{1,2}m)?|\d+d(?:\d{1,2}h)?)";
const AGE_COLUMNS: [&str; 7] =
    ["AGE", "LAST SEEN", "FIRST SEEN", "DURATION", "LAST SCHEDULE", "Age", "REQUESTEDDURATION"];

/// The normaliser of one session: `<hash1>`, `<rand1>` and so on are numbered by first appearance.
#[derive(Clone, Debug, Default)]
pub struct Normalizer {
    numbers: BTreeMap<&'static str, BTreeMap<String, usize>>,
}

/// How alike two normalised texts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Equal.
    Exact,
    /// Equal if node01 and node02 are the same.
    Nodes,
    /// Equal if the order of lines does not matter.
    Order,
    /// Equal if neither matters.
    NodesAndOrder,
}

/// How alike two normalised texts are, if at all.
#[must_use]
pub fn likeness(a: &str, b: &str) -> Option<Likeness> {
    if a == b {
        return Some(Likeness::Exact);
    }
    let relaxations =
        [(Likeness::Nodes, true, false), (Likeness::Order, false, true), (Likeness::NodesAndOrder, true, true)];
    let alike = |nodes, order| relaxed(a, nodes, order) == relaxed(b, nodes, order);
    relaxations.into_iter().find(|&(_, nodes, order)| alike(nodes, order)).map(|(likeness, ..)| likeness)
}

fn relaxed(text: &str, nodes: bool, order: bool) -> String {
    let mut text = text.to_owned();
    if nodes {
        text = RULES.node.replace_all(&text, "node0x").into_owned();
        text = RULES.blanks.replace_all(&text, "  ").into_owned();
    }
    if order {
        text = RULES.numbered.replace_all(&text, "<$1>").into_owned();
        text = RULES.blanks.replace_all(&text, "  ").into_owned();
        let mut lines: Vec<&str> = text.split('\n').collect();
        lines.sort_unstable();
        text = lines.join("\n");
    }
    text
}

impl Normalizer {
    /// Normalises one output; call it with a session's outputs in their order.
    pub fn text(&mut self, text: &str) -> String {
        // Multi-line blobs first, the rest line by line.
        let text = RULES.pem.replace_all(text, "<blob>").into_owned();
        let lines: Vec<&str> = text.split('\n').collect();
        let mut out = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            match table_kind(&lines, at) {
                Some(events) => at = self.table(&lines, at, events, &mut out),
                None => {
                    out.push(self.line(lines[at]));
                    at += 1;
                }
            }
        }
        out.join("\n")
    }

    fn line(&mut self, line: &str) -> String {
        let text = self.inline(line);
        let text = text.trim_end();
        let body = text.trim_start();
        let indent = &text[..text.len() - body.len()];
        let text = format!("{indent}{}", RULES.gaps.replace_all(body, "  "));
        if matches(&RULES.no_age_at_end, &text) {
            return text;
        }
        RULES.age_at_end.replace(&text, "$1<age>").into_owned()
    }

    /// Reads the table that begins at a line; returns the line after it.
    fn table(&mut self, lines: &[&str], head: usize, events: bool, out: &mut Vec<String>) -> usize {
        let columns = columns(lines[head]);
        let mut rows = vec![columns.iter().map(|(_, name)| name.clone()).collect::<Vec<_>>()];
        let mut at = head + 1;
        while at < lines.len() && !lines[at].trim().is_empty() && (!events || lines[at].starts_with(' ')) {
            let row: Vec<char> = lines[at].chars().collect();
            // A row must respect the column starts: the character before each start is a blank.
            if columns.iter().skip(1).any(|&(start, _)| row.len() > start && start > 0 && row[start - 1] != ' ') {
                break;
            }
            rows.push(self.row(&row, &columns));
            at += 1;
        }
        out.extend(aligned(&rows, if events { "  " } else { "" }));
        at
    }

    fn row(&mut self, row: &[char], columns: &[(usize, String)]) -> Vec<String> {
        let mut cells = Vec::new();
        for (index, (start, name)) in columns.iter().enumerate() {
            let end = columns.get(index + 1).map_or(row.len(), |(next, _)| *next).min(row.len());
            let cell: String = row.get(*start..end).unwrap_or_default().iter().collect();
            let mut cell = cell.trim().to_owned();
            if AGE_COLUMNS.contains(&name.as_str()) && cell != "<none>" && cell != "<unknown>" {
                cell = RULES.age_cell.replace_all(&cell, "<age>").into_owned();
            }
            cells.push(self.inline(&cell));
        }
        cells
    }

    fn inline(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (rule, replacement) in &RULES.inline {
            text = match replacement {
                Some(replacement) => rule.replace_all(&text, *replacement).into_owned(),
                None => rule.replace_all(&text, |found: &Captures<'_, str>| self.labelled_hash(found)).into_owned(),
            };
        }
        let text = RULES.two_hashes.replace_all(&text, |found: &Captures<'_, str>| {
            format!("-{}-{}", self.number("hash", &found[1]), self.number("rand", &found[2]))
        });
        let text = RULES
            .one_hash
            .replace_all(&text, |found: &Captures<'_, str>| format!("-{}", self.number("hash", &found[1])));
        let text = RULES.random.replace_all(&text, |found: &Captures<'_, str>| {
            if NOT_RANDOM.contains(&&found[1]) {
                found[0].to_owned()
            } else {
                format!("-{}", self.number("rand", &found[1]))
            }
        });
        text.into_owned()
    }

    /// `pod-template-hash=…` keeps its key, and a generation its number.
    fn labelled_hash(&mut self, found: &Captures<'_, str>) -> String {
        let (key, middle, value) = (&found[1], &found[2], &found[3]);
        let is_generation = value.chars().all(char::is_numeric) && key.contains("generation");
        let value = if is_generation { value.to_owned() } else { self.number("hash", value) };
        format!("{key}{middle}{value}")
    }

    fn number(&mut self, kind: &'static str, value: &str) -> String {
        let known = self.numbers.entry(kind).or_default();
        let next = known.len() + 1;
        let number = known.entry(value.to_owned()).or_insert(next);
        format!("<{kind}{number}>")
    }
}

/// Whether a table begins at a line, and if so whether it is a table of events.
fn table_kind(lines: &[&str], at: usize) -> Option<bool> {
    let line = lines[at];
    let bare = line.trim();
    let is_head =
        columns(line).len() >= 2 && matches(&RULES.head, bare) && !line.starts_with(' ') && bare.contains("  ");
    let is_events = matches(&RULES.events_head, line);
    let is_title = matches(&RULES.title, bare) && at + 1 < lines.len();
    ((is_head || is_events) && !is_title).then_some(is_events)
}

/// The columns of a table's head: where each starts, counted in characters, and its name.
fn columns(head: &str) -> Vec<(usize, String)> {
    let found = RULES.column.find_iter(head).filter_map(Result::ok);
    found.map(|name| (head[..name.start()].chars().count(), name.as_str().to_owned())).collect()
}

fn aligned(rows: &[Vec<String>], indent: &str) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{indent}{}", cells.join("   ")).trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn matches(rule: &Regex, text: &str) -> bool {
    rule.is_match(text).unwrap_or(false)
}

static RULES: LazyLock<Rules> = LazyLock::new(Rules::new);

struct Rules {
    inline: Vec<(Regex, Option<&'static str>)>,
    pem: Regex,
    two_hashes: Regex,
    one_hash: Regex,
    random: Regex,
    age_cell: Regex,
    age_at_end: Regex,
    no_age_at_end: Regex,
    gaps: Regex,
    blanks: Regex,
    node: Regex,
    numbered: Regex,
    column: Regex,
    head: Regex,
    events_head: Regex,
    title: Regex,
}

impl Rules {
    fn new() -> Self {
        let inline = [BLOBS, IDENTITIES, TIMES, ADDRESSES, AGES].into_iter().flatten();
        let inline = inline.map(|(pattern, replacement)| (rule(pattern), *replacement)).collect();
        Self {
            inline,
            pem: rule(r"(?s)-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----"),
            two_hashes: rule(&format!(r"-([{GENERATED}]{{6,10}})-([{GENERATED}]{{5}})(?![\w])")),
            one_hash: rule(&format!(r"-([{GENERATED}]{{8,10}})(?![\w])")),
            random: rule(&format!(r"-([{GENERATED}]{{5}})(?![\w])")),
            age_cell: rule(r"^@AGE(?= \(|$)"),
            age_at_end: rule(r"(  )@AGE$"),
            no_age_at_end: rule(r"(?i)cpu|memory|\d+m\b.*\d+m\b|:"),
            gaps: rule(r" {2,}|\t+"),
            blanks: rule(r" {2,}"),
            node: rule(r"\bnode0[12]\b"),
            numbered: rule(r"<(hash|rand)\d+>"),
            column: rule(r"\S+(?: \S+)*"),
            head: rule(r"^[A-Z][A-Z0-9()\-/%. ]*\z"),
            events_head: rule(r"^\s+Type\s+Reason\s+Age\s+From\s+Message\s*$"),
            title: rule(r"^[A-Z][A-Z-]+( [A-Z]+)?\z"),
        }
    }
}

type Pattern = (&'static str, Option<&'static str>);

const BLOBS: &[Pattern] = &[
    (r"(?s)-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", Some("<blob>")),
    (r"\beyJ[\w-]{10,}\.[\w-]+\.[\w-]+", Some("<blob>")),
    (r"\bLS0tLS1[A-Za-z0-9+/=]{20,}", Some("<blob>")),
    (r"(?<![\w/])[A-Za-z0-9+/]{120,}={0,2}", Some("<blob>")),
    (r"X509SHA256=[0-9a-f]{64}", Some("X509SHA256=<blob>")),
];

const IDENTITIES: &[Pattern] = &[
    (r"containerd://[0-9a-f]{64}", Some("containerd://<cid>")),
    (r"sha256:[0-9a-f]{64}", Some("sha256:<digest>")),
    (r"\b[0-9a-f]{64}\b", Some("<id>")),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", Some("<uid>")),
];

const TIMES: &[Pattern] = &[
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)", Some("<time>")),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?(?: UTC)?", Some("<time>")),
    (
        r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: +\d{1,2})? (?:\d{4} )?\d\d:\d\d:\d\d(?: [A-Z]{3,4}| [+-]\d{4})?(?: \d{4})?",
        Some("<time>"),
    ),
    (r"(?m)^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ", Some("<klog> ")),
    (r#"((?:resourceVersion|resource version|Resource Version)"?:\s*)"?\d+"?"#, Some("$1<rv>")),
    (r"kubectl-edit-\d+\.yaml", Some("kubectl-edit-<rand>.yaml")),
    (r"/tmp/(LIVE|MERGED)-\d+", Some("<tmp>/$1")),
    (
        r#"(pod-template-hash|controller-revision-hash|pod-template-generation)("?[=:] ?"?)([@GENERATED]{4,10}|\d+)\b"#,
        None,
    ),
    (r"(?<=-)\d{8}\b(?!-\d)", Some("<cron>")),
    (r"\b([a-z0-9][a-z0-9.-]*)\.[0-9a-f]{16}\b", Some("$1.<rand>")),
];

const ADDRESSES: &[Pattern] = &[
    (r"\b(?:10\.(?:244|9[6-9]|1[01]\d)\.\d{1,3}\.\d{1,3}|172\.30\.\d{1,3}\.\d{1,3})\b", Some("<ip>")),
    (r"(?<=:)3[0-2]\d{3}(?=/(?:TCP|UDP|SCTP))", Some("<port>")),
    (r#"((?:nodePort|healthCheckNodePort)"?: ?)3[0-2]\d{3}"#, Some("$1<port>")),
    (r"(NodePort:\s.*?)3[0-2]\d{3}(?=/)", Some("$1<port>")),
];

const AGES: &[Pattern] = &[
    (r"\(x\d+ over @AGE\)", Some("(x<n> over <age>)")),
    (r"\b@AGE ago\b", Some("<age> ago")),
    (r"in @AGE \(@AGE including waiting\)", Some("in <age> (<age> including waiting)")),
    (r"^((?:Duration|Age|Completed Duration):\s+)@AGE$", Some("$1<age>")),
    (r"^(\s*(?:Normal|Warning)\s+\S+\s+)@AGE(?=\s)", Some("$1<age>")),
    (r"^@AGE(?=\s+(?:Normal|Warning)\s)", Some("<age>")),
    (r"Image size: \d+ bytes", Some("Image size: <size> bytes")),
    (r"process_cpu\S*", Some("<metric>")),
    (r"127\.0\.0\.1:(?:6443|\d{5})", Some("<server>")),
];

/// Compiles a pattern in which `@AGE` stands for an age and `@GENERATED` for the alphabet of generated names.
fn rule(pattern: &str) -> Regex {
    let pattern = pattern.replace("@AGE", AGE).replace("@GENERATED", GENERATED);
    Regex::new(&pattern).expect("the rules are constants")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(Normalizer::default().text(text), expect);
    }

    #[test]
    fn names_and_ages_of_a_table() {
        check(
            "NAME                   READY   AGE\nweb-5f8d7c9b5d-x2k4z   1/1     3m2s\nweb-5f8d7c9b5d-abcde   0/1     12s\n",
            "NAME                  READY   AGE\nweb-<hash1>-<rand1>   1/1     <age>\nweb-<hash1>-abcde     0/1     <age>\n",
        );
    }

    #[test]
    fn likeness_is_told_apart() {
        assert_eq!(likeness("a\nb", "a\nb"), Some(Likeness::Exact));
        assert_eq!(likeness("on node01 x", "on node02 x"), Some(Likeness::Nodes));
        assert_eq!(likeness("a <rand1>\nb <rand2>", "b <rand1>\na <rand2>"), Some(Likeness::Order));
        assert_eq!(likeness("a node01\nb", "b\na node02"), Some(Likeness::NodesAndOrder));
        assert_eq!(likeness("a", "b"), None);
    }
}
