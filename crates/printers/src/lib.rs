//! Objects to tables, descriptions and every -o format.

pub mod describe;
pub mod format;
mod labels;
mod resources;
pub mod table;
mod tabwriter;
pub mod text;
mod values;

pub use tabwriter::TabWriter;
