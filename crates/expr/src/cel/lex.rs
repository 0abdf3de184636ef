//! Cuts an expression into tokens.

use ecow::EcoString;

/// One token and the byte it begins at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Name(EcoString),
    Int(i64),
    /// 9223372036854775808, which only a minus sign makes an `int`.
    IntMin,
    Uint(u64),
    Double(f64),
    Text(EcoString),
    Bytes(Vec<u8>),
    Sign(&'static str),
    End,
}

/// Longer ones first.
const SIGNS: [&str; 25] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ",", ".", "(", ")", "[", "]",
    "{", "}", "=",
];

pub(super) fn lex(source: &str) -> Result<Vec<Token>, (usize, String)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = &source[at..];
        let blank = rest.len() - rest.trim_start().len();
        if blank > 0 {
            at += blank;
            continue;
        }
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let Some(first) = rest.chars().next() else {
            tokens.push(Token { kind: Kind::End, at });
            return Ok(tokens);
        };
        let (kind, length) = if let Some(text) = text(rest) {
            text.map_err(|message| (at, message))?
        } else if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            number(rest).ok_or_else(|| (at, "invalid number".to_owned()))?
        } else if first == '_' || first.is_ascii_alphabetic() {
            let length = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            (Kind::Name(rest[..length].into()), length)
        } else if let Some(length) = first.eq(&'`').then(|| rest[1..].find('`')).flatten() {
            (Kind::Name(rest[1..=length].into()), length + 2)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Kind::Sign(sign), sign.len())
        } else {
            return Err((at, format!("token recognition error at: '{first}'")));
        };
        tokens.push(Token { kind, at });
        at += length;
    }
}

fn number(text: &str) -> Option<(Kind, usize)> {
    let unsigned = |length: usize| text[length..].starts_with(['u', 'U']);
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let digits = hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len());
        let (value, length) = (u64::from_str_radix(&hex[..digits], 16).ok()?, digits + 2);
        return match unsigned(length) {
            true => Some((Kind::Uint(value), length + 1)),
            false => Some((integer(value)?, length)),
        };
    }
    let digits = |from: usize| text[from..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| from + n);
    let mut length = digits(0);
    let mut double = false;
    if text[length..].starts_with('.') && digits(length + 1) > length + 1 {
        double = true;
        length = digits(length + 1);
    }
    if text[length..].starts_with(['e', 'E']) {
        let sign = usize::from(text[length + 1..].starts_with(['+', '-']));
        let end = digits(length + 1 + sign);
        if end > length + 1 + sign {
            double = true;
            length = end;
        }
    }
    let word = &text[..length];
    match (double, unsigned(length)) {
        (true, _) => Some((Kind::Double(word.parse().ok()?), length)),
        (false, true) => Some((Kind::Uint(word.parse().ok()?), length + 1)),
        (false, false) => Some((integer(word.parse().ok()?)?, length)),
    }
}

fn integer(value: u64) -> Option<Kind> {
    match i64::try_from(value) {
        Ok(value) => Some(Kind::Int(value)),
        Err(_) if value == 1 << 63 => Some(Kind::IntMin),
        Err(_) => None,
    }
}

type Read = Result<(Kind, usize), String>;

/// A text or bytes literal, if one stands here.
fn text(source: &str) -> Option<Read> {
    let prefix = source.find(['"', '\'']).filter(|at| *at <= 2)?;
    let letters = source[..prefix].to_ascii_lowercase();
    if !matches!(letters.as_str(), "" | "r" | "b" | "rb" | "br") {
        return None;
    }
    let rest = &source[prefix..];
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(quote))?;
    let (raw, bytes) = (letters.contains('r'), letters.contains('b'));
    let start = prefix + quote.len();
    Some(quoted(&source[start..], quote, raw, bytes).map(|(kind, length)| (kind, start + length)))
}

fn quoted(source: &str, quote: &str, raw: bool, bytes: bool) -> Read {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        let rest = &source[at..];
        if rest.starts_with(quote) {
            let kind = match bytes {
                true => Kind::Bytes(out),
                false => Kind::Text(String::from_utf8(out).map_err(|_| "invalid text")?.into()),
            };
            return Ok((kind, at + quote.len()));
        }
        let c = rest.chars().next().ok_or("unterminated text")?;
        if matches!(c, '\n' | '\r') && quote.len() == 1 {
            return Err("unterminated text".into());
        }
        if c != '\\' || raw {
            out.extend_from_slice(&rest.as_bytes()[..c.len_utf8()]);
            at += c.len_utf8();
            continue;
        }
        at += escape(&rest[1..], bytes, &mut out).ok_or("invalid escape in text")? + 1;
    }
}

/// Reads what follows a backslash; gives how long it is.
fn escape(rest: &str, bytes: bool, out: &mut Vec<u8>) -> Option<usize> {
    let c = rest.chars().next()?;
    let coded = |digits: usize, radix: u32, skip: usize| {
        let text = rest.get(skip..skip + digits)?;
        Some((u32::from_str_radix(text, radix).ok()?, skip + digits))
    };
    let plain = match c {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' | '"' | '\'' | '`' | '?' => c as u8,
        _ => {
            let (code, length) = match c {
                'x' | 'X' => coded(2, 16, 1)?,
                'u' => coded(4, 16, 1)?,
                'U' => coded(8, 16, 1)?,
                '0'..='3' => coded(3, 8, 0)?,
                _ => return None,
            };
            if bytes && !matches!(c, 'u' | 'U') {
                out.push(u8::try_from(code).ok()?);
            } else {
                out.extend_from_slice(char::from_u32(code)?.to_string().as_bytes());
            }
            return Some(length);
        }
    };
    out.push(plain);
    Some(1)
}
