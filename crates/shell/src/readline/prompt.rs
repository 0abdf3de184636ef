//! Prompts: `\u@\h:\w\$ `.

use podyard_sim::Time;

use crate::state::State;

/// Replaces the backslash escapes; expansions are left.
pub(crate) fn decode(text: &str, state: &State, now: Time) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let user = || {
        let name = state.var("USER");
        if name.is_empty() { if state.uid == 0 { "root".into() } else { "user".into() } } else { name }
    };
    let (year, month, day, hour, minute, second) = now.parts();
    let date = now.unix_date();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let Some(c) = chars.next() else {
            out.push('\\');
            break;
        };
        match c {
            'u' => out.push_str(&user()),
            'h' => out.push_str(state.hostname.split('.').next().unwrap_or_default()),
            'H' => out.push_str(&state.hostname),
            'w' => out.push_str(&escape(&working_dir(state))),
            'W' => {
                let dir = working_dir(state);
                let last = dir.rsplit('/').next().filter(|last| !last.is_empty());
                out.push_str(&escape(last.unwrap_or(&dir)));
            }
            '$' => out.push(if state.uid == 0 { '#' } else { '$' }),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            'a' => out.push('\x07'),
            'e' => out.push('\x1b'),
            '[' | ']' => {}
            's' => out.push_str(&state.name),
            'v' | 'V' => out.push_str("5.2"),
            'j' => out.push_str(&state.jobs.len().to_string()),
            'l' => out.push_str("tty"),
            '#' | '!' => out.push_str(&(state.history_dropped + state.history.len() + 1).to_string()),
            't' => out.push_str(&format!("{hour:02}:{minute:02}:{second:02}")),
            'A' => out.push_str(&format!("{hour:02}:{minute:02}")),
            'T' | '@' => {
                let half = if hour < 12 { "AM" } else { "PM" };
                let hour = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
                if c == 'T' {
                    out.push_str(&format!("{hour:02}:{minute:02}:{second:02}"));
                } else {
                    out.push_str(&format!("{hour:02}:{minute:02} {half}"));
                }
            }
            'd' => out.push_str(date.get(..10).unwrap_or_default()),
            'D' => {
                if chars.next_if_eq(&'{').is_some() {
                    while chars.next().is_some_and(|c| c != '}') {}
                }
                out.push_str(&format!("{year:04}-{month:02}-{day:02}"));
            }
            '\\' => out.push_str("\\\\"),
            '0'..='7' => {
                let mut value = c.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)) else { break };
                    chars.next();
                    value = value * 8 + digit;
                }
                out.extend(char::from_u32(value));
            }
            other => out.extend(['\\', other]),
        }
    }
    out
}

/// So that nothing in a directory's name is expanded.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('`', "\\`")
}

/// The working directory, with `~` for the home directory.
fn working_dir(state: &State) -> String {
    let (cwd, home) = (state.var("PWD"), state.var("HOME"));
    match cwd.strip_prefix(home.as_str()) {
        Some(rest) if home.len() > 1 && (rest.is_empty() || rest.starts_with('/')) => format!("~{rest}"),
        _ => cwd.to_string(),
    }
}
