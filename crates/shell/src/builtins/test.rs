//! `test`, `[`

use ecow::EcoString;
use podyard_kernel::{Answer, FileKind, Syscall};

use super::{Ran, wrong};
use crate::replay::{Cx, Suspend};
use crate::vars::Var;

pub(super) fn test(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let name = argv[0].as_str();
    let mut args = &argv[1..];
    if name == "[" {
        match args.split_last() {
            Some((last, rest)) if last == "]" => args = rest,
            _ => return wrong(cx, 2, "[: missing `]'"),
        }
    }
    if args.is_empty() {
        return Ok(Ran::Status(1));
    }
    let mut parser = Parser { args, at: 0, depth: 0 };
    let holds = match parser.or(cx)? {
        Ok(holds) if parser.at == args.len() => Ok(holds),
        Ok(_) if args.len() <= 4 && parser.at > 0 => {
            let first = &args[parser.at.saturating_sub(1).min(args.len() - 1)];
            let second = &args[parser.at.min(args.len() - 1)];
            match args.len() {
                2 => Err(format!("{}: unary operator expected", args[0])),
                3 => Err(format!("{}: binary operator expected", args[1])),
                _ => Err(if first.is_empty() { "too many arguments".into() } else { many(second) }),
            }
        }
        Ok(_) => Err("too many arguments".into()),
        Err(message) => Err(message),
    };
    match holds {
        Ok(holds) => Ok(Ran::Status(u8::from(!holds))),
        Err(message) => wrong(cx, 2, &format!("{name}: {message}")),
    }
}

fn many(_: &str) -> String {
    "too many arguments".into()
}

/// Reads the arguments as an expression; evaluation happens on the way.
struct Parser<'a> {
    args: &'a [EcoString],
    at: usize,
    depth: u32,
}

type Outcome = Result<Result<bool, String>, Suspend>;

const BINARY: [&str; 15] =
    ["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "=~"];

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.args.get(self.at).map(|arg| arg.as_str())
    }

    fn or(&mut self, cx: &mut Cx<'_>) -> Outcome {
        self.joined(cx, "-o")
    }

    fn joined(&mut self, cx: &mut Cx<'_>, operator: &str) -> Outcome {
        let mut holds = match self.operand(cx, operator)? {
            Ok(holds) => holds,
            Err(message) => return Ok(Err(message)),
        };
        while self.peek() == Some(operator) {
            self.at += 1;
            match self.operand(cx, operator)? {
                Ok(other) if operator == "-o" => holds |= other,
                Ok(other) => holds &= other,
                Err(message) => return Ok(Err(message)),
            }
        }
        Ok(Ok(holds))
    }

    fn operand(&mut self, cx: &mut Cx<'_>, operator: &str) -> Outcome {
        if operator == "-o" { self.joined(cx, "-a") } else { self.primary(cx) }
    }

    fn primary(&mut self, cx: &mut Cx<'_>) -> Outcome {
        self.depth += 1;
        if self.depth > 100 {
            return Ok(Err("too many arguments".into()));
        }
        let outcome = self.primary_inner(cx);
        self.depth -= 1;
        outcome
    }

    fn primary_inner(&mut self, cx: &mut Cx<'_>) -> Outcome {
        let left = self.args.len() - self.at;
        let Some(first) = self.args.get(self.at).cloned() else { return Ok(Err("argument expected".into())) };
        let second = self.args.get(self.at + 1).cloned();
        if left >= 3 && second.as_ref().is_some_and(|text| BINARY.contains(&text.as_str())) {
            let third = self.args[self.at + 2].clone();
            self.at += 3;
            return compare(cx, &first, &second.unwrap_or_default(), &third);
        }
        if first == "!" && left > 1 {
            self.at += 1;
            return Ok(self.primary(cx)?.map(|holds| !holds));
        }
        if first == "(" && left > 2 {
            self.at += 1;
            let inner = self.or(cx)?;
            if inner.is_ok() && self.peek() != Some(")") {
                return Ok(Err("`)' expected".into()));
            }
            self.at += 1;
            return Ok(inner);
        }
        let is_unary = first.len() == 2 && first.starts_with('-') && "abcdefghknoprstuvwxzGLNOS".contains(&first[1..]);
        if let Some(second) = second.filter(|_| is_unary) {
            self.at += 2;
            return Ok(Ok(unary(cx, &first[1..], &second)?));
        }
        self.at += 1;
        Ok(Ok(!first.is_empty()))
    }
}

fn compare(cx: &mut Cx<'_>, left: &str, operator: &str, right: &str) -> Outcome {
    if let Some(holds) = binary(cx, left, operator, right)? {
        return Ok(Ok(holds));
    }
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("{text}: integer expression expected"));
    let (left, right) = match (number(left), number(right)) {
        (Ok(left), Ok(right)) => (left, right),
        (Err(message), _) | (_, Err(message)) => return Ok(Err(message)),
    };
    Ok(Ok(match operator {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        _ => left >= right,
    }))
}

/// Comparisons of texts and files; `None` for those of numbers.
pub(crate) fn binary(cx: &mut Cx<'_>, left: &str, operator: &str, right: &str) -> Result<Option<bool>, Suspend> {
    Ok(Some(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-nt" | "-ot" => {
            let (a, b) = (cx.stat(left)?.map(|file| file.modified), cx.stat(right)?.map(|file| file.modified));
            if operator == "-nt" { a > b } else { a < b }
        }
        "-ef" => {
            let cwd = cx.state.var("PWD");
            let normal = |path: &str| podyard_kernel::fs::normalize(&cwd, path);
            cx.stat(left)?.is_some() && normal(left) == normal(right)
        }
        _ => return Ok(None),
    }))
}

/// `-f file` and the like.
pub(crate) fn unary(cx: &mut Cx<'_>, flag: &str, text: &str) -> Result<bool, Suspend> {
    let link = |cx: &mut Cx<'_>| -> Result<bool, Suspend> {
        let found = cx.call(Syscall::Stat { path: text.into(), follow: false })?;
        Ok(matches!(found, Answer::Metadata(metadata) if metadata.kind == FileKind::Symlink))
    };
    Ok(match flag {
        "n" => !text.is_empty(),
        "z" => text.is_empty(),
        "v" => match text.split_once('[') {
            Some((name, _)) => cx.state.vars.get(name).is_some_and(Var::is_array),
            None => cx.state.vars.get(text).is_some_and(|var| var.value.is_some()),
        },
        "o" => cx.state.options.all().iter().any(|(name, on)| *name == text && *on),
        "t" => match text.parse() {
            Ok(fd) => cx.call(Syscall::IsTerminal(fd))? == Answer::Flag(true),
            Err(_) => false,
        },
        "h" | "L" => link(cx)?,
        _ => {
            let Some(file) = cx.stat(text)? else { return Ok(false) };
            let root = cx.state.uid == 0;
            let bit = |bit: u16| {
                let shift = if cx.state.uid == file.uid { 6 } else { 0 };
                file.mode >> shift & bit != 0
            };
            match flag {
                "a" | "e" => true,
                "d" => file.kind == FileKind::Directory,
                "f" => matches!(file.kind, FileKind::File | FileKind::Program),
                "s" => file.size > 0,
                "r" => root || bit(4),
                "w" => root || bit(2),
                "x" => {
                    if root {
                        file.mode & 0o111 != 0 || file.kind == FileKind::Directory
                    } else {
                        bit(1)
                    }
                }
                "c" => file.kind == FileKind::Device,
                "O" => file.uid == cx.state.uid,
                "G" | "N" => true,
                _ => false,
            }
        }
    })
}
