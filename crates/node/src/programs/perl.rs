//! `perl`, as far as examples go: `print bpi(2000)` prints pi to that many digits.

use ecow::EcoString;
use podyard_kernel::{Answer, Args, Bytes, Syscall};
use serde::{Deserialize, Serialize};

/// A running `perl`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Perl {
    program: EcoString,
    said: bool,
}

/// The most digits that are computed.
const MAX_DIGITS: usize = 5_000;

impl Perl {
    pub(super) fn new(args: &Args) -> Self {
        let after_flag = |word: &EcoString| word.starts_with('-') && !word.starts_with("-M") && word.ends_with('e');
        let at = args.argv.iter().position(after_flag);
        Self { program: at.and_then(|at| args.argv.get(at + 1).cloned()).unwrap_or_default(), said: false }
    }

    pub(super) fn step(&mut self, _: Answer) -> Syscall {
        if std::mem::replace(&mut self.said, true) {
            return Syscall::Exit(u8::from(self.text().is_none()));
        }
        match self.text() {
            Some(text) => Syscall::Write { fd: 1, bytes: Bytes::from(text.as_bytes()) },
            None => Syscall::Write { fd: 2, bytes: Bytes::from(b"perl: this program is not simulated\n".as_slice()) },
        }
    }

    fn text(&self) -> Option<String> {
        if self.program.is_empty() {
            return Some(String::new());
        }
        let rest = self.program.trim().strip_prefix("print")?.trim();
        if let Some(digits) = rest.strip_prefix("bpi(").and_then(|rest| rest.split(')').next()) {
            return Some(format!("{}\n", pi(digits.trim().parse().ok()?)));
        }
        let quoted = rest.trim_end_matches(';').trim();
        let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
        Some(format!("{}\n", inner.replace("\\n", "\n")))
    }
}

/// Pi to this many digits, by the spigot of Rabinowitz and Wagon, the last one rounded.
fn pi(digits: usize) -> String {
    let digits = digits.clamp(1, MAX_DIGITS);
    let wanted = digits + 3;
    let mut remainders = vec![2_u64; wanted * 10 / 3 + 2];
    let mut found: Vec<u8> = Vec::new();
    let (mut nines, mut held) = (0, None);
    while found.len() <= wanted {
        let mut carry = 0;
        for index in (0..remainders.len()).rev() {
            let value = remainders[index] * 10 + carry * (index as u64 + 1);
            let divisor = if index == 0 { 10 } else { 2 * index as u64 + 1 };
            remainders[index] = value % divisor;
            carry = value / divisor;
        }
        match (carry, held) {
            (9, _) => nines += 1,
            (_, None) => held = u8::try_from(carry).ok(),
            (_, Some(digit)) => {
                let over = u8::from(carry == 10);
                found.push(digit + over);
                found.extend(std::iter::repeat_n(if over == 1 { 0 } else { 9 }, nines));
                (nines, held) = (0, Some((carry % 10) as u8));
            }
        }
    }
    round(&found, digits)
}

/// `3.14…` with so many digits in all.
fn round(found: &[u8], digits: usize) -> String {
    let mut kept = found[..digits].to_vec();
    let mut carry = found[digits] >= 5;
    for digit in kept.iter_mut().rev() {
        if !carry {
            break;
        }
        carry = *digit == 9;
        *digit = if carry { 0 } else { *digit + 1 };
    }
    let text: String = kept.iter().map(|digit| char::from(b'0' + digit)).collect();
    if digits == 1 { text } else { format!("{}.{}", &text[..1], &text[1..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_pi() {
        for (digits, expect) in [(1, "3"), (2, "3.1"), (4, "3.142"), (20, "3.1415926535897932385")] {
            assert_eq!(pi(digits), expect);
        }
        // Where six nines come in a row.
        assert!(pi(771).ends_with("99999837"), "{}", pi(771));
        assert_eq!(pi(2000).len(), 2001);
    }
}
