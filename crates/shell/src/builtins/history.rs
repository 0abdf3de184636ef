//! `history`

use ecow::EcoString;

use super::{Ran, printed, wrong};
use crate::replay::{Cx, Suspend};

pub(super) fn history(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let lines = cx.state.history.clone();
    let count = match argv.get(1).map(|arg| arg.as_str()) {
        None => lines.len(),
        Some("-c") => {
            cx.state.history.clear();
            return Ok(Ran::Status(0));
        }
        Some("-a" | "-r" | "-w" | "-n") => return Ok(Ran::Status(0)),
        Some(flag) if flag.starts_with('-') => {
            return wrong(cx, 2, &format!("history: {flag}: invalid option"));
        }
        Some(count) => match count.parse::<usize>() {
            Ok(count) => count,
            Err(_) => return wrong(cx, 1, &format!("history: {count}: numeric argument required")),
        },
    };
    let first = cx.state.history_dropped + 1;
    let numbered = (first..).zip(&lines).skip(lines.len().saturating_sub(count));
    let text: String = numbered.map(|(number, line)| format!("{number:>5}  {line}\n")).collect();
    printed(cx, "history", &text)
}
