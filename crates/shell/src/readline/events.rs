//! History expansion: `!!`, `!$`, `!42`, `!ls`, `^old^new`.

use ecow::EcoString;

/// A line with its history expanded; `None` if there was nothing to expand.
///
/// # Errors
/// The event that was not found.
pub(crate) fn expand(line: &str, history: &[EcoString], dropped: usize) -> Result<Option<String>, String> {
    if let Some(rest) = line.strip_prefix('^') {
        let mut parts = rest.splitn(3, '^');
        let (old, new) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let last = history.last().filter(|last| last.contains(old) && !old.is_empty());
        let last = last.ok_or_else(|| format!(":s{line}: substitution failed"))?;
        return Ok(Some(format!("{}{}", last.replacen(old, new, 1), parts.next().unwrap_or_default())));
    }
    let mut out = String::new();
    let mut changed = false;
    let (mut single, mut double) = (false, false);
    let chars: Vec<char> = line.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        match c {
            '\\' if !single => {
                out.push(c);
                out.extend(chars.get(at + 1));
                at += 2;
                continue;
            }
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '!' if !single => {
                let next = chars.get(at + 1).copied();
                let plain = next.is_none_or(|c| c.is_whitespace() || matches!(c, '=' | '(') || c == '"' && double);
                let in_brackets = at > 0 && chars[at - 1] == '[' || out.ends_with("${");
                if !plain && !in_brackets {
                    let (text, used) = event(&chars[at + 1..], history, dropped)?;
                    out.push_str(&text);
                    at += 1 + used;
                    changed = true;
                    continue;
                }
            }
            _ => {}
        }
        out.push(c);
        at += 1;
    }
    Ok(changed.then_some(out))
}

/// What stands for the event after a `!`, and how many characters name it.
fn event(chars: &[char], history: &[EcoString], dropped: usize) -> Result<(String, usize), String> {
    let shown = |length: usize| -> String { chars.iter().take(length).collect() };
    let missing = |length: usize| format!("!{}: event not found", shown(length));
    let last = history.last();
    let (line, used) = match chars.first() {
        Some('!') => (last.ok_or_else(|| missing(1))?, 1),
        Some('$' | '^' | '*' | ':') => (last.ok_or_else(|| missing(1))?, 0),
        Some(c) if c.is_ascii_digit() || *c == '-' && chars.get(1).is_some_and(char::is_ascii_digit) => {
            let negative = *c == '-';
            let from = usize::from(negative);
            let digits = chars[from..].iter().take_while(|c| c.is_ascii_digit()).count();
            let number = shown(from + digits)[from..].parse::<usize>().unwrap_or(usize::MAX);
            let place = if negative { history.len().checked_sub(number) } else { number.checked_sub(dropped + 1) };
            (place.and_then(|at| history.get(at)).ok_or_else(|| missing(from + digits))?, from + digits)
        }
        Some('?') => {
            let length = chars[1..].iter().take_while(|c| **c != '?').count();
            let text: String = chars[1..1 + length].iter().collect();
            let found = history.iter().rev().find(|line| line.contains(&text));
            (found.ok_or_else(|| missing(1 + length))?, (length + 2).min(chars.len()))
        }
        _ => {
            let length = chars.iter().take_while(|c| !c.is_whitespace() && !":;&|<>()'\"".contains(**c)).count();
            let text = shown(length);
            let found = history.iter().rev().find(|line| line.starts_with(&text));
            (found.ok_or_else(|| missing(length))?, length)
        }
    };
    let rest = &chars[used..];
    let words: Vec<&str> = line.split_whitespace().collect();
    let colon = usize::from(rest.first() == Some(&':'));
    let pick = |word: Option<&&str>| word.map(ToString::to_string).unwrap_or_default();
    Ok(match rest.get(colon) {
        Some('$') => (pick(words.last()), used + colon + 1),
        Some('^') => (pick(words.get(1)), used + colon + 1),
        Some('*') => (words.get(1..).unwrap_or_default().join(" "), used + colon + 1),
        Some(c) if colon == 1 && c.is_ascii_digit() => {
            let digits = rest[1..].iter().take_while(|c| c.is_ascii_digit()).count();
            let number: String = rest[1..1 + digits].iter().collect();
            let word = number.parse::<usize>().ok().and_then(|n| words.get(n));
            (pick(word), used + 1 + digits)
        }
        Some('p') if colon == 1 => (line.to_string(), used + 2),
        _ => (line.to_string(), used),
    })
}

/// Lines of one command as history keeps it: on one line, where that means the same.
pub(crate) fn joined(text: &str) -> String {
    if !text.contains('\n') || text.contains("<<") || text.matches(['"', '\'']).count() % 2 == 1 {
        return text.to_string();
    }
    let mut out = String::new();
    for line in text.split('\n').map(str::trim) {
        let goes_on = out.ends_with(['{', '(', '|', '&', ';', '\\'])
            || out.split_whitespace().next_back().is_some_and(|w| matches!(w, "do" | "then" | "else" | "in"));
        if !out.is_empty() && !line.is_empty() {
            out.push_str(if goes_on { " " } else { "; " });
        }
        out.push_str(line);
    }
    // A quote that spans lines must keep its newline.
    if text.split('\n').any(|line| line.matches(['"', '\'']).count() % 2 == 1) { text.to_string() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Result<Option<&str>, &str>) {
        let history: Vec<EcoString> = ["ls -la /tmp", "kubectl get pods web"].map(EcoString::from).into();
        let found = expand(line, &history, 0);
        assert_eq!(found, expect.map(|text| text.map(String::from)).map_err(String::from), "{line}");
    }

    #[test]
    fn events_are_named_in_many_ways() {
        check("echo hi", Ok(None));
        check("!!", Ok(Some("kubectl get pods web")));
        check("sudo !!", Ok(Some("sudo kubectl get pods web")));
        check("echo !$", Ok(Some("echo web")));
        check("!ls", Ok(Some("ls -la /tmp")));
        check("!1", Ok(Some("ls -la /tmp")));
        check("!-2", Ok(Some("ls -la /tmp")));
        check("echo '!!'", Ok(None));
        check("echo \"hi!\"", Ok(None));
        check("[ ! -f x ]", Ok(None));
        check("!nope", Err("!nope: event not found"));
        check("^pods^svc", Ok(Some("kubectl get svc web")));
        check("echo !!:1", Ok(Some("echo get")));
    }
}
