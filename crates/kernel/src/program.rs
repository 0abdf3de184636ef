//! What a program is: an id, by which an executable file names it, and a state value with a pure step.

use ecow::EcoString;
use podyard_api::Value;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Answer, Syscall};

/// The programs of a build: one enum with a variant for each, made by the composition root.
pub trait Program: Clone + Serialize + DeserializeOwned {
    /// The program that an executable file names, ready for its first step; `None` where there is no such program.
    fn load(id: &str, args: &Args) -> Option<Self>;

    /// Takes the answer to the last call (the first time [`Answer::Started`]) and says the next call. Depends on
    /// nothing but the state and the answer.
    fn step(&mut self, answer: Answer) -> Syscall;
}

/// What a program is started with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Args {
    /// With the program's name first.
    pub argv: Vec<EcoString>,
    pub env: Vec<(EcoString, EcoString)>,
    /// What a [`Script`](crate::Script) left to itself by [`Sys::restart`](crate::Sys::restart); `Null` at first.
    pub state: Value,
}

impl Args {
    /// The value of an environment variable.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The name by which the program was called, without its path.
    pub fn program(&self) -> &str {
        self.argv.first().and_then(|name| name.rsplit('/').next()).unwrap_or_default()
    }
}
