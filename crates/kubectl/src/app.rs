//! From a command line to the command that it names, as cobra finds it.

// Models github.com/spf13/cobra command.go (Find, legacyArgs, SuggestionsFor, execute)

use ecow::EcoString;
use podyard_kernel::{Answer, Args, Sys, Syscall};

use crate::cmd::{GROUPS, ROOT};
use crate::command::Command;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flags;
use crate::flags::parse::{Stop, parse, strip_flags, takes_next};
use crate::help;
use crate::resource::q;

/// A command with its path and what is left of the line.
struct Found {
    command: &'static Command,
    path: String,
    rest: Vec<EcoString>,
}

/// Runs the program; gives its exit status.
pub(crate) async fn run(sys: Sys, args: Args) -> u8 {
    let words = args.argv.get(1..).unwrap_or_default().to_vec();
    match start(&sys, args, words).await {
        Ok(()) => 0,
        Err(failure) => {
            let (text, status) = failure.report();
            sys.eprint(text).await;
            status
        }
    }
}

async fn start(sys: &Sys, args: Args, words: Vec<EcoString>) -> Outcome {
    let found = find(words)?;
    let flags = match parse(&found.command.all_flags(), &found.rest) {
        Ok(flags) => flags,
        Err(Stop::Help) => {
            sys.print(help::page(found.command, &found.path, width(sys).await)).await;
            return Ok(());
        }
        // An exit status of 1 would mean that there are differences.
        Err(Stop::Wrong(why)) if found.path == "kubectl diff" => {
            let text = format!("error: {why}\nSee '{} -h' for help and examples", found.path);
            return Err(Failure::Said { code: 2, text });
        }
        Err(Stop::Wrong(why)) => {
            return Err(Failure::Text(format!("{why}\nSee '{} --help' for usage.", found.path)));
        }
    };
    for notice in &flags.notices {
        sys.eprint(notice).await;
    }
    check_required(&found, &flags)?;
    match found.command.run {
        Some(run) => run(Ctx::new(sys.clone(), args, flags, found.command, found.path)).await,
        None => only_children(sys, &found, &flags).await,
    }
}

/// Follows the names of commands through the line.
fn find(words: Vec<EcoString>) -> Outcome<Found> {
    let mut found = Found { command: &ROOT, path: ROOT.name.to_owned(), rest: words };
    loop {
        let known = found.command.all_flags();
        let plain = strip_flags(&known, &found.rest);
        let Some(child) = plain.first().and_then(|word| found.command.child(word)) else {
            break;
        };
        remove_first(&known, &mut found.rest, &plain[0]);
        found.path = format!("{} {}", found.path, child.name);
        found.command = child;
    }
    let is_root = std::ptr::eq(found.command, &ROOT);
    if is_root && let Some(word) = strip_flags(&ROOT.all_flags(), &found.rest).first() {
        return Err(Failure::Text(format!("unknown command {} for \"kubectl\"{}", q(word), suggestions(word))));
    }
    Ok(found)
}

/// Takes the word out where it stands first and is not a flag's value.
fn remove_first(known: &[&'static crate::flags::Flag], words: &mut Vec<EcoString>, word: &str) {
    let mut index = 0;
    while index < words.len() {
        if words[index] == "--" {
            return;
        }
        match takes_next(known, &words[index]) {
            Some(true) => index += 2,
            Some(false) => index += 1,
            None if words[index] == word => {
                words.remove(index);
                return;
            }
            None => index += 1,
        }
    }
}

fn suggestions(word: &str) -> String {
    let grouped = GROUPS.iter().flat_map(|(_, names)| names.iter()).filter_map(|name| ROOT.child(name));
    let others =
        ROOT.children.iter().copied().filter(|child| !GROUPS.iter().any(|(_, names)| names.contains(&child.name)));
    let typed = word.to_lowercase();
    let near = |command: &&Command| {
        let name = command.name.to_lowercase();
        command.is_visible()
            && (strsim::levenshtein(&typed, &name) <= 2
                || name.starts_with(&typed)
                || command.suggest_for.iter().any(|other| other.eq_ignore_ascii_case(word)))
    };
    let lines: String = grouped.chain(others).filter(near).map(|command| format!("\t{}\n", command.name)).collect();
    if lines.is_empty() { lines } else { format!("\n\nDid you mean this?\n{}", lines.trim_end_matches('\n')) }
}

fn check_required(found: &Found, flags: &Flags) -> Outcome {
    let missing: Vec<String> = found
        .command
        .own_flags()
        .into_iter()
        .filter(|flag| flag.required && !flags.changed(flag.name))
        .map(|flag| format!("\"{}\"", flag.name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Text(format!("required flag(s) {} not set", missing.join(", "))))
}

/// A command that only has children shows its page and fails; the root and `rollout` show it on standard output.
// Models staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go DefaultSubCommandRun
async fn only_children(sys: &Sys, found: &Found, flags: &Flags) -> Outcome {
    if !flags.args.is_empty() {
        let words = q(&flags.args.join(" "));
        return Err(Failure::Text(format!("unknown command {words}\nSee '{} -h' for help and examples", found.path)));
    }
    let page = help::page(found.command, &found.path, width(sys).await);
    match found.command.name {
        "kubectl" => {
            sys.print(page).await;
            Ok(())
        }
        "rollout" => {
            sys.print(page).await;
            Err(Failure::Exit(1))
        }
        _ => {
            sys.eprint(page).await;
            Err(Failure::Exit(1))
        }
    }
}

/// The width of the terminal that standard output is; 0 if it is none.
pub(crate) async fn width(sys: &Sys) -> u16 {
    if !sys.is_terminal(1).await {
        return 0;
    }
    match sys.call(Syscall::TerminalSize).await {
        Answer::Size { columns, .. } => columns,
        _ => 0,
    }
}
