//! `paste`: one input's lines joined (`-s`), or side by side.

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Paste {
    serial: bool,
    delimiters: Vec<char>,
    /// Columns of lines, one for each input; standard input may be several.
    columns: Vec<Vec<String>>,
    /// How many columns standard input fills.
    width: usize,
}

const SPEC: Spec = Spec {
    name: "paste",
    short: "d:s",
    long: &[("delimiters=", 'd'), ("serial", 's')],
    usage: "paste [OPTION]... [FILE]...",
    status: 1,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let mut opts = SPEC.parse(args, flavour)?;
    let text = opts.value('d').map_or("\t", |text| text.as_str());
    let delimiters: Vec<char> = crate::syntax::unescape(text, false).0.chars().collect();
    let width = opts.args.iter().filter(|name| *name == "-").count();
    if width > 1 {
        opts.args.dedup();
    }
    let paste = Paste { serial: opts.has('s'), delimiters, columns: Vec::new(), width: width.max(1) };
    Ok(Stream::new("paste", flavour, paste, opts.args))
}

impl Paste {
    fn joined(&self, pieces: &[&str]) -> String {
        let mut out = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            if at > 0 && !self.delimiters.is_empty() {
                out.push(self.delimiters[(at - 1) % self.delimiters.len()]);
            }
            out.push_str(piece);
        }
        out
    }
}

impl Filter for Paste {
    fn begin(&mut self, _: &str, _: &mut Out) {
        self.columns.push(Vec::new());
    }

    fn line(&mut self, line: &[u8], _: bool, out: &mut Out) -> Next {
        let (serial, width) = (self.serial, self.width);
        if let Some(column) = self.columns.last_mut() {
            column.push(String::from_utf8_lossy(line).into_owned());
            if !serial && width > 1 && column.len() == width {
                let row = std::mem::take(column);
                let row: Vec<&str> = row.iter().map(String::as_str).collect();
                out.line(self.joined(&row).as_bytes());
            }
        }
        Next::More
    }

    fn finish(&mut self, out: &mut Out) -> u8 {
        if self.serial {
            for column in &self.columns {
                let row: Vec<&str> = column.iter().map(String::as_str).collect();
                out.line(self.joined(&row).as_bytes());
            }
            return 0;
        }
        let rows = self.columns.iter().map(Vec::len).max().unwrap_or(0);
        if self.width > 1 && rows > 0 {
            let mut row: Vec<&str> = self.columns[0].iter().map(String::as_str).collect();
            row.resize(self.width, "");
            out.line(self.joined(&row).as_bytes());
            return 0;
        }
        for at in 0..rows {
            let row: Vec<&str> = self.columns.iter().map(|column| column.get(at).map_or("", String::as_str)).collect();
            out.line(self.joined(&row).as_bytes());
        }
        0
    }
}
