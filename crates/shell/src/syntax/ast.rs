//! What a script means: a compact tree, cheap to copy and to save.

use ecow::{EcoString, EcoVec};
use serde::{Deserialize, Serialize};

/// Commands one after the other.
pub(crate) type List = EcoVec<Item>;

/// One `a && b || c`, run here or in the background.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Item {
    pub chain: EcoVec<(Link, Pipeline)>,
    pub background: bool,
    /// As it was written, for the list of jobs.
    pub text: EcoString,
}

/// How a pipeline follows the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Link {
    First,
    And,
    Or,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pipeline {
    pub negate: bool,
    pub timed: bool,
    pub commands: EcoVec<Node>,
    /// As it was written.
    pub text: EcoString,
}

/// A command with its redirections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub body: Body,
    pub redirects: EcoVec<Redirect>,
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Body {
    Simple {
        assigns: EcoVec<Assign>,
        words: EcoVec<Word>,
    },
    Group(List),
    Subshell(List),
    If {
        /// Conditions with what they lead to.
        arms: EcoVec<(List, List)>,
        otherwise: Option<List>,
    },
    Loop {
        until: bool,
        condition: List,
        body: List,
    },
    For {
        name: EcoString,
        /// Without `in`: the positional parameters.
        words: Option<EcoVec<Word>>,
        body: List,
    },
    ArithFor {
        /// Initialisation, condition, step.
        parts: EcoVec<Word>,
        body: List,
    },
    Case {
        word: Word,
        arms: EcoVec<Arm>,
    },
    Function {
        name: EcoString,
        /// One node.
        body: EcoVec<Node>,
        /// As it was written, for `type` and `declare -f`.
        text: EcoString,
    },
    Test(Test),
    Arith(Word),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Arm {
    pub patterns: EcoVec<Word>,
    pub body: List,
    pub end: ArmEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ArmEnd {
    /// `;;`
    Break,
    /// `;&`
    FallThrough,
    /// `;;&`
    TestNext,
}

/// What stands between `[[` and `]]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Test {
    Unary(EcoString, Word),
    Binary(Word, EcoString, Word),
    Not(EcoVec<Test>),
    And(EcoVec<Test>),
    Or(EcoVec<Test>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Assign {
    pub name: EcoString,
    pub index: Option<Word>,
    pub append: bool,
    pub value: AssignValue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum AssignValue {
    Word(Word),
    /// Elements, some with their index.
    Array(EcoVec<(Option<Word>, Word)>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Redirect {
    pub fd: Option<u32>,
    pub op: RedirectOp,
    pub target: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RedirectOp {
    Read,
    Write,
    Append,
    /// `>|`
    Clobber,
    ReadWrite,
    /// `<&`
    DupInput,
    /// `>&`
    DupOutput,
    /// `&>`
    Both,
    /// `&>>`
    BothAppend,
    /// The target is the document, or while parsing its number.
    HereDoc,
    HereString,
}

/// A word before expansion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Word(pub EcoVec<Part>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Part {
    /// Unquoted: patterns, braces and tildes in it count.
    Literal(EcoString),
    /// Single-quoted, escaped, or plain text inside double quotes.
    Quoted(EcoString),
    /// Double-quoted.
    Double(EcoVec<Part>),
    Param(Param),
    /// `$(…)`
    Command(List),
    /// `$((…))`
    Arith(Word),
    /// `<(…)` and, if `true`, `>(…)`
    Process(bool, List),
    /// An argument of `declare` and its like (one).
    Assign(EcoVec<Assign>),
}

/// `$name` and `${…}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Param {
    pub name: EcoString,
    pub index: Option<Index>,
    /// `${!name}`
    pub indirect: bool,
    pub op: ParamOp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Index {
    /// `[@]`
    At,
    /// `[*]`
    Star,
    Key(Word),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum ParamOp {
    Plain,
    Length,
    /// `${!name[@]}`
    Keys,
    /// `${!prefix*}`; `true` for `@`
    Names(bool),
    /// `:-`, `:=`, `:?`, `:+`; without the colon, only unset counts.
    Default {
        kind: char,
        colon: bool,
        word: Word,
    },
    /// `#`, `##`
    RemovePrefix {
        longest: bool,
        pattern: Word,
    },
    /// `%`, `%%`
    RemoveSuffix {
        longest: bool,
        pattern: Word,
    },
    /// `/`, `//`, `/#`, `/%`
    Replace {
        kind: char,
        pattern: Word,
        with: Word,
    },
    Substring {
        offset: Word,
        length: Option<Word>,
    },
    /// `^`, `^^`, `,`, `,,`
    Case {
        upper: bool,
        all: bool,
        pattern: Word,
    },
    /// `~`, `~~`
    Toggle {
        all: bool,
    },
    /// `@Q`, `@U` …
    Transform(char),
    /// Not to be expanded; the name is all of it.
    Bad,
}

impl Word {
    /// A word that is just this text.
    pub(crate) fn quoted(text: impl Into<EcoString>) -> Self {
        Self([Part::Quoted(text.into())].into())
    }

    /// Its text if nothing in it is quoted or expanded.
    pub(crate) fn plain(&self) -> Option<&EcoString> {
        match self.0.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}
