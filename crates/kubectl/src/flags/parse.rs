//! pflag's reading of a command line.

// Models github.com/spf13/pflag flag.go, with the word separators of kubectl (`_` is `-`)

use ecow::EcoString;

use super::{Flag, Flags, check};

/// What ended the reading early.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// `--help` or `-h` was given.
    Help,
    /// The line is wrong: pflag's words.
    Wrong(String),
}

/// Reads `args` by the flags of a command.
///
/// # Errors
/// [`Stop::Help`] when help was asked for, [`Stop::Wrong`] with pflag's words when the line is wrong.
pub(crate) fn parse(known: &[&'static Flag], args: &[EcoString]) -> Result<Flags, Stop> {
    let mut reader = Reader { flags: Flags { known: known.to_vec(), ..Flags::default() }, rest: args };
    while let Some((arg, rest)) = reader.rest.split_first() {
        reader.rest = rest;
        match arg.as_str() {
            "--" => {
                reader.flags.dash = Some(reader.flags.args.len());
                reader.flags.args.extend_from_slice(rest);
                break;
            }
            text if text.starts_with("--") => reader.long(text)?,
            text if text.starts_with('-') && text.len() > 1 => reader.short(text)?,
            _ => reader.flags.args.push(arg.clone()),
        }
    }
    Ok(reader.flags)
}

struct Reader<'a> {
    flags: Flags,
    rest: &'a [EcoString],
}

impl Reader<'_> {
    fn long(&mut self, text: &str) -> Result<(), Stop> {
        let body = &text[2..];
        if body.starts_with('-') || body.starts_with('=') {
            return Err(Stop::Wrong(format!("bad flag syntax: {text}")));
        }
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (body, None),
        };
        let name = name.replace('_', "-");
        let Some(flag) = self.flags.flag(&name) else {
            return match name.as_str() {
                "help" => Err(Stop::Help),
                _ => Err(Stop::Wrong(format!("unknown flag: --{name}"))),
            };
        };
        let value = match (value, flag.bare) {
            (Some(value), _) => EcoString::from(value),
            (None, "") => self.argument(|| format!("flag needs an argument: --{name}"))?,
            (None, bare) => bare.into(),
        };
        self.set(flag, value)
    }

    fn short(&mut self, text: &str) -> Result<(), Stop> {
        let mut letters = &text[1..];
        while let Some(letter) = letters.chars().next() {
            let after = &letters[letter.len_utf8()..];
            let Some(flag) = self.flags.known.iter().find(|f| f.short.chars().eq([letter])).copied() else {
                return match letter {
                    'h' => Err(Stop::Help),
                    _ => Err(Stop::Wrong(format!("unknown shorthand flag: '{letter}' in -{letters}"))),
                };
            };
            if let Some(value) = after.strip_prefix('=') {
                return self.set(flag, value.into());
            }
            if flag.bare.is_empty() {
                let value = match after {
                    "" => self.argument(|| format!("flag needs an argument: '{letter}' in -{letters}"))?,
                    value => value.into(),
                };
                return self.set(flag, value);
            }
            self.set(flag, flag.bare.into())?;
            letters = after;
        }
        Ok(())
    }

    fn argument(&mut self, missing: impl FnOnce() -> String) -> Result<EcoString, Stop> {
        let Some((value, rest)) = self.rest.split_first() else {
            return Err(Stop::Wrong(missing()));
        };
        self.rest = rest;
        Ok(value.clone())
    }

    fn set(&mut self, flag: &'static Flag, value: EcoString) -> Result<(), Stop> {
        if let Err(why) = check::check(flag, &value) {
            let name = match flag.short {
                "" => format!("--{}", flag.name),
                short => format!("-{short}, --{}", flag.name),
            };
            return Err(Stop::Wrong(format!("invalid argument {value:?} for {name:?} flag: {why}")));
        }
        if !flag.deprecated.is_empty() && !self.flags.changed(flag.name) {
            self.flags.notices.push(format!("Flag --{} has been deprecated, {}\n", flag.name, flag.deprecated));
        }
        self.flags.given.push((flag.name, value));
        Ok(())
    }
}

/// The arguments of `args` that are neither flags nor their values, as cobra finds them when it looks for a
/// subcommand: flags that it does not know take a value.
// Models github.com/spf13/cobra command.go stripFlags
pub(crate) fn strip_flags(known: &[&'static Flag], args: &[EcoString]) -> Vec<EcoString> {
    let mut words = Vec::new();
    let mut rest = args;
    while let Some((arg, after)) = rest.split_first() {
        rest = after;
        if arg == "--" {
            break;
        }
        match takes_next(known, arg) {
            Some(true) if rest.len() <= 1 => break,
            Some(true) => rest = &rest[1..],
            Some(false) => {}
            None if arg.is_empty() => {}
            None => words.push(arg.clone()),
        }
    }
    words
}

/// Whether a flag takes the next word as its value; `None` if `arg` is no flag.
pub(crate) fn takes_next(known: &[&'static Flag], arg: &str) -> Option<bool> {
    if let Some(name) = arg.strip_prefix("--") {
        let bare = known.iter().any(|flag| flag.name == name && !flag.bare.is_empty()) || name == "help";
        return Some(!name.contains('=') && !bare);
    }
    let letters = arg.strip_prefix('-').filter(|letters| !letters.is_empty())?;
    let bare = known.iter().any(|flag| flag.short == letters && !flag.bare.is_empty()) || letters == "h";
    Some(letters.chars().count() == 1 && !letters.contains('=') && !bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    static KNOWN: [Flag; 6] = [
        Flag::bool("all-namespaces", "").short("A"),
        Flag::text("namespace", "", "").short("n"),
        Flag::int("replicas", "0", ""),
        Flag::text("dry-run", "none", "").bare("unchanged"),
        Flag::slice("filename", "").short("f"),
        Flag::bool("watch", "").short("w"),
    ];

    fn check(line: &str, expect: &str) {
        let args: Vec<EcoString> = line.split(' ').map(Into::into).collect();
        let known: Vec<_> = KNOWN.iter().collect();
        let got = match parse(&known, &args) {
            Ok(flags) => format!("{:?} {:?} {:?}", flags.given, flags.args, flags.dash),
            Err(Stop::Help) => "help".to_owned(),
            Err(Stop::Wrong(why)) => why,
        };
        assert_eq!(got, expect, "{line}");
    }

    #[test]
    fn lines_that_are_right() {
        check("pods -n x -wA", r#"[("namespace", "x"), ("watch", "true"), ("all-namespaces", "true")] ["pods"] None"#);
        check(
            "-nx --dry-run a --dry_run=client",
            r#"[("namespace", "x"), ("dry-run", "unchanged"), ("dry-run", "client")] ["a"] None"#,
        );
        check("a -- -n b", r#"[] ["a", "-n", "b"] Some(1)"#);
        check("-f -", r#"[("filename", "-")] [] None"#);
        check("-n=y", r#"[("namespace", "y")] [] None"#);
        check("x --help", "help");
        check("-wh", "help");
    }

    #[test]
    fn lines_that_are_wrong() {
        check("--foo", "unknown flag: --foo");
        check("-wx", "unknown shorthand flag: 'x' in -x");
        check("-n", "flag needs an argument: 'n' in -n");
        check("--namespace", "flag needs an argument: --namespace");
        check("--=x", "bad flag syntax: --=x");
        check(
            "--replicas=two",
            "invalid argument \"two\" for \"--replicas\" flag: strconv.ParseInt: parsing \"two\": invalid syntax",
        );
        check(
            "--watch=maybe",
            "invalid argument \"maybe\" for \"-w, --watch\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
        );
    }
}
