//! Files and directories: `basename`, `chmod`, `cp`, `dirname`, `ln`, `mkdir`, `mktemp`, `mv`, `readlink`,
//! `realpath`, `rm`, `rmdir`, `touch`.

use ecow::EcoString;
use podyard_kernel::fs::normalize;
use podyard_kernel::{Answer, Bytes, Errno, FileKind, Metadata, OpenMode, Syscall};
use podyard_sim::Time;

use super::super::Flavour;
use super::super::opts::Spec;
use super::Env;

pub(super) async fn stat_of(env: &Env, path: &str, follow: bool) -> Result<Metadata, Errno> {
    match env.sys.call(Syscall::Stat { path: path.into(), follow }).await {
        Answer::Metadata(file) => Ok(file),
        Answer::Error(errno) => Err(errno),
        _ => Err(Errno::Io),
    }
}

async fn is_directory(env: &Env, path: &str) -> bool {
    stat_of(env, path, true).await.is_ok_and(|file| file.kind == FileKind::Directory)
}

async fn done(env: &Env, call: Syscall) -> Result<(), Errno> {
    match env.sys.call(call).await {
        Answer::Error(errno) => Err(errno),
        _ => Ok(()),
    }
}

/// Names in a directory with what they are.
pub(super) async fn entries(env: &Env, path: &str) -> Result<Vec<(EcoString, Metadata)>, Errno> {
    match env.sys.call(Syscall::ReadDir(path.into())).await {
        Answer::Entries(entries) => Ok(entries),
        Answer::Error(errno) => Err(errno),
        _ => Err(Errno::Io),
    }
}

pub(super) fn join(dir: &str, name: &str) -> EcoString {
    format!("{}/{name}", dir.trim_end_matches('/')).into()
}

/// The last part of a path.
fn last_part(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && !path.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or(trimmed) }
}

const BASENAME: Spec = Spec {
    name: "basename",
    short: "as:z",
    long: &[("multiple", 'a'), ("suffix=", 's')],
    usage: "basename NAME [SUFFIX]\n  or:  basename OPTION... NAME...",
    status: 1,
};

pub(super) async fn basename(env: &Env) -> u8 {
    let opts = opts!(env, BASENAME);
    let Some(first) = opts.args.first() else {
        return env.usage(BASENAME.error("missing operand", env.flavour)).await;
    };
    let several = opts.has('a') || opts.has('s');
    if !several && opts.args.len() > 2 {
        return env.usage(BASENAME.error(format!("extra operand '{}'", opts.args[2]), env.flavour)).await;
    }
    let suffix = if several { opts.value('s') } else { opts.args.get(1) };
    let names = if several { opts.args.as_slice() } else { std::slice::from_ref(first) };
    for name in names {
        let name = last_part(name);
        let short = suffix.and_then(|suffix| name.strip_suffix(suffix.as_str())).filter(|short| !short.is_empty());
        env.sys.print(format!("{}\n", short.unwrap_or(name))).await;
    }
    0
}

const DIRNAME: Spec = Spec { name: "dirname", short: "z", long: &[], usage: "dirname [OPTION] NAME...", status: 1 };

pub(super) async fn dirname(env: &Env) -> u8 {
    let opts = opts!(env, DIRNAME);
    if opts.args.is_empty() {
        return env.usage(DIRNAME.error("missing operand", env.flavour)).await;
    }
    for name in &opts.args {
        let trimmed = name.trim_end_matches('/');
        let dir = match trimmed.rfind('/') {
            Some(at) => trimmed[..at].trim_end_matches('/'),
            None if trimmed.is_empty() && !name.is_empty() => "",
            None => ".",
        };
        env.sys.print(format!("{}\n", if dir.is_empty() { "/" } else { dir })).await;
    }
    0
}

const MKDIR: Spec = Spec {
    name: "mkdir",
    short: "m:pvZ",
    long: &[("mode=", 'm'), ("parents", 'p'), ("verbose", 'v')],
    usage: "mkdir [OPTION]... DIRECTORY...",
    status: 1,
};

pub(super) async fn mkdir(env: &Env) -> u8 {
    let opts = opts!(env, MKDIR);
    if opts.args.is_empty() {
        return env.usage(MKDIR.error("missing operand", env.flavour)).await;
    }
    let mode = opts.value('m').map_or(Some(0o755), |text| change_mode(text, 0o755, true));
    let Some(mode) = mode else {
        env.complain(format!("invalid mode '{}'", opts.value('m').cloned().unwrap_or_default())).await;
        return 1;
    };
    let mut status = 0;
    for path in &opts.args {
        let mut made = Vec::new();
        if opts.has('p') {
            let mut end = 0;
            while let Some(next) = path[end..].find('/') {
                end += next + 1;
                if !path[..end].trim_matches('/').is_empty() {
                    made.push(path[..end].trim_end_matches('/'));
                }
            }
        }
        made.push(path);
        for part in made {
            match done(env, Syscall::MakeDir { path: part.into(), mode }).await {
                Ok(()) if opts.has('v') => {
                    env.sys.print(format!("mkdir: created directory '{part}'\n")).await;
                }
                Ok(()) => {}
                Err(Errno::Exists) if opts.has('p') && is_directory(env, part).await => {}
                Err(errno) => {
                    match env.flavour {
                        Flavour::Gnu => env.complain(format!("cannot create directory '{part}': {errno}")).await,
                        Flavour::Busybox => env.complain(format!("can't create directory '{part}': {errno}")).await,
                    }
                    status = 1;
                    break;
                }
            }
        }
    }
    status
}

const RMDIR: Spec = Spec {
    name: "rmdir",
    short: "pv",
    long: &[("parents", 'p'), ("verbose", 'v')],
    usage: "rmdir [OPTION]... DIRECTORY...",
    status: 1,
};

pub(super) async fn rmdir(env: &Env) -> u8 {
    let opts = opts!(env, RMDIR);
    if opts.args.is_empty() {
        return env.usage(RMDIR.error("missing operand", env.flavour)).await;
    }
    let mut status = 0;
    for path in &opts.args {
        let errno = match stat_of(env, path, false).await {
            Ok(file) if file.kind != FileKind::Directory => Some(Errno::NotDirectory),
            Ok(_) => done(env, Syscall::Remove(path.clone())).await.err(),
            Err(errno) => Some(errno),
        };
        if let Some(errno) = errno {
            match env.flavour {
                Flavour::Gnu => env.complain(format!("failed to remove '{path}': {errno}")).await,
                Flavour::Busybox => env.complain(format!("'{path}': {errno}")).await,
            }
            status = 1;
        }
    }
    status
}

const RM: Spec = Spec {
    name: "rm",
    short: "dfiIrRv",
    long: &[("dir", 'd'), ("force", 'f'), ("recursive", 'r'), ("verbose", 'v'), ("no-preserve-root", 'N')],
    usage: "rm [OPTION]... [FILE]...",
    status: 1,
};

pub(super) async fn rm(env: &Env) -> u8 {
    let opts = opts!(env, RM);
    let (force, recursive) = (opts.has('f'), opts.has('r') || opts.has('R'));
    if opts.args.is_empty() && !force {
        return env.usage(RM.error("missing operand", env.flavour)).await;
    }
    let mut status = 0;
    for path in &opts.args {
        if normalize("/", path) == "/" && path.starts_with('/') && !opts.has('N') {
            let text = "it is dangerous to operate recursively on '/'\n\
                        rm: use --no-preserve-root to override this failsafe";
            env.complain(text).await;
            status = 1;
            continue;
        }
        let failure = match stat_of(env, path, false).await {
            Ok(file) if file.kind == FileKind::Directory && !recursive => {
                if opts.has('d') {
                    done(env, Syscall::Remove(path.clone())).await.err()
                } else {
                    Some(Errno::IsDirectory)
                }
            }
            Ok(file) if file.kind == FileKind::Directory => remove_tree(env, path).await.err(),
            Ok(_) => done(env, Syscall::Remove(path.clone())).await.err(),
            Err(errno) => Some(errno),
        };
        match failure {
            None if opts.has('v') => env.sys.print(format!("removed '{path}'\n")).await,
            None => {}
            Some(Errno::NoEntry) if force => {}
            Some(Errno::IsDirectory) if env.flavour == Flavour::Busybox => {
                env.complain(format!("'{path}' is a directory")).await;
                status = 1;
            }
            Some(errno) => {
                match env.flavour {
                    Flavour::Gnu => env.complain(format!("cannot remove '{path}': {errno}")).await,
                    Flavour::Busybox => env.complain(format!("can't remove '{path}': {errno}")).await,
                }
                status = 1;
            }
        }
    }
    status
}

/// Removes a directory with all below it, deepest first.
async fn remove_tree(env: &Env, path: &str) -> Result<(), Errno> {
    let mut open = vec![EcoString::from(path)];
    let mut directories = Vec::new();
    while let Some(dir) = open.pop() {
        for (name, file) in entries(env, &dir).await? {
            let inner = join(&dir, &name);
            if file.kind == FileKind::Directory {
                open.push(inner);
            } else {
                done(env, Syscall::Remove(inner)).await?;
            }
        }
        directories.push(dir);
    }
    for dir in directories.into_iter().rev() {
        done(env, Syscall::Remove(dir)).await?;
    }
    Ok(())
}

const CP: Spec = Spec {
    name: "cp",
    short: "adfiLnpPrRtTuv",
    long: &[
        ("archive", 'a'),
        ("force", 'f'),
        ("no-clobber", 'n'),
        ("preserve", 'p'),
        ("recursive", 'r'),
        ("verbose", 'v'),
    ],
    usage: "cp [OPTION]... [-T] SOURCE DEST\n  or:  cp [OPTION]... SOURCE... DIRECTORY",
    status: 1,
};

pub(super) async fn cp(env: &Env) -> u8 {
    let opts = opts!(env, CP);
    let (sources, target) = match operands(env, &CP, &opts.args).await {
        Ok(operands) => operands,
        Err(status) => return status,
    };
    let recursive = opts.has('r') || opts.has('R') || opts.has('a');
    let keeps = opts.has('p') || opts.has('a');
    let into = is_directory(env, target).await;
    if sources.len() > 1 && !into {
        env.complain(format!("target '{target}': {}", not_a_directory(env, target).await)).await;
        return 1;
    }
    let mut status = 0;
    for source in sources {
        let to = if into { join(target, last_part(source)) } else { target.clone() };
        match stat_of(env, source, !opts.has('a')).await {
            Err(errno) => {
                let what = if env.flavour == Flavour::Gnu { "cannot stat" } else { "can't stat" };
                env.complain(format!("{what} '{source}': {errno}")).await;
                status = 1;
            }
            Ok(file) if file.kind == FileKind::Directory && !recursive => {
                match env.flavour {
                    Flavour::Gnu => env.complain(format!("-r not specified; omitting directory '{source}'")).await,
                    Flavour::Busybox => env.complain(format!("omitting directory '{source}'")).await,
                }
                status = 1;
            }
            Ok(file) => {
                let cwd = env.sys.working_dir().await;
                let (from, onto) = (normalize(&cwd, source), normalize(&cwd, &to));
                if from == onto {
                    env.complain(format!("'{source}' and '{to}' are the same file")).await;
                    status = 1;
                } else if file.kind == FileKind::Directory && onto.starts_with(&format!("{from}/")) {
                    env.complain(format!("cannot copy a directory, '{source}', into itself, '{to}'")).await;
                    status = 1;
                } else if opts.has('n') && stat_of(env, &to, false).await.is_ok() {
                } else if let Err((path, errno)) = copy(env, source, &to, file, keeps).await {
                    env.complain(format!("cannot create {path}: {errno}")).await;
                    status = 1;
                } else if opts.has('v') {
                    env.sys.print(format!("'{source}' -> '{to}'\n")).await;
                }
            }
        }
    }
    status
}

async fn not_a_directory(env: &Env, path: &str) -> Errno {
    if stat_of(env, path, true).await.is_ok() { Errno::NotDirectory } else { Errno::NoEntry }
}

/// Copies a file, or a directory with all below it.
async fn copy(env: &Env, from: &str, to: &str, file: Metadata, keeps: bool) -> Result<(), (String, Errno)> {
    let mut open = vec![(EcoString::from(from), EcoString::from(to), file)];
    while let Some((from, to, file)) = open.pop() {
        match file.kind {
            FileKind::Directory => {
                if !is_directory(env, &to).await {
                    let made = done(env, Syscall::MakeDir { path: to.clone(), mode: file.mode }).await;
                    made.map_err(|errno| (format!("directory '{to}'"), errno))?;
                }
                let inner = entries(env, &from).await.map_err(|errno| (format!("directory '{to}'"), errno))?;
                open.extend(inner.into_iter().map(|(name, file)| (join(&from, &name), join(&to, &name), file)));
            }
            FileKind::Symlink => {
                if let Answer::Text(target) = env.sys.call(Syscall::ReadLink(from)).await {
                    let made = done(env, Syscall::Symlink { target, path: to.clone() }).await;
                    made.map_err(|errno| (format!("symbolic link '{to}'"), errno))?;
                }
            }
            _ => {
                let copied = copy_file(env, &from, &to, file.mode).await;
                copied.map_err(|errno| (format!("regular file '{to}'"), errno))?;
                if keeps {
                    let time = file.modified;
                    done(env, Syscall::SetModified { path: to.clone(), time }).await.unwrap_or_default();
                }
            }
        }
    }
    Ok(())
}

async fn copy_file(env: &Env, from: &str, to: &str, mode: u16) -> Result<(), Errno> {
    let bytes = env.sys.read_file(from).await?;
    let is_new = stat_of(env, to, true).await.is_err();
    env.sys.write_file(to, Bytes::from(bytes.as_slice())).await?;
    if is_new && mode != 0o644 {
        done(env, Syscall::SetMode { path: to.into(), mode }).await?;
    }
    Ok(())
}

const MV: Spec = Spec {
    name: "mv",
    short: "finTtuv",
    long: &[("force", 'f'), ("no-clobber", 'n'), ("verbose", 'v')],
    usage: "mv [OPTION]... [-T] SOURCE DEST\n  or:  mv [OPTION]... SOURCE... DIRECTORY",
    status: 1,
};

pub(super) async fn mv(env: &Env) -> u8 {
    let opts = opts!(env, MV);
    let (sources, target) = match operands(env, &MV, &opts.args).await {
        Ok(operands) => operands,
        Err(status) => return status,
    };
    let into = is_directory(env, target).await;
    if sources.len() > 1 && !into {
        env.complain(format!("target '{target}': {}", not_a_directory(env, target).await)).await;
        return 1;
    }
    let mut status = 0;
    for source in sources {
        let to = if into { join(target, last_part(source)) } else { target.clone() };
        let file = match stat_of(env, source, false).await {
            Ok(file) => file,
            Err(errno) => {
                match env.flavour {
                    Flavour::Gnu => env.complain(format!("cannot stat '{source}': {errno}")).await,
                    Flavour::Busybox => env.complain(format!("can't rename '{source}': {errno}")).await,
                }
                status = 1;
                continue;
            }
        };
        if opts.has('n') && stat_of(env, &to, false).await.is_ok() {
            continue;
        }
        let mut moved = done(env, Syscall::Rename { from: source.clone(), to: to.clone() }).await;
        if moved == Err(Errno::NotSupported) {
            // Another file system: copied, then removed.
            let is_tree = file.kind == FileKind::Directory;
            moved = copy(env, source, &to, file, true).await.map_err(|(_, errno)| errno);
            if moved.is_ok() {
                moved = match is_tree {
                    true => remove_tree(env, source).await,
                    false => done(env, Syscall::Remove(source.clone())).await,
                };
            }
        }
        match moved {
            Ok(()) if opts.has('v') => env.sys.print(format!("renamed '{source}' -> '{to}'\n")).await,
            Ok(()) => {}
            Err(Errno::Invalid) => {
                env.complain(format!("cannot move '{source}' to a subdirectory of itself, '{to}'")).await;
                status = 1;
            }
            Err(errno) => {
                match env.flavour {
                    Flavour::Gnu => env.complain(format!("cannot move '{source}' to '{to}': {errno}")).await,
                    Flavour::Busybox => env.complain(format!("can't rename '{source}': {errno}")).await,
                }
                status = 1;
            }
        }
    }
    status
}

/// Sources and the target; or the status after saying that one is missing.
async fn operands<'a>(env: &Env, spec: &Spec, args: &'a [EcoString]) -> Result<(&'a [EcoString], &'a EcoString), u8> {
    match args.split_last() {
        Some((target, sources)) if !sources.is_empty() => Ok((sources, target)),
        Some((only, _)) => {
            Err(env.usage(spec.error(format!("missing destination file operand after '{only}'"), env.flavour)).await)
        }
        None => Err(env.usage(spec.error("missing file operand", env.flavour)).await),
    }
}

const LN: Spec = Spec {
    name: "ln",
    short: "fnsTv",
    long: &[("force", 'f'), ("no-dereference", 'n'), ("symbolic", 's'), ("verbose", 'v')],
    usage: "ln [OPTION]... [-T] TARGET LINK_NAME",
    status: 1,
};

pub(super) async fn ln(env: &Env) -> u8 {
    let opts = opts!(env, LN);
    let Some(target) = opts.args.first() else {
        return env.usage(LN.error("missing file operand", env.flavour)).await;
    };
    if !opts.has('s') {
        env.complain("hard links are not simulated; use -s").await;
        return 1;
    }
    let mut link = opts.args.get(1).cloned().unwrap_or_else(|| ".".into());
    if is_directory(env, &link).await && !opts.has('n') {
        link = join(&link, last_part(target));
    }
    if opts.has('f') && stat_of(env, &link, false).await.is_ok() {
        // A failure shows when the link is made.
        done(env, Syscall::Remove(link.clone())).await.unwrap_or_default();
    }
    match done(env, Syscall::Symlink { target: target.clone(), path: link.clone() }).await {
        Ok(()) => 0,
        Err(errno) => {
            env.complain(format!("failed to create symbolic link '{link}': {errno}")).await;
            1
        }
    }
}

const TOUCH: Spec = Spec {
    name: "touch",
    short: "acd:hmr:t:",
    long: &[("date=", 'd'), ("no-create", 'c'), ("reference=", 'r')],
    usage: "touch [OPTION]... FILE...",
    status: 1,
};

pub(super) async fn touch(env: &Env) -> u8 {
    let opts = opts!(env, TOUCH);
    if opts.args.is_empty() {
        return env.usage(TOUCH.error("missing file operand", env.flavour)).await;
    }
    let mut time: Option<Time> = None;
    if let Some(reference) = opts.value('r') {
        time = stat_of(env, reference, true).await.ok().map(|file| file.modified);
    }
    if let Some(text) = opts.value('d') {
        let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { format!("{}Z", text.replace(" ", "T")) };
        time = Time::parse_rfc3339(&full);
        if time.is_none() {
            env.complain(format!("invalid date format '{text}'")).await;
            return 1;
        }
    }
    let mut status = 0;
    for path in &opts.args {
        let found = stat_of(env, path, true).await;
        let result = match found {
            Ok(_) => {
                let time = match time {
                    Some(time) => time,
                    None => env.sys.now().await,
                };
                done(env, Syscall::SetModified { path: path.clone(), time }).await
            }
            Err(Errno::NoEntry) if opts.has('c') => Ok(()),
            Err(_) => match env.sys.open(path, OpenMode { truncate: false, ..OpenMode::WRITE }).await {
                Ok(fd) => {
                    env.sys.close(fd).await;
                    Ok(())
                }
                Err(errno) => Err(errno),
            },
        };
        if let Err(errno) = result {
            match env.flavour {
                Flavour::Gnu => env.complain(format!("cannot touch '{path}': {errno}")).await,
                Flavour::Busybox => env.complain(format!("{path}: {errno}")).await,
            }
            status = 1;
        }
    }
    status
}

const CHMOD: Spec = Spec {
    name: "chmod",
    short: "cfRv",
    long: &[("recursive", 'R'), ("verbose", 'v'), ("quiet", 'f')],
    usage: "chmod [OPTION]... MODE[,MODE]... FILE...\n  or:  chmod [OPTION]... OCTAL-MODE FILE...",
    status: 1,
};

pub(super) async fn chmod(env: &Env) -> u8 {
    // `-x` and `-w` are modes, not options.
    let mut args = env.args.clone();
    let is_mode = |arg: &str| arg.len() > 1 && arg.starts_with('-') && arg[1..].chars().all(|c| "rwxXst".contains(c));
    if let Some(at) = args.argv.iter().skip(1).position(|arg| is_mode(arg)) {
        args.argv.insert(at + 1, "--".into());
    }
    let opts = match CHMOD.parse(&args, env.flavour) {
        Ok(opts) => opts,
        Err(usage) => return env.usage(usage).await,
    };
    let Some((mode, paths)) = opts.args.split_first() else {
        return env.usage(CHMOD.error("missing operand", env.flavour)).await;
    };
    if paths.is_empty() {
        return env.usage(CHMOD.error(format!("missing operand after '{mode}'"), env.flavour)).await;
    }
    if change_mode(mode, 0, false).is_none() {
        return env.usage(CHMOD.error(format!("invalid mode: '{mode}'"), env.flavour)).await;
    }
    let mut status = 0;
    let mut open: Vec<EcoString> = paths.iter().rev().cloned().collect();
    while let Some(path) = open.pop() {
        match stat_of(env, &path, true).await {
            Err(errno) => {
                match env.flavour {
                    Flavour::Gnu => env.complain(format!("cannot access '{path}': {errno}")).await,
                    Flavour::Busybox => env.complain(format!("{path}: {errno}")).await,
                }
                status = 1;
            }
            Ok(file) => {
                let is_tree = file.kind == FileKind::Directory;
                let mode = change_mode(mode, file.mode, is_tree).unwrap_or(file.mode);
                if let Err(errno) = done(env, Syscall::SetMode { path: path.clone(), mode }).await {
                    let errno = match errno {
                        Errno::Access => "Operation not permitted".to_string(),
                        other => other.to_string(),
                    };
                    env.complain(format!("changing permissions of '{path}': {errno}")).await;
                    status = 1;
                }
                if is_tree && opts.has('R') {
                    let inner = entries(env, &path).await.unwrap_or_default();
                    open.extend(inner.into_iter().map(|(name, _)| join(&path, &name)));
                }
            }
        }
    }
    status
}

/// A mode after `755`, `u+x`, `go-w,a=r`.
fn change_mode(text: &str, mode: u16, is_directory: bool) -> Option<u16> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return u16::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut mode = mode;
    for clause in text.split(',') {
        let end = clause.find(['+', '-', '='])?;
        let (who, mut rest) = clause.split_at(end);
        let mut mask = 0_u16;
        for c in who.chars() {
            mask |= match c {
                'u' => 0o700,
                'g' => 0o070,
                'o' => 0o007,
                'a' => 0o777,
                _ => return None,
            };
        }
        let mask = if who.is_empty() { 0o777 } else { mask };
        while let Some(operator) = rest.chars().next() {
            rest = &rest[1..];
            let length = rest.find(['+', '-', '=']).unwrap_or(rest.len());
            let (flags, others) = rest.split_at(length);
            rest = others;
            let mut bits = 0_u16;
            for c in flags.chars() {
                bits |= match c {
                    'r' => 0o444,
                    'w' => 0o222,
                    'x' => 0o111,
                    'X' if is_directory || mode & 0o111 != 0 => 0o111,
                    'X' | 's' => 0,
                    't' => 0o1000,
                    _ => return None,
                };
            }
            let bits = bits & (mask | 0o1000);
            match operator {
                '+' => mode |= bits,
                '-' => mode &= !bits,
                _ => mode = mode & !mask | bits,
            }
        }
    }
    Some(mode)
}

const READLINK: Spec = Spec {
    name: "readlink",
    short: "efmnqsvz",
    long: &[("canonicalize", 'f'), ("no-newline", 'n')],
    usage: "readlink [OPTION]... FILE...",
    status: 1,
};

/// The path without symbolic links; the last part need not exist.
async fn resolve(env: &Env, path: &str) -> Option<EcoString> {
    let mut path = normalize(&env.sys.working_dir().await, path);
    'links: for _ in 0..40 {
        let mut end = 0;
        while end < path.len() {
            end = path[end + 1..].find('/').map_or(path.len(), |next| end + 1 + next);
            match stat_of(env, &path[..end], false).await {
                Ok(file) if file.kind == FileKind::Symlink => {
                    let Answer::Text(target) = env.sys.call(Syscall::ReadLink(path[..end].into())).await else {
                        return None;
                    };
                    let base = podyard_kernel::fs::parent(&path[..end]);
                    path = normalize("/", &format!("{}{}", normalize(base, &target), &path[end..]));
                    continue 'links;
                }
                Err(_) if end < path.len() => return None,
                _ => {}
            }
        }
        return Some(path.into());
    }
    None
}

pub(super) async fn readlink(env: &Env) -> u8 {
    let opts = opts!(env, READLINK);
    if opts.args.is_empty() {
        return env.usage(READLINK.error("missing operand", env.flavour)).await;
    }
    let mut status = 0;
    for path in &opts.args {
        let target = if opts.has('f') || opts.has('e') || opts.has('m') {
            resolve(env, path).await
        } else {
            match env.sys.call(Syscall::ReadLink(path.clone())).await {
                Answer::Text(target) => Some(target),
                _ => None,
            }
        };
        match target {
            Some(target) => env.sys.print(format!("{target}{}", if opts.has('n') { "" } else { "\n" })).await,
            None => status = 1,
        }
    }
    status
}

const REALPATH: Spec = Spec {
    name: "realpath",
    short: "emLPqsz",
    long: &[("canonicalize-existing", 'e'), ("canonicalize-missing", 'm')],
    usage: "realpath [OPTION]... FILE...",
    status: 1,
};

pub(super) async fn realpath(env: &Env) -> u8 {
    let opts = opts!(env, REALPATH);
    if opts.args.is_empty() {
        return env.usage(REALPATH.error("missing operand", env.flavour)).await;
    }
    let mut status = 0;
    for path in &opts.args {
        match resolve(env, path).await {
            Some(target) => env.sys.print(format!("{target}\n")).await,
            None => {
                env.complain(format!("{path}: {}", Errno::NoEntry)).await;
                status = 1;
            }
        }
    }
    status
}

const MKTEMP: Spec = Spec {
    name: "mktemp",
    short: "dp:qtu",
    long: &[("directory", 'd'), ("tmpdir=", 'p')],
    usage: "mktemp [OPTION]... [TEMPLATE]",
    status: 1,
};

pub(super) async fn mktemp(env: &Env) -> u8 {
    let opts = opts!(env, MKTEMP);
    let dir = opts.value('p').map_or("/tmp", |dir| dir.as_str());
    let template = match opts.args.first() {
        Some(template) if opts.has('t') || opts.has('p') => join(dir, template),
        Some(template) => template.clone(),
        None => join(dir, "tmp.XXXXXXXXXX"),
    };
    let kept = template.trim_end_matches('X');
    if template.len() - kept.len() < 3 {
        env.complain(format!("too few X's in template '{template}'")).await;
        return 1;
    }
    let mut seed = env.sys.now().await.as_micros() | 1;
    for _ in 0..100 {
        let mut path = kept.to_string();
        for _ in kept.len()..template.len() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
            path.push(char::from(letters[(seed >> 33) as usize % letters.len()]));
        }
        let made = if opts.has('d') {
            done(env, Syscall::MakeDir { path: path.as_str().into(), mode: 0o700 }).await
        } else {
            match env.sys.open(&path, OpenMode { exclusive: true, ..OpenMode::WRITE }).await {
                Ok(fd) => {
                    env.sys.close(fd).await;
                    done(env, Syscall::SetMode { path: path.as_str().into(), mode: 0o600 }).await
                }
                Err(errno) => Err(errno),
            }
        };
        match made {
            Ok(()) => {
                env.sys.print(format!("{path}\n")).await;
                return 0;
            }
            Err(Errno::Exists) => {}
            Err(errno) => {
                let what = if opts.has('d') { "directory" } else { "file" };
                env.complain(format!("failed to create {what} via template '{template}': {errno}")).await;
                return 1;
            }
        }
    }
    1
}
