//! `grep`

use std::collections::VecDeque;

use ecow::EcoString;
use podyard_kernel::Args;
use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};
use crate::regex;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Grep {
    options: Options,
    /// Lines of context.
    before: usize,
    after: usize,
    most: Option<u64>,
    name: EcoString,
    number: u64,
    found: u64,
    any: bool,
    /// Lines before a match that may come.
    held: VecDeque<(u64, Vec<u8>)>,
    /// Lines of context still to be shown.
    left: usize,
    /// The last line shown, to know where groups part.
    last: u64,
    #[serde(skip)]
    compiled: Option<Regex>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Options {
    pattern: String,
    fold: bool,
    invert: bool,
    count: bool,
    names_with: bool,
    names_without: bool,
    number: bool,
    only: bool,
    quiet: bool,
    show_name: bool,
    color: bool,
}

const SPEC: Spec = Spec {
    name: "grep",
    short: "A:B:C:EFGHILPacce:f:hilm:noqrRsvwxyz",
    long: &[
        ("after-context=", 'A'),
        ("before-context=", 'B'),
        ("context=", 'C'),
        ("color", 'K'),
        ("colour", 'K'),
        ("count", 'c'),
        ("extended-regexp", 'E'),
        ("files-with-matches", 'l'),
        ("files-without-match", 'L'),
        ("fixed-strings", 'F'),
        ("basic-regexp", 'G'),
        ("ignore-case", 'i'),
        ("invert-match", 'v'),
        ("line-number", 'n'),
        ("line-regexp", 'x'),
        ("max-count=", 'm'),
        ("no-filename", 'h'),
        ("no-messages", 's'),
        ("only-matching", 'o'),
        ("perl-regexp", 'P'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("recursive", 'r'),
        ("regexp=", 'e'),
        ("with-filename", 'H'),
        ("word-regexp", 'w'),
    ],
    usage: "grep [OPTION]... PATTERNS [FILE]...",
    status: 2,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    // `-3` is `-C 3`.
    let mut args = args.clone();
    for arg in args.argv.iter_mut().skip(1) {
        if arg.len() > 1 && arg.starts_with('-') && arg[1..].bytes().all(|byte| byte.is_ascii_digit()) {
            *arg = format!("-C{}", &arg[1..]).into();
        }
    }
    let mut opts = SPEC.parse(&args, flavour)?;
    let mut patterns: Vec<EcoString> =
        opts.flags.iter().filter(|(flag, _)| *flag == 'e').map(|(_, text)| text.clone()).collect();
    if patterns.is_empty() {
        if opts.args.is_empty() {
            let text = format!("Usage: {}\nTry 'grep --help' for more information.\n", SPEC.usage);
            return Err(Usage { text, status: 2 });
        }
        patterns.push(opts.args.remove(0));
    }
    if opts.has('r') || opts.has('R') {
        return Err(SPEC.plain_error("-r: searching directories is not simulated; name the files"));
    }
    let extended = opts.has('E') || opts.has('P') || args.program() == "egrep";
    let fixed = opts.has('F') || args.program() == "fgrep";
    let lines = patterns.iter().flat_map(|text| text.split('\n'));
    let alternatives: Vec<String> = lines
        .map(|text| {
            let text = match (fixed, opts.has('P')) {
                (true, _) => regex_lite::escape(text),
                (_, true) => text.to_string(),
                _ => regex::translate(text, extended),
            };
            let text = if opts.has('w') { format!("\\b(?:{text})\\b") } else { text };
            if opts.has('x') { format!("^(?:{text})$") } else { text }
        })
        .collect();
    let pattern = alternatives.join("|");
    if let Err(error) = regex::build(&pattern, opts.has('i')) {
        let text = match error {
            error if error.contains("unclosed group") || error.contains("group") => "Unmatched ( or \\(".to_string(),
            _ => "Invalid regular expression".into(),
        };
        return Err(SPEC.plain_error(text));
    }
    let number = |flag| -> Result<Option<usize>, Usage> {
        let Some(value) = opts.value(flag) else { return Ok(None) };
        let text = if flag == 'm' { "invalid max count" } else { "invalid context length argument" };
        value.parse().map(Some).map_err(|_| SPEC.plain_error(format!("{value}: {text}")))
    };
    let context = number('C')?;
    let several = opts.args.len() > 1;
    let options = Options {
        pattern,
        fold: opts.has('i') || opts.has('y'),
        invert: opts.has('v'),
        count: opts.has('c'),
        names_with: opts.has('l'),
        names_without: opts.has('L'),
        number: opts.has('n'),
        only: opts.has('o'),
        quiet: opts.has('q'),
        show_name: (several || opts.has('H')) && !opts.has('h'),
        color: opts.value('K').is_some_and(|when| when == "always"),
    };
    let grep = Grep {
        options,
        before: number('B')?.or(context).unwrap_or(0).min(100_000),
        after: number('A')?.or(context).unwrap_or(0),
        most: number('m')?.map(|most| most as u64),
        name: EcoString::new(),
        number: 0,
        found: 0,
        any: false,
        held: VecDeque::new(),
        left: 0,
        last: 0,
        compiled: None,
    };
    Ok(Stream::new("grep", flavour, grep, opts.args).failing_with(2))
}

impl Grep {
    fn regex(&mut self) -> Option<&Regex> {
        if self.compiled.is_none() {
            self.compiled = regex::build(&self.options.pattern, self.options.fold).ok();
        }
        self.compiled.as_ref()
    }

    /// What stands before a line.
    fn prefix(&self, number: u64, sign: char, out: &mut Out) {
        if self.options.show_name {
            out.print(format!("{}{sign}", self.name));
        }
        if self.options.number {
            out.print(format!("{number}{sign}"));
        }
    }

    fn show(&mut self, number: u64, line: &[u8], sign: char, out: &mut Out) {
        let has_context = self.before > 0 || self.after > 0;
        if has_context && self.last > 0 && number > self.last + 1 {
            out.print("--\n");
        }
        self.last = number;
        self.prefix(number, sign, out);
        out.line(line);
    }

    fn show_matches(&mut self, text: &str, out: &mut Out) {
        let number = self.number;
        let Some(regex) = self.regex().cloned() else { return };
        for found in regex.find_iter(text).filter(|found| !found.is_empty()) {
            self.prefix(number, ':', out);
            out.line(found.as_str().as_bytes());
        }
    }

    fn colored(&mut self, text: &str) -> String {
        let Some(regex) = self.regex() else { return text.into() };
        let (mut out, mut at) = (String::new(), 0);
        for found in regex.find_iter(text).filter(|found| !found.is_empty()) {
            out.push_str(&text[at..found.start()]);
            out.push_str(&format!("\x1b[01;31m\x1b[K{}\x1b[m\x1b[K", found.as_str()));
            at = found.end();
        }
        out + &text[at..]
    }
}

impl Filter for Grep {
    fn begin(&mut self, name: &str, _: &mut Out) {
        self.name = if name == "-" { "(standard input)".into() } else { name.into() };
        (self.number, self.found, self.left, self.last) = (0, 0, 0, 0);
        self.held.clear();
    }

    fn line(&mut self, line: &[u8], _: bool, out: &mut Out) -> Next {
        self.number += 1;
        if self.most == Some(self.found) && self.left == 0 {
            return Next::OtherInput;
        }
        let text = String::from_utf8_lossy(line);
        let invert = self.options.invert;
        let matches = self.regex().is_some_and(|regex| regex.is_match(&text)) != invert;
        if !matches || self.most == Some(self.found) {
            if self.left > 0 {
                self.left -= 1;
                self.show(self.number, line, '-', out);
            } else if self.before > 0 {
                if self.held.len() == self.before {
                    self.held.pop_front();
                }
                self.held.push_back((self.number, line.to_vec()));
            }
            return Next::More;
        }
        self.found += 1;
        self.any = true;
        let Options { quiet, names_with, names_without, count, only, color, .. } = self.options;
        if quiet {
            return Next::Stop;
        }
        if names_with || names_without {
            return Next::OtherInput;
        }
        if !count && only {
            if !invert {
                self.show_matches(&text, out);
            }
        } else if !count {
            for (number, held) in std::mem::take(&mut self.held) {
                self.show(number, &held, '-', out);
            }
            let number = self.number;
            if color && !invert {
                let text = self.colored(&text);
                self.show(number, text.as_bytes(), ':', out);
            } else {
                self.show(number, line, ':', out);
            }
            self.left = self.after;
        }
        if self.most == Some(self.found) && self.left == 0 { Next::OtherInput } else { Next::More }
    }

    fn end(&mut self, out: &mut Out) {
        let name = self.name.clone();
        if self.options.quiet {
        } else if self.options.names_with && self.found > 0 || self.options.names_without && self.found == 0 {
            out.line(name.as_bytes());
        } else if self.options.count && !self.options.names_with && !self.options.names_without {
            if self.options.show_name {
                out.print(format!("{name}:"));
            }
            out.line(self.found.to_string().as_bytes());
        }
    }

    fn finish(&mut self, _: &mut Out) -> u8 {
        u8::from(!self.any)
    }
}
