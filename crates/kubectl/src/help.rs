//! Help pages, as kubectl's templates lay them out.

// Models staging/src/k8s.io/kubectl/pkg/util/templates

use crate::cmd::{GROUPS, ROOT};
use crate::command::Command;
use crate::flags::globals::GLOBALS;
use crate::flags::{Flag, Kind};

/// The page of `--help`. `path` is the command's, as `kubectl config view`; `width` is that of the terminal, 0 where
/// there is none.
pub(crate) fn page(command: &Command, path: &str, width: u16) -> String {
    let long = if command.long.is_empty() { command.short } else { command.long };
    format!("{}{}", long.trim(), usage(command, path, width))
}

/// The list of `kubectl options`.
pub(crate) fn options(width: u16) -> String {
    let globals: Vec<&Flag> = GLOBALS.iter().collect();
    format!("The following options can be passed to any command:\n\n{}", flags_usages(&globals, limit(width)))
}

/// The column at which a terminal of this width is wrapped; 0 for not at all.
fn limit(width: u16) -> usize {
    match width {
        120.. => 120,
        100.. => 100,
        80.. => 80,
        _ => 0,
    }
}

/// The page without its description.
pub(crate) fn usage(command: &Command, path: &str, width: u16) -> String {
    let limit = limit(width);
    let mut sections = Vec::new();
    if !command.aliases.is_empty() {
        sections.push(format!("Aliases:\n{}\n", [&[command.name], command.aliases].concat().join(", ")));
    }
    if !command.example.is_empty() {
        sections.push(format!("Examples:\n{}\n", indented(command.example)));
    }
    if command.children.iter().any(|child| child.is_visible()) {
        sections.push(format!("{}\n", groups(command)));
    }
    let flags: Vec<_> = command.own_flags().into_iter().filter(|flag| !flag.hidden).collect();
    if !flags.is_empty() {
        sections.push(format!("Options:\n{}\n", flags_usages(&flags, limit).trim_end()));
    }
    sections.push(format!("Usage:\n  {}\n", usage_line(command, path)));
    let mut tips = String::new();
    if !command.children.is_empty() {
        tips.push_str(&format!("Use \"{path} <command> --help\" for more information about a given command.\n"));
    }
    tips.push_str("Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n");
    sections.push(tips);
    let text = format!("\n\n{}", sections.join("\n"));
    if limit == 0 { text } else { wrap(&text, limit) }
}

/// The usage line with its parents and `[options]`.
pub(crate) fn usage_line(command: &Command, path: &str) -> String {
    let parent = path.strip_suffix(command.name).unwrap_or_default();
    let usage = if command.usage.is_empty() { command.name } else { command.usage };
    let line = format!("{parent}{usage}");
    if line.contains("[options]") { line } else { format!("{line} [options]") }
}

fn indented(example: &str) -> String {
    example.trim().lines().map(|line| format!("  {}", line.trim())).collect::<Vec<_>>().join("\n")
}

fn groups(command: &Command) -> String {
    let padding = command.children.iter().map(|child| child.name.len()).max().unwrap_or_default().max(11);
    let line = |name: &str, short: &str| format!("\n  {name:padding$}   {short}");
    let is_root = std::ptr::eq(command, &ROOT);
    if !is_root {
        let visible = command.children.iter().filter(|child| child.is_visible());
        return format!("Available Commands:{}", visible.map(|c| line(c.name, c.short)).collect::<String>());
    }
    let mut parts = Vec::new();
    let mut grouped = vec!["options"];
    for (title, names) in GROUPS {
        let lines = names.iter().filter_map(|name| ROOT.child(name)).map(|c| line(c.name, c.short));
        parts.push(format!("{title}:{}", lines.collect::<String>()));
        grouped.extend_from_slice(names);
    }
    parts.push("Subcommands provided by plugins:".to_owned());
    let others = command.children.iter().filter(|child| child.is_visible() && !grouped.contains(&child.name));
    parts.push(format!("Other Commands:{}", others.map(|c| line(c.name, c.short)).collect::<String>()));
    parts.join("\n\n")
}

fn flags_usages(flags: &[&Flag], limit: usize) -> String {
    let mut text = String::new();
    for flag in flags.iter().filter(|flag| !flag.hidden) {
        let short = if flag.short.is_empty() { String::new() } else { format!("-{}, ", flag.short) };
        let quote = if flag.kind == Kind::Text { "'" } else { "" };
        let help = if limit > 0 { wrap(flag.help, limit - 10) } else { flag.help.to_owned() };
        let help = help.replace('\n', "\n\t");
        text.push_str(&format!("    {short}--{}={quote}{}{quote}:\n\t{help}\n\n", flag.name, flag.default));
    }
    text
}

/// Breaks lines at blanks so that none is longer than `limit`, where that is possible.
// Models github.com/mitchellh/go-wordwrap
pub(crate) fn wrap(text: &str, limit: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            wrapped.push('\n');
        }
        let mut column = 0;
        let mut rest = line;
        while !rest.is_empty() {
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let word = rest[blanks..].find([' ', '\t']).unwrap_or(rest.len() - blanks);
            let (space, next) = (&rest[..blanks], &rest[blanks..blanks + word]);
            let (wide, long) = (space.chars().count(), next.chars().count());
            if column > 0 && column + wide + long > limit && long > 0 {
                wrapped.push('\n');
                column = 0;
            } else {
                wrapped.push_str(space);
                column += wide;
            }
            wrapped.push_str(next);
            column += long;
            rest = &rest[blanks + word..];
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_begin_with_impersonation() {
        let text = options(0);
        assert!(text.starts_with("The following options can be passed to any command:\n\n    --as='':\n\tUsername to impersonate for the operation."));
        assert!(text.contains("\n    -n, --namespace='':\n\t"));
        assert!(text.contains("\n    --as-group=[]:\n\t"));
    }

    #[test]
    fn lines_are_wrapped_at_blanks() {
        assert_eq!(wrap("aa bb cc", 5), "aa bb\ncc");
        assert_eq!(wrap("aaaaaaa b", 5), "aaaaaaa\nb");
        assert_eq!(wrap("a\n\nb", 5), "a\n\nb");
    }
}
