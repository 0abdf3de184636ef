//! Flags as data, and what a command line gave for them.

mod check;
pub(crate) mod globals;
pub(crate) mod parse;
pub(crate) mod shared;

use ecow::EcoString;

/// What a flag's value is, as pflag names its types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Text,
    Int,
    Int32,
    Int64,
    Duration,
    /// May be repeated; commas do not split.
    Texts,
    /// May be repeated; commas split.
    Slice,
    /// `key=value` pairs; may be repeated; commas split.
    Map,
}

/// One flag of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag {
    pub name: &'static str,
    /// One letter, or empty.
    pub short: &'static str,
    pub kind: Kind,
    pub default: &'static str,
    /// The value when the flag stands alone, without `=`; empty where it needs an argument.
    pub bare: &'static str,
    pub help: &'static str,
    pub hidden: bool,
    /// Why it should not be used any more; empty if it may.
    pub deprecated: &'static str,
    /// The command fails without it.
    pub required: bool,
}

impl Flag {
    const fn new(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Self {
        Self { name, short: "", kind, default, bare: "", help, hidden: false, deprecated: "", required: false }
    }

    /// A flag that is false unless given.
    pub(crate) const fn bool(name: &'static str, help: &'static str) -> Self {
        Self::switch(name, "false", help)
    }

    /// A flag that is true unless given as `--name=false`.
    pub(crate) const fn on(name: &'static str, help: &'static str) -> Self {
        Self::switch(name, "true", help)
    }

    const fn switch(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self { bare: "true", ..Self::new(name, Kind::Bool, default, help) }
    }

    pub(crate) const fn text(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Text, default, help)
    }

    pub(crate) const fn int(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Int, default, help)
    }

    pub(crate) const fn int32(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Int32, default, help)
    }

    pub(crate) const fn int64(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Int64, default, help)
    }

    pub(crate) const fn duration(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Duration, default, help)
    }

    pub(crate) const fn texts(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Texts, "[]", help)
    }

    pub(crate) const fn slice(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Slice, "[]", help)
    }

    pub(crate) const fn map(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Map, "[]", help)
    }

    pub(crate) const fn short(self, short: &'static str) -> Self {
        Self { short, ..self }
    }

    pub(crate) const fn bare(self, bare: &'static str) -> Self {
        Self { bare, ..self }
    }

    pub(crate) const fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }

    pub(crate) const fn deprecated(self, why: &'static str) -> Self {
        Self { deprecated: why, hidden: true, ..self }
    }

    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// A command line after its flags were taken out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    known: Vec<&'static Flag>,
    /// Values in the order given.
    given: Vec<(&'static str, EcoString)>,
    pub args: Vec<EcoString>,
    /// How many arguments stood before `--`, if it was there.
    pub dash: Option<usize>,
    /// What pflag prints about deprecated flags, in order.
    pub notices: Vec<String>,
}

impl Flags {
    fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.known.iter().find(|flag| flag.name == name).copied()
    }

    /// Whether the command has such a flag.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.flag(name).is_some()
    }

    /// Whether the flag was given.
    pub(crate) fn changed(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| *given == name)
    }

    /// The last value given, or the default.
    pub(crate) fn text(&self, name: &str) -> EcoString {
        let given = self.given.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| value.clone());
        given.unwrap_or_else(|| self.flag(name).map_or_else(EcoString::new, |flag| flag.default.into()))
    }

    /// The value of a global flag; empty where the command has one of its own by that name.
    pub(crate) fn global(&self, name: &str) -> EcoString {
        let is_global = self.flag(name).is_some_and(|flag| globals::GLOBALS.iter().any(|g| std::ptr::eq(g, flag)));
        if is_global { self.text(name) } else { EcoString::new() }
    }

    pub(crate) fn bool(&self, name: &str) -> bool {
        check::parse_bool(&self.text(name)) == Some(true)
    }

    pub(crate) fn int(&self, name: &str) -> i64 {
        check::parse_int(&self.text(name), 64).unwrap_or_default()
    }

    /// Nanoseconds.
    pub(crate) fn duration(&self, name: &str) -> i64 {
        parse_duration(&self.text(name)).unwrap_or_default()
    }

    /// All values of a flag that may be repeated.
    pub(crate) fn list(&self, name: &str) -> Vec<EcoString> {
        let split = self.flag(name).is_some_and(|flag| matches!(flag.kind, Kind::Slice | Kind::Map));
        let values = self.given.iter().filter(|(given, _)| *given == name).map(|(_, value)| value);
        if !split {
            return values.cloned().collect();
        }
        values.flat_map(|value| check::split_commas(value)).collect()
    }

    /// The pairs of a `key=value` flag.
    pub(crate) fn pairs(&self, name: &str) -> Vec<(EcoString, EcoString)> {
        let pair = |text: EcoString| text.split_once('=').map(|(key, value)| (key.into(), value.into()));
        self.list(name).into_iter().filter_map(pair).collect()
    }
}

pub(crate) use check::{format_duration, parse_duration};
