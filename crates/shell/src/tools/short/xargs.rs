//! `xargs`

use ecow::EcoString;

use super::super::opts::Spec;
use super::Env;
use super::find::start;

const SPEC: Spec = Spec {
    name: "xargs",
    short: "0a:d:E:I:L:n:P:prs:tx",
    long: &[
        ("null", '0'),
        ("delimiter=", 'd'),
        ("max-args=", 'n'),
        ("max-lines=", 'L'),
        ("max-procs=", 'P'),
        ("no-run-if-empty", 'r'),
        ("replace=", 'I'),
        ("verbose", 't'),
    ],
    usage: "xargs [OPTION]... COMMAND [INITIAL-ARGS]...",
    status: 1,
};

pub(super) async fn xargs(env: &Env) -> u8 {
    let opts = match env.opts_until(&SPEC, true).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    let bytes = env.sys.read_all(0).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let delimiter = if opts.has('0') {
        Some('\0')
    } else {
        opts.value('d').and_then(|text| crate::syntax::unescape(text, false).0.chars().next())
    };
    let replace = opts.value('I');
    let items = match (delimiter, replace) {
        (Some(delimiter), _) => {
            let text = text.strip_suffix(delimiter).unwrap_or(&text);
            if text.is_empty() { Vec::new() } else { text.split(delimiter).map(EcoString::from).collect() }
        }
        (None, Some(_)) => text.lines().map(str::trim).filter(|line| !line.is_empty()).map(EcoString::from).collect(),
        (None, None) => match words(&text) {
            Ok(items) => items,
            Err(quote) => {
                let kind = if quote == '"' { "double" } else { "single" };
                let text = format!(
                    "unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
                );
                env.complain(text).await;
                return 1;
            }
        },
    };
    let command = if opts.args.is_empty() { vec![EcoString::from("echo")] } else { opts.args.clone() };
    let mut most = usize::MAX;
    for flag in ['n', 'L'] {
        if let Some(text) = opts.value(flag) {
            match text.parse::<usize>() {
                Ok(number) if number > 0 => most = number,
                _ => {
                    env.complain(format!("value {text} for -{flag} option should be >= 1")).await;
                    return 1;
                }
            }
        }
    }
    if items.is_empty() && (opts.has('r') || replace.is_some()) {
        return 0;
    }
    let mut status = 0;
    let calls: Vec<Vec<EcoString>> = match replace {
        Some(place) => items
            .iter()
            .map(|item| command.iter().map(|arg| EcoString::from(arg.as_str().replace(place.as_str(), item))).collect())
            .collect(),
        None if items.is_empty() => vec![command],
        None => items.chunks(most).map(|items| command.iter().chain(items).cloned().collect()).collect(),
    };
    for argv in calls {
        if opts.has('t') {
            env.sys.eprint(format!("{}\n", argv.join(" "))).await;
        }
        match start(env, &argv).await {
            0 => {}
            failed @ (126 | 127) => return failed,
            255 => {
                env.complain(format!("{}: exited with status 255; aborting", argv[0])).await;
                return 124;
            }
            _ => status = 123,
        }
    }
    status
}

/// Words between blanks, with quotes and backslashes; or the quote that is not closed.
fn words(text: &str) -> Result<Vec<EcoString>, char> {
    let mut all = Vec::new();
    let mut current: Option<EcoString> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\n', Some(open)) => return Err(open),
            (c, Some(_)) => current.get_or_insert_default().push(c),
            ('\'' | '"', None) => {
                quote = Some(c);
                current.get_or_insert_default();
            }
            ('\\', None) => current.get_or_insert_default().extend(chars.next()),
            (c, None) if c.is_whitespace() => all.extend(current.take()),
            (c, None) => current.get_or_insert_default().push(c),
        }
    }
    if let Some(open) = quote {
        return Err(open);
    }
    all.extend(current);
    Ok(all)
}
