//! Seeded random streams: one for each subsystem, so that a new draw in one renames nothing in another.

use serde::{Deserialize, Serialize};

/// A small, fast, seeded generator (SplitMix64). Its state is plain data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rng(u64);

/// The letters of generated names: no vowels and no look-alikes.
// Models staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go
const ALPHANUMS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

impl Rng {
    /// The stream of `subsystem` for a cluster's `seed`.
    pub fn new(seed: u64, subsystem: &str) -> Self {
        // FNV-1a of the name keeps the streams apart.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in subsystem.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let mut rng = Self(seed ^ hash);
        rng.next_u64();
        rng
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The product's high half is uniform enough for names and choices.
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// `length` letters as in generated names.
    pub fn suffix(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(ALPHANUMS[self.below(ALPHANUMS.len() as u64) as usize])).collect()
    }

    /// `digits` hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.below(16) as usize])).collect()
    }

    /// A random (version 4) UUID.
    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.next_u64(), self.next_u64());
        let high = a & 0xffff_ffff_ffff_0fff | 0x4000;
        let low = b & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
        let mut text = String::with_capacity(36);
        for digit in 0..32 {
            if matches!(digit, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            let word = if digit < 16 { high } else { low };
            let nibble = (word >> (60 - digit % 16 * 4) & 0xf) as usize;
            text.push(char::from(b"0123456789abcdef"[nibble]));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_do_not_touch_each_other() {
        let draw = |subsystem: &str| Rng::new(7, subsystem).suffix(10);
        assert_eq!(draw("names"), draw("names"));
        assert_ne!(draw("names"), draw("uids"));
        assert_ne!(Rng::new(7, "names").suffix(10), Rng::new(8, "names").suffix(10));
    }

    #[test]
    fn a_uuid_has_its_form() {
        let uuid = Rng::new(1, "uids").uuid();
        let parts: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert!(uuid.as_bytes()[14] == b'4' && b"89ab".contains(&uuid.as_bytes()[19]), "{uuid}");
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut rng = Rng::new(3, "numbers");
        assert!((0..1000).all(|_| rng.below(7) < 7));
        assert_eq!(rng.below(0), 0);
    }
}
