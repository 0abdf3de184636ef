//! Command-line options as `getopt_long` reads them.

use ecow::EcoString;
use podyard_kernel::Args;

use super::Flavour;

/// What a tool says instead of running: an error, or its help.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Usage {
    pub text: String,
    pub status: u8,
}

/// Which options a tool has.
pub(crate) struct Spec {
    pub name: &'static str,
    /// As getopt has them: a letter followed by `:` has a value.
    pub short: &'static str,
    /// Long names with the letter that they mean; those ending in `=` have a value.
    pub long: &'static [(&'static str, char)],
    /// The line after `Usage:`.
    pub usage: &'static str,
    /// The status after a wrong option.
    pub status: u8,
}

/// Options with their values in order, and the other arguments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opts {
    pub flags: Vec<(char, EcoString)>,
    pub args: Vec<EcoString>,
}

impl Opts {
    pub(crate) fn has(&self, flag: char) -> bool {
        self.flags.iter().any(|(own, _)| *own == flag)
    }

    /// The last value of an option.
    pub(crate) fn value(&self, flag: char) -> Option<&EcoString> {
        self.flags.iter().rev().find(|(own, _)| *own == flag).map(|(_, value)| value)
    }
}

impl Spec {
    /// Reads the arguments.
    ///
    /// # Errors
    /// What to say: a wrong option, or the help that was asked for.
    pub(crate) fn parse(&self, args: &Args, flavour: Flavour) -> Result<Opts, Usage> {
        self.parse_until(args, flavour, false)
    }

    /// [`parse`](Self::parse), but if `strict` the first other argument ends the options, as for `env` and `xargs`.
    pub(crate) fn parse_until(&self, args: &Args, flavour: Flavour, strict: bool) -> Result<Opts, Usage> {
        let mut opts = Opts::default();
        let mut rest = args.argv.iter().skip(1);
        while let Some(arg) = rest.next() {
            if arg == "--" {
                opts.args.extend(rest.by_ref().cloned());
            } else if let Some(long) = arg.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(EcoString::from(value))),
                    None => (long, None),
                };
                if name == "help" {
                    return Err(Usage { text: format!("Usage: {}\n", self.usage), status: 0 });
                }
                let Some((full, letter)) = self.long(name) else {
                    return Err(self.wrong(format!("unrecognized option '{arg}'"), flavour));
                };
                let value = match (full.ends_with('='), value) {
                    (true, Some(value)) => value,
                    (true, None) => match rest.next() {
                        Some(value) => value.clone(),
                        None => return Err(self.wrong(format!("option '{arg}' requires an argument"), flavour)),
                    },
                    (false, None) => EcoString::new(),
                    (false, Some(value)) => value,
                };
                opts.flags.push((letter, value));
            } else if arg.len() > 1 && arg.starts_with('-') {
                for (at, c) in arg[1..].char_indices() {
                    let place = self.short.find(c).filter(|_| c != ':');
                    let Some(place) = place else {
                        return Err(self.wrong(format!("invalid option -- '{c}'"), flavour));
                    };
                    if !self.short[place + c.len_utf8()..].starts_with(':') {
                        opts.flags.push((c, EcoString::new()));
                        continue;
                    }
                    let inline = &arg[1 + at + c.len_utf8()..];
                    let value = if inline.is_empty() { rest.next().cloned() } else { Some(inline.into()) };
                    let Some(value) = value else {
                        return Err(self.wrong(format!("option requires an argument -- '{c}'"), flavour));
                    };
                    opts.flags.push((c, value));
                    break;
                }
            } else {
                opts.args.push(arg.clone());
                if strict {
                    opts.args.extend(rest.by_ref().cloned());
                }
            }
        }
        Ok(opts)
    }

    fn long(&self, name: &str) -> Option<(&'static str, char)> {
        let bare = |full: &str| full.trim_end_matches('=').to_string();
        let exact = self.long.iter().find(|(full, _)| bare(full) == name);
        let mut prefixed = self.long.iter().filter(|(full, _)| full.starts_with(name));
        exact.or_else(|| prefixed.next().filter(|_| prefixed.next().is_none())).copied()
    }

    fn wrong(&self, text: String, flavour: Flavour) -> Usage {
        let name = self.name;
        let hint = match flavour {
            Flavour::Gnu => format!("Try '{name} --help' for more information.\n"),
            Flavour::Busybox => format!("BusyBox v1.36.1 () multi-call binary.\n\nUsage: {}\n", self.usage),
        };
        Usage { text: format!("{name}: {text}\n{hint}"), status: self.status }
    }

    /// An error about the arguments, with the hint that follows it.
    pub(crate) fn error(&self, text: impl std::fmt::Display, flavour: Flavour) -> Usage {
        self.wrong(text.to_string(), flavour)
    }

    /// An error about the arguments, without a hint.
    pub(crate) fn plain_error(&self, text: impl std::fmt::Display) -> Usage {
        Usage { text: format!("{}: {text}\n", self.name), status: self.status }
    }
}
