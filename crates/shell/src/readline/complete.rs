//! Tab: what could stand at the cursor.

use ecow::EcoString;
use podyard_kernel::{Answer, FileKind, Group, Spawn, Syscall, Which};
use serde::{Deserialize, Serialize};

use crate::machine::find_program;
use crate::replay::{Cx, Suspend};

/// Where the scripts that complete a program's arguments are. Such a program is itself asked, as `name __complete …`.
const SCRIPTS: &str = "/usr/share/bash-completion/completions";
/// The most candidates that are looked at.
const MAX_CANDIDATES: usize = 5_000;

/// What could stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Completion {
    /// The characters before the cursor that a candidate replaces.
    pub typed: String,
    pub candidates: Vec<Candidate>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Candidate {
    /// As it is put into the line.
    pub insert: String,
    /// As it is listed.
    pub shown: String,
    pub description: String,
    /// What follows it if it is the only one: a blank, a slash, nothing.
    pub behind: String,
}

/// A word before the cursor: as typed, and without its quotes.
#[derive(Clone, Debug, Default, PartialEq)]
struct Word {
    raw: String,
    text: String,
    quote: Option<char>,
}

/// The words of the command at the cursor; the last one is being typed. The flag says that it is a file after `>`.
fn words(line: &str) -> (Vec<Word>, bool) {
    let mut words: Vec<Word> = Vec::new();
    let mut current: Option<Word> = None;
    let mut quote = None;
    let mut redirect = false;
    let mut after_redirect = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(open) = quote {
            let word = current.get_or_insert_default();
            word.raw.push(c);
            if c == open {
                quote = None;
            } else if c == '\\' && open == '"' && chars.peek().is_some_and(|c| "\"\\$`".contains(*c)) {
                let next = chars.next().unwrap_or_default();
                word.raw.push(next);
                word.text.push(next);
            } else {
                word.text.push(c);
            }
            continue;
        }
        match c {
            '\'' | '"' => {
                quote = Some(c);
                current.get_or_insert_default().raw.push(c);
            }
            '\\' => {
                let word = current.get_or_insert_default();
                word.raw.push(c);
                if let Some(next) = chars.next() {
                    word.raw.push(next);
                    word.text.push(next);
                }
            }
            ' ' | '\t' | '\n' => {
                if let Some(word) = current.take()
                    && !std::mem::take(&mut after_redirect)
                {
                    words.push(word);
                }
                if c == '\n' {
                    words.clear();
                }
                after_redirect |= std::mem::take(&mut redirect);
            }
            ';' | '|' | '&' | '(' | '`' | '{' if c != '{' || current.is_none() => {
                words.clear();
                current = None;
                (redirect, after_redirect) = (false, false);
            }
            '<' | '>' => {
                if let Some(word) = current.take()
                    && !word.text.chars().all(|c| c.is_ascii_digit())
                {
                    words.push(word);
                }
                redirect = true;
            }
            c => {
                after_redirect |= std::mem::take(&mut redirect);
                let word = current.get_or_insert_default();
                word.raw.push(c);
                word.text.push(c);
            }
        }
    }
    after_redirect |= redirect;
    let mut last = current.unwrap_or_default();
    last.quote = quote;
    words.push(last);
    // Assignments before the command, and words that a command follows, are not the command.
    let leading = words[..words.len() - 1]
        .iter()
        .take_while(|word| {
            let is_assignment = word.text.split_once('=').is_some_and(|(name, _)| crate::vars::is_name(name));
            let is_keyword = matches!(
                word.text.as_str(),
                "if" | "then"
                    | "else"
                    | "elif"
                    | "while"
                    | "until"
                    | "do"
                    | "!"
                    | "time"
                    | "sudo"
                    | "exec"
                    | "command"
                    | "watch"
                    | "xargs"
            );
            is_assignment || is_keyword
        })
        .count();
    words.drain(..leading);
    (words, after_redirect)
}

/// Finds what could stand at the end of this line.
pub(crate) fn complete(cx: &mut Cx<'_>, line: &str) -> Result<Completion, Suspend> {
    let (words, redirect) = words(line);
    let Some((word, before)) = words.split_last() else { return Ok(Completion::default()) };
    if let Some(name) = word.raw.rsplit('$').next().filter(|_| word.raw.contains('$') && word.quote != Some('\'')) {
        let name = name.trim_start_matches('{');
        if name.is_empty() || crate::vars::is_name(name) {
            return Ok(variables(cx, name, word.raw.contains("${")));
        }
    }
    if redirect {
        return files(cx, word, false);
    }
    if before.is_empty() {
        return commands(cx, word);
    }
    let command = before[0].text.as_str();
    let typed = word.text.as_str();
    let simple = |names: Vec<EcoString>| Completion {
        typed: typed.into(),
        candidates: names
            .into_iter()
            .filter(|name| name.starts_with(typed))
            .map(|name| Candidate {
                insert: name.to_string(),
                shown: name.to_string(),
                behind: " ".into(),
                ..Candidate::default()
            })
            .collect(),
    };
    match command {
        "cd" | "rmdir" | "pushd" => return files(cx, word, true),
        "unset" | "export" | "readonly" | "declare" | "local" if !typed.contains('=') => {
            return Ok(simple(cx.state.vars.keys().cloned().collect()));
        }
        "type" | "which" | "hash" => return commands(cx, word),
        "unalias" | "alias" => return Ok(simple(cx.state.aliases.keys().cloned().collect())),
        _ => {}
    }
    let program = cx.state.completers.get(command).cloned().unwrap_or_else(|| command.into());
    if let Some(completion) = ask_program(cx, &program, &words)? {
        return Ok(completion);
    }
    files(cx, word, false)
}

fn variables(cx: &Cx<'_>, name: &str, braces: bool) -> Completion {
    let names = cx.state.vars.keys().filter(|own| own.starts_with(name));
    let candidates = names
        .map(|own| Candidate {
            insert: own.to_string(),
            shown: format!("${own}"),
            behind: if braces { "}" } else { " " }.into(),
            ..Candidate::default()
        })
        .collect();
    Completion { typed: name.into(), candidates }
}

const KEYWORDS: [&str; 14] =
    ["case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "then", "until", "while"];

fn commands(cx: &mut Cx<'_>, word: &Word) -> Result<Completion, Suspend> {
    if word.text.contains('/') {
        return files(cx, word, false);
    }
    let typed = word.text.as_str();
    let mut names: Vec<EcoString> = crate::builtins::names().map(EcoString::from).collect();
    names.extend(KEYWORDS.map(EcoString::from));
    names.extend(cx.state.aliases.keys().cloned());
    names.extend(cx.state.functions.keys().cloned());
    for dir in cx.state.var("PATH").split(':') {
        let Answer::Entries(entries) = cx.call(Syscall::ReadDir(dir.into()))? else { continue };
        let programs = entries.into_iter().filter(|(_, file)| {
            file.kind == FileKind::Symlink || file.kind != FileKind::Directory && file.mode & 0o111 != 0
        });
        names.extend(programs.map(|(name, _)| name));
    }
    names.retain(|name| name.starts_with(typed));
    names.sort();
    names.dedup();
    let candidates = names.into_iter().take(MAX_CANDIDATES).map(|name| Candidate {
        insert: name.to_string(),
        shown: name.to_string(),
        behind: " ".into(),
        ..Candidate::default()
    });
    Ok(Completion { typed: typed.into(), candidates: candidates.collect() })
}

/// File names; after `=` or `:`, what follows is the name.
fn files(cx: &mut Cx<'_>, word: &Word, only_directories: bool) -> Result<Completion, Suspend> {
    let text = word.text.as_str();
    let start = text.rfind(['=', ':']).map_or(0, |at| at + 1);
    let path = &text[start..];
    let (dir, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let place = match dir.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", cx.state.var("HOME")),
        None if dir.is_empty() => ".".into(),
        None => dir.to_string(),
    };
    let Answer::Entries(entries) = cx.call(Syscall::ReadDir(place.as_str().into()))? else {
        return Ok(Completion::default());
    };
    let mut candidates = Vec::new();
    for (own, file) in entries {
        if !own.starts_with(name) || own.starts_with('.') && !name.starts_with('.') {
            continue;
        }
        let mut is_directory = file.kind == FileKind::Directory;
        if file.kind == FileKind::Symlink {
            let target = cx.stat(&format!("{place}/{own}"))?;
            is_directory = target.is_some_and(|file| file.kind == FileKind::Directory);
        }
        if only_directories && !is_directory || candidates.len() >= MAX_CANDIDATES {
            continue;
        }
        let slash = if is_directory { "/" } else { "" };
        let close = word.quote.filter(|_| !is_directory).map(String::from).unwrap_or_default();
        candidates.push(Candidate {
            insert: quoted(&format!("{dir}{own}"), word.quote),
            shown: format!("{own}{slash}"),
            behind: if is_directory { "/".into() } else { format!("{close} ") },
            ..Candidate::default()
        });
    }
    // What is replaced is what was typed, quotes and all but the opening one.
    let raw = word.raw.trim_start_matches(|c| Some(c) == word.quote);
    let raw_start = raw.rfind(['=', ':']).map_or(0, |at| at + 1);
    Ok(Completion { typed: raw[raw_start..].into(), candidates })
}

/// A name as it must be typed.
fn quoted(name: &str, quote: Option<char>) -> String {
    let mut out = String::new();
    for (at, c) in name.chars().enumerate() {
        let special = match quote {
            Some('\'') => false,
            Some(_) => "\"$`\\".contains(c),
            None => " \t\n|&;()<>'\"\\$`*?[]{}!#".contains(c) || c == '~' && at > 0,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Asks a program that completes its own arguments, as cobra's do: `name __complete word … current`. Each line of its
/// answer is a candidate with a tab and its description; the last is a colon and what to do with them.
fn ask_program(cx: &mut Cx<'_>, program: &str, words: &[Word]) -> Result<Option<Completion>, Suspend> {
    let script = format!("{SCRIPTS}/{}", program.rsplit('/').next().unwrap_or_default());
    if cx.stat(&script)?.is_none() {
        return Ok(None);
    }
    let Ok(path) = find_program(cx, program)? else { return Ok(None) };
    let Answer::Pair(read, write) = cx.call(Syscall::Pipe)? else { return Ok(None) };
    let null = cx.open("/dev/null", podyard_kernel::OpenMode { read: true, write: true, ..Default::default() })?;
    let mut files = vec![(1, write)];
    if let Ok(null) = null {
        files.extend([(0, null), (2, null)]);
    }
    let argv = [EcoString::from(program), "__complete".into()].into_iter();
    let spawn = Spawn {
        path,
        argv: argv.chain(words[1..].iter().map(|word| word.text.as_str().into())).collect(),
        env: cx.state.environment(),
        files,
        group: Group::Same,
        foreground: false,
    };
    let started = cx.call(Syscall::Spawn(Box::new(spawn)))?;
    cx.call(Syscall::Close(write))?;
    if let Ok(null) = null {
        cx.call(Syscall::Close(null))?;
    }
    let mut output = Vec::new();
    if let Answer::Pid(_) = started {
        loop {
            match cx.call(Syscall::Read { fd: read, max: 1 << 16 })? {
                Answer::Bytes(bytes) if !bytes.is_empty() && output.len() < 1 << 20 => output.extend_from_slice(&bytes),
                _ => break,
            }
        }
    }
    cx.call(Syscall::Close(read))?;
    if let Answer::Pid(pid) = started {
        cx.call(Syscall::Wait { which: Which::Pid(pid), block: true })?;
    }
    let word = words.last().cloned().unwrap_or_default();
    let text = String::from_utf8_lossy(&output).into_owned();
    let (completion, wants_files) = read_answer(&text, &word.text);
    if completion.candidates.is_empty() && wants_files {
        return files_of(cx, &word).map(Some);
    }
    Ok(Some(completion))
}

fn files_of(cx: &mut Cx<'_>, word: &Word) -> Result<Completion, Suspend> {
    files(cx, word, false)
}

/// The candidates in a program's answer, and whether files are welcome where there are none.
fn read_answer(text: &str, typed: &str) -> (Completion, bool) {
    let (no_space, no_files) = (2, 4);
    let mut directive = 0_u32;
    let mut candidates = Vec::new();
    // Behind `--flag=` only the value is replaced.
    let value = typed.split_once('=').map(|(_, value)| value);
    let mut replaced = typed.to_string();
    for line in text.lines() {
        if let Some(number) = line.strip_prefix(':') {
            directive = number.trim().parse().unwrap_or(0);
            break;
        }
        let (name, description) = line.split_once('\t').unwrap_or((line, ""));
        if name.starts_with("_activeHelp_ ") || name.is_empty() {
            continue;
        }
        if !name.starts_with(typed) {
            match value.filter(|value| name.starts_with(value)) {
                Some(value) => replaced = value.to_string(),
                None => continue,
            }
        }
        candidates.push(Candidate {
            insert: name.into(),
            shown: name.into(),
            description: description.into(),
            behind: String::new(),
        });
    }
    for candidate in &mut candidates {
        let open = directive & no_space != 0 || candidate.insert.ends_with('=');
        candidate.behind = if open { String::new() } else { " ".into() };
    }
    candidates.truncate(MAX_CANDIDATES);
    (Completion { typed: replaced, candidates }, directive & no_files == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: &[&str], redirect: bool) {
        let (words, is_redirect) = words(line);
        assert_eq!(words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), expect, "{line}");
        assert_eq!(is_redirect, redirect, "{line}");
    }

    #[test]
    fn the_command_at_the_cursor_is_split_into_words() {
        check("", &[""], false);
        check("ls ", &["ls", ""], false);
        check("a | ls 'b c' d\\ e", &["ls", "b c", "d e"], false);
        check("x=1 kubectl get po", &["kubectl", "get", "po"], false);
        check("if kubectl g", &["kubectl", "g"], false);
        check("cat > fi", &["cat", "fi"], true);
        check("cat >", &["cat", ""], true);
        check("echo $(ls ", &["ls", ""], false);
        check("cmd 2>err ar", &["cmd", "ar"], false);
    }

    #[test]
    fn a_program_says_what_completes() {
        let (completion, files) = read_answer("pods\tlist\npodtemplates\n:4\n", "po");
        assert_eq!(completion.candidates.len(), 2);
        assert_eq!(completion.candidates[0].description, "list");
        assert_eq!(completion.candidates[1].behind, " ");
        assert!(!files);
        let (completion, _) = read_answer("json\nyaml\n:4", "--output=j");
        assert_eq!((completion.typed.as_str(), completion.candidates.len()), ("j", 1));
    }
}
