//! `find`

use ecow::EcoString;
use podyard_kernel::{Answer, Errno, FileKind, Metadata, Spawn, Syscall, Which};

use super::Env;
use super::run;
use crate::expand::pattern::Pattern;

/// What a file is asked.
enum Test {
    Name(Pattern),
    Path(Pattern),
    Kind(Option<FileKind>),
    Empty,
    /// Older than (`+`), newer than (`-`) or as old as this many times so many seconds.
    Age(char, u64, u64),
    Size(char, u64, u64),
    Newer(podyard_sim::Time),
    Perm(u16),
    Print(char),
    Delete,
    Prune,
    Exec(Vec<EcoString>, bool),
    True,
    Not(Box<Test>),
    And(Vec<Test>),
    Or(Vec<Test>),
}

/// Reads an expression.
struct Parser<'a> {
    env: &'a Env,
    args: &'a [EcoString],
    at: usize,
    acts: bool,
    min: usize,
    max: usize,
    depth_first: bool,
}

/// How deep parentheses may stand in one another.
const MAX_NESTING: usize = 50;

impl Parser<'_> {
    fn value(&mut self, name: &str) -> Result<EcoString, String> {
        let value = self.args.get(self.at).cloned();
        self.at += 1;
        value.ok_or_else(|| format!("missing argument to `{name}'"))
    }

    fn peek(&self) -> Option<&str> {
        self.args.get(self.at).map(|arg| arg.as_str())
    }

    async fn or(&mut self, depth: usize) -> Result<Test, String> {
        let mut all = vec![Box::pin(self.and(depth)).await?];
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.at += 1;
            all.push(Box::pin(self.and(depth)).await?);
        }
        Ok(Test::Or(all))
    }

    async fn and(&mut self, depth: usize) -> Result<Test, String> {
        let mut all = Vec::new();
        while let Some(arg) = self.peek() {
            match arg {
                "-o" | "-or" | ")" => break,
                "-a" | "-and" => self.at += 1,
                _ => all.push(Box::pin(self.primary(depth)).await?),
            }
        }
        Ok(Test::And(all))
    }

    async fn primary(&mut self, depth: usize) -> Result<Test, String> {
        let arg = self.value("")?;
        Ok(match arg.as_str() {
            "!" | "-not" if depth < MAX_NESTING => Test::Not(Box::new(Box::pin(self.primary(depth + 1)).await?)),
            "(" | "\\(" if depth < MAX_NESTING => {
                let inner = Box::pin(self.or(depth + 1)).await?;
                if self.peek() != Some(")") {
                    return Err(
                        "invalid expression; I was expecting to find a ')' somewhere but did not see one.".into()
                    );
                }
                self.at += 1;
                inner
            }
            "-name" => Test::Name(Pattern::new(&self.value(&arg)?)),
            "-iname" => Test::Name(Pattern::new(&self.value(&arg)?).folded(true)),
            "-path" | "-wholename" => Test::Path(Pattern::new(&self.value(&arg)?)),
            "-ipath" => Test::Path(Pattern::new(&self.value(&arg)?).folded(true)),
            "-type" => match self.value(&arg)?.as_str() {
                "f" => Test::Kind(None),
                "d" => Test::Kind(Some(FileKind::Directory)),
                "l" => Test::Kind(Some(FileKind::Symlink)),
                "c" => Test::Kind(Some(FileKind::Device)),
                other => return Err(format!("Unknown argument to -type: {other}")),
            },
            "-empty" => Test::Empty,
            "-mtime" | "-mmin" | "-size" => {
                let text = self.value(&arg)?;
                let sign = text.chars().next().filter(|c| "+-".contains(*c)).unwrap_or('=');
                let text = text.trim_start_matches(['+', '-']);
                let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                let Ok(number) = digits.parse::<u64>() else {
                    return Err(format!("invalid argument `{text}' to `{arg}'"));
                };
                match (arg.as_str(), &text[digits.len()..]) {
                    ("-mtime", _) => Test::Age(sign, number, 86_400),
                    ("-mmin", _) => Test::Age(sign, number, 60),
                    (_, "c") => Test::Size(sign, number, 1),
                    (_, "k") => Test::Size(sign, number, 1 << 10),
                    (_, "M") => Test::Size(sign, number, 1 << 20),
                    (_, "G") => Test::Size(sign, number, 1 << 30),
                    _ => Test::Size(sign, number, 512),
                }
            }
            "-newer" => {
                let file = self.value(&arg)?;
                match self.env.sys.call(Syscall::Stat { path: file.clone(), follow: true }).await {
                    Answer::Metadata(found) => Test::Newer(found.modified),
                    _ => return Err(format!("'{file}': {}", Errno::NoEntry)),
                }
            }
            "-perm" => {
                let text = self.value(&arg)?;
                let mode = u16::from_str_radix(text.trim_start_matches(['-', '/']), 8);
                Test::Perm(mode.map_err(|_| format!("invalid mode '{text}'"))?)
            }
            "-maxdepth" | "-mindepth" => {
                let text = self.value(&arg)?;
                let Ok(number) = text.parse() else {
                    return Err(format!("Expected a positive decimal integer argument to {arg}, but got '{text}'"));
                };
                if arg == "-maxdepth" {
                    self.max = number
                } else {
                    self.min = number
                }
                Test::True
            }
            "-print" => {
                self.acts = true;
                Test::Print('\n')
            }
            "-print0" => {
                self.acts = true;
                Test::Print('\0')
            }
            "-delete" => {
                (self.acts, self.depth_first) = (true, true);
                Test::Delete
            }
            "-depth" => {
                self.depth_first = true;
                Test::True
            }
            "-prune" => Test::Prune,
            "-true" | "-follow" | "-xdev" | "-mount" | "-noleaf" => Test::True,
            "-exec" | "-ok" => {
                self.acts = true;
                let rest = &self.args[self.at..];
                let Some(end) = rest.iter().position(|arg| arg == ";" || arg == "+") else {
                    return Err(format!("missing argument to `{arg}'"));
                };
                let argv = rest[..end].to_vec();
                let many = rest[end] == "+";
                self.at += end + 1;
                if argv.is_empty() {
                    return Err(format!("invalid argument `;' to `{arg}'"));
                }
                Test::Exec(argv, many)
            }
            other if other.starts_with('-') => return Err(format!("unknown predicate `{other}'")),
            other => return Err(format!("paths must precede expression: `{other}'")),
        })
    }
}

/// A file as it is found.
struct Item {
    path: EcoString,
    file: Metadata,
    depth: usize,
}

/// What is gathered on the way.
#[derive(Default)]
struct Found {
    out: String,
    /// Files for one last command.
    gathered: Vec<EcoString>,
    command: Vec<EcoString>,
    status: u8,
    pruned: bool,
}

pub(super) async fn find(env: &Env) -> u8 {
    let args = &env.args.argv[1..];
    let is_expression = |arg: &EcoString| arg.starts_with('-') && arg.len() > 1 || arg == "!" || arg == "(";
    let count = args.iter().position(is_expression).unwrap_or(args.len());
    let (roots, rest) = args.split_at(count);
    let mut parser = Parser { env, args: rest, at: 0, acts: false, min: 0, max: usize::MAX, depth_first: false };
    let test = match parser.or(0).await {
        Ok(test) if parser.at == rest.len() => test,
        Ok(_) => {
            env.complain("invalid expression; you have too many ')'").await;
            return 1;
        }
        Err(error) => {
            env.complain(error).await;
            return 1;
        }
    };
    let test = if parser.acts { test } else { Test::And(vec![test, Test::Print('\n')]) };
    let (min, max, depth_first) = (parser.min, parser.max, parser.depth_first);
    let roots = if roots.is_empty() { vec![EcoString::from(".")] } else { roots.to_vec() };
    let now = env.sys.now().await;
    let mut found = Found::default();
    for root in roots {
        let file = match env.sys.call(Syscall::Stat { path: root.clone(), follow: false }).await {
            Answer::Metadata(file) => file,
            answer => {
                let errno = if let Answer::Error(errno) = answer { errno } else { Errno::Io };
                env.sys.print(std::mem::take(&mut found.out)).await;
                env.complain(format!("'{root}': {errno}")).await;
                found.status = 1;
                continue;
            }
        };
        // A directory stands on the stack twice if it comes after what is in it.
        let mut open = vec![(Item { path: root, file, depth: 0 }, false)];
        while let Some((item, opened)) = open.pop() {
            found.pruned = false;
            let is_tree = item.file.kind == FileKind::Directory;
            let wanted = item.depth >= min && (opened || !is_tree || !depth_first);
            if wanted {
                Box::pin(holds(env, &test, &item, now, &mut found)).await;
            }
            if found.out.len() > 1 << 14 {
                env.sys.print(std::mem::take(&mut found.out)).await;
            }
            if !is_tree || opened || found.pruned || item.depth >= max {
                if is_tree && depth_first && !opened && item.depth >= min {
                    Box::pin(holds(env, &test, &item, now, &mut found)).await;
                }
                continue;
            }
            let entries = match env.sys.call(Syscall::ReadDir(item.path.clone())).await {
                Answer::Entries(entries) => entries,
                answer => {
                    let errno = if let Answer::Error(errno) = answer { errno } else { Errno::Io };
                    env.complain(format!("'{}': {errno}", item.path)).await;
                    found.status = 1;
                    continue;
                }
            };
            let depth = item.depth + 1;
            let base = item.path.trim_end_matches('/').to_string();
            if depth_first {
                open.push((item, true));
            }
            for (name, file) in entries.into_iter().rev() {
                open.push((Item { path: format!("{base}/{name}").into(), file, depth }, false));
            }
        }
    }
    env.sys.print(std::mem::take(&mut found.out)).await;
    if !found.gathered.is_empty() {
        let argv = std::mem::take(&mut found.command);
        let files = std::mem::take(&mut found.gathered);
        let argv: Vec<EcoString> =
            argv.into_iter().flat_map(|arg| if arg == "{}" { files.clone() } else { vec![arg] }).collect();
        if start(env, &argv).await != 0 {
            found.status = 1;
        }
    }
    found.status
}

async fn holds(env: &Env, test: &Test, item: &Item, now: podyard_sim::Time, found: &mut Found) -> bool {
    let compare = |sign: char, value: u64, number: u64| match sign {
        '+' => value > number,
        '-' => value < number,
        _ => value == number,
    };
    let name = item.path.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("/");
    match test {
        Test::True => true,
        Test::Name(pattern) => pattern.matches(name),
        Test::Path(pattern) => pattern.matches(&item.path),
        Test::Kind(None) => matches!(item.file.kind, FileKind::File | FileKind::Program),
        Test::Kind(Some(kind)) => item.file.kind == *kind,
        Test::Empty if item.file.kind == FileKind::Directory => {
            let entries = env.sys.call(Syscall::ReadDir(item.path.clone())).await;
            matches!(entries, Answer::Entries(entries) if entries.is_empty())
        }
        Test::Empty => item.file.size == 0,
        Test::Age(sign, number, unit) => compare(*sign, now.since(item.file.modified).as_secs() / unit, *number),
        Test::Size(sign, number, unit) => compare(*sign, item.file.size.div_ceil(*unit), *number),
        Test::Newer(time) => item.file.modified > *time,
        Test::Perm(mode) => item.file.mode & 0o777 == *mode,
        Test::Print(end) => {
            found.out.push_str(&item.path);
            found.out.push(*end);
            true
        }
        Test::Prune => {
            found.pruned = true;
            true
        }
        Test::Delete => {
            if item.path == "." {
                return true;
            }
            let answer = env.sys.call(Syscall::Remove(item.path.clone())).await;
            if let Answer::Error(errno) = answer {
                env.complain(format!("cannot delete '{}': {errno}", item.path)).await;
                found.status = 1;
                return false;
            }
            true
        }
        Test::Exec(argv, true) => {
            found.command = argv.clone();
            found.gathered.push(item.path.clone());
            true
        }
        Test::Exec(argv, false) => {
            env.sys.print(std::mem::take(&mut found.out)).await;
            let argv: Vec<EcoString> =
                argv.iter().map(|arg| EcoString::from(arg.as_str().replace("{}", &item.path))).collect();
            start(env, &argv).await == 0
        }
        Test::Not(inner) => !Box::pin(holds(env, inner, item, now, found)).await,
        Test::And(all) => {
            for test in all {
                if !Box::pin(holds(env, test, item, now, found)).await {
                    return false;
                }
            }
            true
        }
        Test::Or(all) => {
            for test in all {
                if Box::pin(holds(env, test, item, now, found)).await {
                    return true;
                }
            }
            false
        }
    }
}

/// Runs a program and waits for it; answers its status.
pub(super) async fn start(env: &Env, argv: &[EcoString]) -> u8 {
    let name = argv[0].clone();
    let answer = match run::find(env, &name).await {
        Some(path) => {
            let spawn = Spawn {
                path,
                argv: argv.to_vec(),
                env: env.args.env.clone(),
                files: vec![(0, 0), (1, 1), (2, 2)],
                ..Spawn::default()
            };
            env.sys.call(Syscall::Spawn(Box::new(spawn))).await
        }
        None => Answer::Error(Errno::NoEntry),
    };
    match answer {
        Answer::Pid(pid) => match env.sys.call(Syscall::Wait { which: Which::Pid(pid), block: true }).await {
            Answer::Exited { exit, .. } => exit.status(),
            _ => 1,
        },
        answer => {
            let errno = if let Answer::Error(errno) = answer { errno } else { Errno::Io };
            let name = if env.name == "find" { format!("'{name}'") } else { name.to_string() };
            env.complain(format!("{name}: {errno}")).await;
            if errno == Errno::NoEntry { 127 } else { 126 }
        }
    }
}
