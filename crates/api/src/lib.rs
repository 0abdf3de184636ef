//! The one Kubernetes object model.
//!
//! Every object, built-in or custom, is one persistent JSON [`Value`]. Code reads it through the views of
//! [`kinds`] and writes it through their setters or a [`value!`] literal; raw field names stay in this crate.

pub mod base64;
pub mod decode;
pub mod duration;
pub mod explanation;
pub mod gostr;
pub mod intstr;
pub mod json;
pub mod kinds;
mod macros;
pub mod names;
pub mod quantity;
pub mod registry;
pub mod request;
pub mod schema;
pub mod selector;
pub mod status;
pub mod timestamp;
pub mod value;
pub mod yaml;

pub use explanation::{About, Explanation};
pub use quantity::Quantity;
pub use request::{Body, ListOptions, PatchKind, Request, Response, Target, User, Verb, WatchEvent};
pub use selector::{FieldSelector, Selector};
pub use status::{Cause, Status};
pub use value::{Key, Object, Value};

#[doc(hidden)]
pub use ecow as __ecow;
