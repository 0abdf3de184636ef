//! Checkpoints: a cluster as bytes, with shared parts written once.

use std::fmt;

use podyard_api::value::sharing;

use crate::Cluster;

/// What a checkpoint begins with; the digits are the version of its form.
const MAGIC: &[u8] = b"podyard1";

/// Why a checkpoint cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It is none, or of another version.
    Version,
    /// Its contents are damaged.
    Damaged,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "the saved session is of another version",
            Self::Damaged => "the saved session is damaged",
        })
    }
}

impl std::error::Error for LoadError {}

impl Cluster {
    /// The whole cluster as bytes.
    pub fn save(&self) -> Vec<u8> {
        let body = sharing::scope(|| postcard::to_allocvec(self)).unwrap_or_default();
        let sum = checksum(&body).to_le_bytes();
        [MAGIC, &sum, &body].concat()
    }

    /// A number that is the same for equal states, whatever their parts share in memory.
    pub fn digest(&self) -> String {
        format!("{:016x}", checksum(&postcard::to_allocvec(self).unwrap_or_default()))
    }

    /// # Errors
    /// [`LoadError`]; bytes from anywhere are safe to try.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(LoadError::Version)?;
        let (sum, body) = rest.split_first_chunk::<8>().ok_or(LoadError::Damaged)?;
        if u64::from_le_bytes(*sum) != checksum(body) {
            return Err(LoadError::Damaged);
        }
        sharing::scope(|| postcard::from_bytes(body)).map_err(|_| LoadError::Damaged)
    }
}

/// FNV-1a: tells damage, not malice.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
