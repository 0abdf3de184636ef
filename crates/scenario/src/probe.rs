//! How a check sees a cluster.

use std::fmt;
use std::time::Duration;

use podyard_api::Value;

use crate::schema::{CanICheck, ReachCheck, Reached};

/// A cluster as far as checks may look at it.
pub trait Probe {
    /// The object, or nothing if there is none.
    ///
    /// # Errors
    /// [`Unsupported`] where this cluster cannot tell.
    fn object(&self, kind: &str, namespace: &str, name: &str) -> Result<Option<Value>, Unsupported>;

    /// All objects of a kind in a namespace; in all for an empty one.
    ///
    /// # Errors
    /// [`Unsupported`] where this cluster cannot tell.
    fn objects(&self, kind: &str, namespace: &str) -> Result<Vec<Value>, Unsupported>;

    /// The bytes of a file of the workstation.
    ///
    /// # Errors
    /// [`Unsupported`] where this cluster cannot tell.
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Unsupported>;

    /// Whether somebody may make a request.
    ///
    /// # Errors
    /// [`Unsupported`] where this cluster cannot tell.
    fn can_i(&self, request: &CanICheck) -> Result<Permission, Unsupported>;

    /// What becomes of connections: from each pod that is meant, to each that may answer.
    ///
    /// # Errors
    /// [`Unsupported`] where this cluster cannot tell, or the check is not understood.
    fn reach(&self, connection: &ReachCheck) -> Result<Vec<Connection>, Unsupported>;

    /// Runs console lines, each until the cluster has come to rest.
    ///
    /// # Errors
    /// [`Unsupported`] where this cluster cannot.
    fn run(&mut self, lines: &str) -> Result<Output, Unsupported>;

    /// Lets time pass.
    ///
    /// # Errors
    /// [`Unsupported`] where this cluster cannot.
    fn wait(&mut self, duration: Duration) -> Result<(), Unsupported>;

    /// A copy on which something can be tried.
    ///
    /// # Errors
    /// [`Unsupported`] where this cluster cannot be copied.
    fn fork(&self) -> Result<Box<dyn Probe>, Unsupported>;
}

/// Whether a request is allowed, and what decided it, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    pub allowed: bool,
    pub because: String,
}

/// A connection that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pub from: String,
    pub to: String,
    /// Nothing if there was nobody to connect from or to.
    pub reached: Option<Reached>,
    /// What decided it, in a sentence.
    pub because: String,
}

/// What console lines printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    /// Of the last line.
    pub exit: u8,
}

/// This cluster cannot answer that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(pub String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this cluster cannot tell: {}", self.0)
    }
}
