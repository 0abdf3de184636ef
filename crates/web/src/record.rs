//! A session as the browser's storage holds it: versioned texts whose damage shows.
//!
//! Two texts belong to a session: the checkpoint, large and written seldom, and the tail, small and written after
//! every input. Each is one header line (`podyard <part> <version> <protocol> <sum>`) and a JSON body.

use podyard_view::{LoggedInput, PROTOCOL, SavedSession};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Version of these texts; a text of another version is set aside.
const VERSION: u32 = 1;

/// The large part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CheckpointPart {
    pub(crate) seed: u64,
    /// The checkpoint contains every input up to this one.
    pub(crate) sequence: u64,
    /// Base64, as the engine gave it.
    pub(crate) checkpoint: String,
}

/// The small part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TailPart {
    pub(crate) seed: u64,
    /// The inputs follow the checkpoint with this sequence; 0 without a checkpoint.
    pub(crate) after: u64,
    /// The virtual moment at which the session stood.
    pub(crate) until_ms: u64,
    pub(crate) tail: Vec<LoggedInput>,
}

/// The texts found in storage.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StoredTexts {
    pub(crate) checkpoint: Option<String>,
    pub(crate) tail: Option<String>,
    /// The tail written in the last moment before the page went away, where there was one.
    pub(crate) late_tail: Option<String>,
}

/// What could be made of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Restored {
    pub(crate) seed: u64,
    /// Sequence of the checkpoint; 0 without one.
    pub(crate) sequence: u64,
    pub(crate) saved: SavedSession,
}

/// Why a text could not be used, in words for the learner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Damaged,
    /// Written by another release.
    OtherVersion,
}

/// The outcome of reading storage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    /// Nothing was stored.
    Nothing,
    /// All of it is good.
    Whole(Restored),
    /// The checkpoint is good, the inputs after it are not.
    Part(Restored, Unreadable),
    /// Nothing of it can be used.
    Unusable(Unreadable),
}

/// The text of a checkpoint.
pub(crate) fn checkpoint_text(part: &CheckpointPart) -> String {
    sealed("checkpoint", part)
}

/// The text of a tail.
pub(crate) fn tail_text(part: &TailPart) -> String {
    sealed("tail", part)
}

/// Puts the stored texts together again.
pub(crate) fn read(texts: &StoredTexts) -> Reading {
    let checkpoint = match texts.checkpoint.as_deref().map(|text| opened::<CheckpointPart>("checkpoint", text)) {
        None => None,
        Some(Ok(part)) => Some(part),
        Some(Err(why)) => return Reading::Unusable(why),
    };
    let mut best: Option<TailPart> = None;
    let mut trouble = None;
    for text in [&texts.tail, &texts.late_tail].into_iter().flatten() {
        match opened::<TailPart>("tail", text) {
            Ok(part) if fits(&part, checkpoint.as_ref()) => {
                if best.as_ref().is_none_or(|best| reach(&part) >= reach(best)) {
                    best = Some(part);
                }
            }
            // A tail of another start of the exercise, or from after a checkpoint that was never written.
            Ok(_) => {}
            Err(why) => trouble = Some(why),
        }
    }
    let trouble = if best.is_some() { None } else { trouble };
    match (checkpoint, best, trouble) {
        (None, None, None) => Reading::Nothing,
        (None, None, Some(why)) => Reading::Unusable(why),
        (None, Some(tail), _) => Reading::Whole(joined(None, Some(tail))),
        (Some(checkpoint), tail, None) => Reading::Whole(joined(Some(checkpoint), tail)),
        (Some(checkpoint), tail, Some(why)) => Reading::Part(joined(Some(checkpoint), tail), why),
    }
}

fn fits(tail: &TailPart, checkpoint: Option<&CheckpointPart>) -> bool {
    match checkpoint {
        Some(checkpoint) => tail.seed == checkpoint.seed && tail.after <= checkpoint.sequence,
        None => tail.after == 0,
    }
}

/// How far a tail leads: its last input, then how long the session went on after it.
fn reach(tail: &TailPart) -> (u64, u64) {
    (tail.tail.last().map_or(tail.after, |logged| logged.sequence), tail.until_ms)
}

fn joined(checkpoint: Option<CheckpointPart>, tail: Option<TailPart>) -> Restored {
    let sequence = checkpoint.as_ref().map_or(0, |part| part.sequence);
    let seed = checkpoint.as_ref().map(|part| part.seed).or(tail.as_ref().map(|tail| tail.seed)).unwrap_or_default();
    let (until_ms, mut inputs) = tail.map_or((0, Vec::new()), |tail| (tail.until_ms, tail.tail));
    inputs.retain(|logged| logged.sequence > sequence);
    let saved = SavedSession { checkpoint: checkpoint.map(|part| part.checkpoint), tail: inputs, until_ms };
    Restored { seed, sequence, saved }
}

fn sealed<T: Serialize>(part: &str, body: &T) -> String {
    let body = serde_json::to_string(body).unwrap_or_default();
    format!("podyard {part} {VERSION} {PROTOCOL} {:016x}\n{body}", sum(&body))
}

fn opened<T: DeserializeOwned>(part: &str, text: &str) -> Result<T, Unreadable> {
    let (header, body) = text.split_once('\n').ok_or(Unreadable::Damaged)?;
    let words: Vec<&str> = header.split(' ').collect();
    let ["podyard", found, version, protocol, expected] = words.as_slice() else {
        return Err(Unreadable::Damaged);
    };
    if *found != part {
        return Err(Unreadable::Damaged);
    }
    if version.parse() != Ok(VERSION) || protocol.parse() != Ok(PROTOCOL) {
        return Err(Unreadable::OtherVersion);
    }
    if format!("{:016x}", sum(body)) != *expected {
        return Err(Unreadable::Damaged);
    }
    serde_json::from_str(body).map_err(|_| Unreadable::Damaged)
}

/// FNV-1a: enough to notice damage, which is all it is for.
fn sum(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_view::Input;

    fn tail(after: u64, sequences: &[u64], until_ms: u64) -> String {
        let tail = sequences
            .iter()
            .map(|&sequence| LoggedInput { sequence, at_ms: sequence * 10, input: Input::RevealSolution })
            .collect();
        tail_text(&TailPart { seed: 7, after, until_ms, tail })
    }

    fn checkpoint(sequence: u64) -> String {
        checkpoint_text(&CheckpointPart { seed: 7, sequence, checkpoint: "AAAA".into() })
    }

    /// Reads the texts and says in one line what came of it.
    fn check(checkpoint: Option<String>, tail: Option<String>, late_tail: Option<String>, expected: &str) {
        let show = |restored: &Restored| {
            let inputs: Vec<u64> = restored.saved.tail.iter().map(|logged| logged.sequence).collect();
            format!("from {} then {inputs:?} until {}", restored.sequence, restored.saved.until_ms)
        };
        let found = match read(&StoredTexts { checkpoint, tail, late_tail }) {
            Reading::Nothing => "nothing".to_owned(),
            Reading::Whole(restored) => show(&restored),
            Reading::Part(restored, why) => format!("{} ({why:?})", show(&restored)),
            Reading::Unusable(why) => format!("{why:?}"),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_two_parts_are_joined() {
        check(None, None, None, "nothing");
        check(Some(checkpoint(2)), Some(tail(2, &[3, 4], 50)), None, "from 2 then [3, 4] until 50");
        check(None, Some(tail(0, &[1, 2], 20)), None, "from 0 then [1, 2] until 20");
        // The checkpoint is newer than the tail beside it.
        check(Some(checkpoint(3)), Some(tail(2, &[3, 4], 50)), None, "from 3 then [4] until 50");
    }

    #[test]
    fn the_later_tail_wins() {
        check(Some(checkpoint(2)), Some(tail(2, &[3], 40)), Some(tail(2, &[3, 4], 50)), "from 2 then [3, 4] until 50");
        check(Some(checkpoint(2)), Some(tail(2, &[3], 40)), Some(tail(2, &[3], 90)), "from 2 then [3] until 90");
        // It follows a checkpoint that was never written, so inputs are missing between the two.
        check(Some(checkpoint(2)), Some(tail(2, &[3], 40)), Some(tail(5, &[6], 90)), "from 2 then [3] until 40");
    }

    #[test]
    fn damage_shows() {
        let broken = |text: String| Some(text.replace("\"seed\":7", "\"seed\":8"));
        check(broken(checkpoint(2)), Some(tail(2, &[3], 40)), None, "Damaged");
        check(Some(checkpoint(2)), broken(tail(2, &[3], 40)), None, "from 2 then [] until 0 (Damaged)");
        check(Some("no header".into()), None, None, "Damaged");
        check(Some(String::new()), None, None, "Damaged");
        check(Some(checkpoint(2).replacen(" 1 ", " 0 ", 1)), None, None, "OtherVersion");
        check(Some(checkpoint(2)), broken(tail(2, &[3], 40)), Some(tail(2, &[3], 41)), "from 2 then [3] until 41");
    }
}
