//! `sed`

mod script;

use podyard_kernel::Args;
use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};
use crate::regex;
use script::{Address, Command, Do, Pattern, Piece, Substitute};

/// Commands that one line may take; a script that loops longer is stopped.
const MAX_STEPS: u64 = 1_000_000;
/// How large a space may grow, in bytes.
const MAX_SPACE: usize = 16 << 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct Sed {
    commands: Vec<Command>,
    quiet: bool,
    extended: bool,
    /// The line before the last read one: only the next shows whether it is the last.
    held: Option<(Vec<u8>, bool)>,
    space: String,
    hold: String,
    number: u64,
    /// Where to go on, after `n` or `N` has asked for a line.
    resume: Option<(usize, bool)>,
    /// Text to be written after the line.
    behind: Vec<String>,
    substituted: bool,
    last_pattern: Option<Pattern>,
    quit: Option<u8>,
    ended: bool,
    #[serde(skip)]
    compiled: Vec<(Pattern, Regex)>,
}

const SPEC: Spec = Spec {
    name: "sed",
    short: "Ee:f:l:nrsuz",
    long: &[
        ("expression=", 'e'),
        ("in-place", 'i'),
        ("quiet", 'n'),
        ("regexp-extended", 'E'),
        ("separate", 's'),
        ("silent", 'n'),
    ],
    usage: "sed [OPTION]... {script-only-if-no-other-script} [input-file]...",
    status: 1,
};

/// The script with its files; in place, with the suffix of the copy.
pub(in super::super) struct Call {
    pub sed: Sed,
    pub files: Vec<ecow::EcoString>,
    pub in_place: Option<String>,
}

/// Reads the arguments.
pub(in super::super) fn read(args: &Args, flavour: Flavour) -> Result<Call, Usage> {
    // `-i` may carry a suffix, which getopt's table cannot say.
    let mut args = args.clone();
    let mut in_place = None;
    for arg in args.argv.iter_mut().skip(1) {
        if let Some(suffix) = arg.strip_prefix("--in-place=") {
            in_place = Some(suffix.to_string());
            *arg = "-s".into();
        } else if arg.starts_with('-') && !arg.starts_with("--") {
            let flags = arg[1..].to_string();
            if let Some(at) = flags.find('i')
                && !flags[..at].contains(['e', 'f', 'l'])
            {
                in_place = Some(flags[at + 1..].to_string());
                *arg = format!("-{}s", &flags[..at]).into();
            }
        }
    }
    let mut opts = SPEC.parse(&args, flavour)?;
    if opts.has('i') {
        in_place = Some(String::new());
    }
    if opts.has('f') {
        return Err(SPEC.plain_error("-f: script files are not simulated; use -e"));
    }
    let mut texts: Vec<String> =
        opts.flags.iter().filter(|(flag, _)| *flag == 'e').map(|(_, text)| text.to_string()).collect();
    if texts.is_empty() {
        if opts.args.is_empty() {
            let text = format!("Usage: {}\n\n", SPEC.usage);
            return Err(Usage { text, status: 1 });
        }
        texts.push(opts.args.remove(0).to_string());
    }
    let extended = opts.has('E') || opts.has('r');
    let commands = script::parse(&texts.join("\n"), extended)
        .map_err(|(at, text)| SPEC.plain_error(format!("-e expression #1, char {at}: {text}")))?;
    let sed = Sed {
        commands,
        quiet: opts.has('n'),
        extended,
        held: None,
        space: String::new(),
        hold: String::new(),
        number: 0,
        resume: None,
        behind: Vec::new(),
        substituted: false,
        last_pattern: None,
        quit: None,
        ended: true,
        compiled: Vec::new(),
    };
    Ok(Call { sed, files: opts.args, in_place })
}

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let call = read(args, flavour)?;
    Ok(Stream::new("sed", flavour, call.sed, call.files).failing_with(2))
}

impl Sed {
    fn regex(&mut self, pattern: &Pattern) -> Option<Regex> {
        let pattern = match pattern.text.is_empty() {
            true => self.last_pattern.clone()?,
            false => pattern.clone(),
        };
        self.last_pattern = Some(pattern.clone());
        if let Some((_, regex)) = self.compiled.iter().find(|(own, _)| *own == pattern) {
            return Some(regex.clone());
        }
        let regex = match self.extended {
            true => regex::extended(&pattern.text, pattern.fold),
            false => regex::basic(&pattern.text, pattern.fold),
        };
        let regex = regex.ok()?;
        self.compiled.push((pattern, regex.clone()));
        Some(regex)
    }

    fn at(&mut self, address: &Address, last: bool) -> bool {
        match address {
            Address::Line(number) => self.number == *number,
            Address::Last => last,
            Address::Step(first, step) => {
                if *step == 0 {
                    self.number == *first
                } else {
                    self.number >= *first && (self.number - first).is_multiple_of(*step)
                }
            }
            Address::Pattern(pattern) => {
                let space = self.space.clone();
                self.regex(pattern).is_some_and(|regex| regex.is_match(&space))
            }
            Address::Plus(_) => false,
        }
    }

    /// Whether a command is for this line.
    fn selects(&mut self, at: usize, last: bool) -> bool {
        let command = self.commands[at].clone();
        let found = match (&command.first, &command.second) {
            (None, _) => true,
            (Some(first), None) => self.at(first, last),
            (Some(first), Some(second)) => {
                if command.active {
                    let ends = match (second, command.until) {
                        (Address::Line(end), _) => self.number >= *end,
                        (_, Some(end)) => self.number >= end,
                        (second, None) => self.at(second, last),
                    };
                    self.commands[at].active = !ends;
                    // A range whose end has been passed ends before this line.
                    !matches!(second, Address::Line(end) if self.number > *end)
                } else if self.at(first, last) {
                    let until = if let Address::Plus(count) = second { Some(self.number + count) } else { None };
                    let at_once = matches!(second, Address::Line(end) if *end <= self.number)
                        || until.is_some_and(|end| end <= self.number);
                    self.commands[at].active = !at_once;
                    self.commands[at].until = until;
                    true
                } else {
                    false
                }
            }
        };
        found != command.negate
    }

    fn print_space(&mut self, out: &mut Out) {
        out.print(&self.space);
        // A last line without newline stays so.
        if self.ended {
            out.print("\n");
        }
    }

    /// The end of a cycle.
    fn finish_line(&mut self, out: &mut Out) {
        if !self.quiet {
            self.print_space(out);
        }
        self.flush(out);
    }

    fn flush(&mut self, out: &mut Out) {
        for text in std::mem::take(&mut self.behind) {
            out.print(text);
        }
    }

    /// Runs the script on a line.
    fn cycle(&mut self, line: &[u8], ended: bool, last: bool, out: &mut Out) {
        self.number += 1;
        self.ended = ended || !last;
        let text = String::from_utf8_lossy(line).into_owned();
        let mut pc = 0;
        match self.resume.take() {
            Some((at, true)) => {
                self.space.push('\n');
                self.space.push_str(&text);
                pc = at;
            }
            Some((at, false)) => {
                self.space = text;
                pc = at;
            }
            None => {
                self.space = text;
                self.substituted = false;
            }
        }
        let mut steps = 0;
        loop {
            match self.run_from(pc, last, &mut steps, out) {
                // `D` begins anew without reading.
                Some(again) => pc = again,
                None => return,
            }
        }
    }

    fn run_from(&mut self, mut pc: usize, last: bool, steps: &mut u64, out: &mut Out) -> Option<usize> {
        while pc < self.commands.len() {
            // Long spaces cost more to look through.
            *steps += 1 + self.space.len() as u64 / 16;
            if *steps > MAX_STEPS || self.space.len() + self.hold.len() > MAX_SPACE {
                out.error("sed: the script runs too long\n");
                self.quit = Some(4);
                return None;
            }
            let selected = self.selects(pc, last);
            let command = self.commands[pc].what.clone();
            pc += 1;
            if !selected {
                if let Do::Open(end) = command {
                    pc = end + 1;
                }
                continue;
            }
            match command {
                Do::Open(_) | Do::Close | Do::Label(_) => {}
                Do::Delete => {
                    self.flush(out);
                    return None;
                }
                Do::DeleteFirst => {
                    let Some(end) = self.space.find('\n') else {
                        self.flush(out);
                        return None;
                    };
                    self.space.drain(..=end);
                    self.flush(out);
                    return Some(0);
                }
                Do::Print => self.print_space(out),
                Do::PrintFirst => {
                    let end = self.space.find('\n').unwrap_or(self.space.len());
                    let first = self.space[..end].to_string();
                    out.line(first.as_bytes());
                }
                Do::Quit(status, prints) => {
                    if prints {
                        self.finish_line(out);
                    }
                    self.quit = Some(status);
                    return None;
                }
                Do::Next if last => {
                    self.finish_line(out);
                    self.quit = Some(0);
                    return None;
                }
                Do::Next => {
                    self.finish_line(out);
                    self.resume = Some((pc, false));
                    return None;
                }
                Do::Append if last => {
                    self.finish_line(out);
                    self.quit = Some(0);
                    return None;
                }
                Do::Append => {
                    self.flush(out);
                    self.resume = Some((pc, true));
                    return None;
                }
                Do::Hold(append) => {
                    let space = self.space.clone();
                    if append { self.hold.push_str(&format!("\n{space}")) } else { self.hold = space }
                }
                Do::Get(append) => {
                    let hold = self.hold.clone();
                    if append { self.space.push_str(&format!("\n{hold}")) } else { self.space = hold }
                }
                Do::Exchange => std::mem::swap(&mut self.space, &mut self.hold),
                Do::TextBehind(text) => self.behind.push(text),
                Do::TextBefore(text) => out.print(text),
                Do::Change(text) => {
                    // Of a range, only the last line gives way to the text.
                    let in_range = self.commands[pc - 1].active;
                    if !in_range {
                        out.print(text);
                    }
                    self.flush(out);
                    return None;
                }
                Do::Number => out.print(format!("{}\n", self.number)),
                Do::Branch(target) => pc = target.unwrap_or(self.commands.len()),
                Do::Test(target, wanted) => {
                    if std::mem::take(&mut self.substituted) == wanted {
                        pc = target.unwrap_or(self.commands.len());
                    }
                }
                Do::Translate(from, to) => {
                    self.space = self
                        .space
                        .chars()
                        .map(|c| from.iter().position(|own| *own == c).map_or(c, |at| to[at]))
                        .collect();
                }
                Do::Substitute(substitute) => self.substitute(&substitute, out),
                Do::List => {
                    let text = self.space.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
                    out.print(format!("{text}$\n"));
                }
            }
        }
        self.finish_line(out);
        None
    }

    fn substitute(&mut self, substitute: &Substitute, out: &mut Out) {
        let Some(regex) = self.regex(&substitute.pattern) else { return };
        let space = std::mem::take(&mut self.space);
        let mut result = String::new();
        let (mut at, mut count, mut changed) = (0, 0, false);
        for found in regex.captures_iter(&space) {
            let Some(whole) = found.get(0) else { continue };
            count += 1;
            if count < substitute.number {
                continue;
            }
            if count > substitute.number && !substitute.global {
                break;
            }
            result.push_str(&space[at..whole.start()]);
            let mut case = None;
            for piece in &substitute.with {
                let text = match piece {
                    Piece::Text(text) => text.as_str(),
                    Piece::Group(number) => found.get(*number).map_or("", |group| group.as_str()),
                    Piece::Case(kind) => {
                        case = Some(*kind);
                        continue;
                    }
                };
                result.push_str(&cased(text, &mut case));
            }
            at = whole.end();
            changed = true;
            if result.len() > MAX_SPACE {
                break;
            }
        }
        result.push_str(&space[at..]);
        self.space = result;
        if changed {
            self.substituted = true;
            if substitute.print {
                self.print_space(out);
            }
        }
    }
}

/// Text after `\U`, `\L`, `\u`, `\l`.
fn cased(text: &str, case: &mut Option<char>) -> String {
    match case {
        Some('U') => text.to_uppercase(),
        Some('L') => text.to_lowercase(),
        Some(one @ ('u' | 'l')) if !text.is_empty() => {
            let mut chars = text.chars();
            let first: String = chars.next().map(String::from).unwrap_or_default();
            let first = if *one == 'u' { first.to_uppercase() } else { first.to_lowercase() };
            *case = None;
            first + chars.as_str()
        }
        Some('E') | None => text.to_string(),
        Some(_) => text.to_string(),
    }
}

impl Filter for Sed {
    fn line(&mut self, line: &[u8], ended: bool, out: &mut Out) -> Next {
        if let Some((held, ended)) = self.held.replace((line.to_vec(), ended)) {
            self.cycle(&held, ended, false, out);
        }
        if self.quit.is_some() { Next::Stop } else { Next::More }
    }

    fn finish(&mut self, out: &mut Out) -> u8 {
        if self.quit.is_none()
            && let Some((held, ended)) = self.held.take()
        {
            self.cycle(&held, ended, true, out);
        }
        if self.resume.take().is_some() && self.quit.is_none() {
            self.finish_line(out);
        }
        self.quit.unwrap_or(0)
    }
}
