//! Names and hashes that controllers give.

use podyard_api::{Value, json};

/// The letters of hashes in names: no vowels and no look-alikes.
// Models staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go
const ALPHANUMS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A hash of a template, as names and labels hold it. Hashes of a template differ by `collisions`.
// Models pkg/controller/controller_utils.go ComputeHash
pub(crate) fn hash(template: &Value, collisions: Option<i64>) -> String {
    let mut hash = fnv32a(0x811c_9dc5, json::to_string_plain(template).as_bytes());
    if let Some(collisions) = collisions {
        let bytes = u32::try_from(collisions).unwrap_or_default().to_le_bytes();
        hash = fnv32a(hash, &bytes);
        hash = fnv32a(hash, &[0; 4]);
    }
    safe(&hash.to_string())
}

fn fnv32a(start: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// A text in letters that make no words.
fn safe(text: &str) -> String {
    text.bytes().map(|byte| char::from(ALPHANUMS[usize::from(byte) % ALPHANUMS.len()])).collect()
}
