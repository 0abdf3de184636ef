//! The page's side of a session: what has been typed, what the engine has taken, and what to go back to when it dies.
//!
//! Every input is kept until a checkpoint contains it, so that neither a reload nor a dead engine loses anything typed.

use std::collections::VecDeque;

use podyard_view::{Input, LoggedInput, SavedSession};

use crate::record::{CheckpointPart, Restored, TailPart};

/// A pasted text is cut into pieces of this many bytes, so that the engine takes turns between them.
const PIECE: usize = 16 * 1024;
/// How many inputs may be on their way to the engine at once.
const WINDOW: usize = 4;
/// The longest text that is shown back after a failure, in bytes.
const SHOWN_BACK: usize = 64 * 1024;

/// One session of one exercise, from the page's side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    pub(crate) seed: u64,
    last_sequence: u64,
    checkpoint: Option<(u64, String)>,
    tail: Vec<LoggedInput>,
    until_ms: u64,
    /// Sent, and not yet accepted.
    sent: VecDeque<(u64, Input)>,
    /// Waiting for room in the window.
    outbox: VecDeque<Input>,
    /// Failures since the engine last ran calmly, and what was dropped because of them.
    failures: u32,
    dropped: Vec<Input>,
}

/// What to do after the engine has died.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recovery {
    /// Where to go on; `None` starts the exercise from the beginning.
    pub(crate) saved: Option<SavedSession>,
    /// What was typed and will not be run again.
    pub(crate) shown_back: String,
}

impl Session {
    /// A session at the beginning of the exercise.
    pub(crate) fn fresh(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// A session as it was found in storage.
    pub(crate) fn restored(restored: &Restored) -> Self {
        let saved = restored.saved.clone();
        Self {
            seed: restored.seed,
            last_sequence: saved.tail.last().map_or(restored.sequence, |logged| logged.sequence),
            checkpoint: saved.checkpoint.map(|checkpoint| (restored.sequence, checkpoint)),
            tail: saved.tail,
            until_ms: saved.until_ms,
            ..Self::default()
        }
    }

    /// What the engine needs to stand where this session stands; `None` for the beginning of the exercise.
    pub(crate) fn saved(&self) -> Option<SavedSession> {
        if self.checkpoint.is_none() && self.tail.is_empty() && self.until_ms == 0 {
            return None;
        }
        let checkpoint = self.checkpoint.as_ref().map(|(_, checkpoint)| checkpoint.clone());
        Some(SavedSession { checkpoint, tail: self.tail.clone(), until_ms: self.until_ms })
    }

    /// Takes what the learner did. [`Session::next_to_send`] says when it may go to the engine.
    pub(crate) fn push(&mut self, input: Input) {
        match input {
            Input::Terminal { console, text } => {
                if text.contains('\u{3}') && text.len() < PIECE {
                    self.drop_pasted(console);
                }
                for piece in pieces(&text) {
                    self.outbox.push_back(Input::Terminal { console, text: piece.to_owned() });
                }
            }
            other => self.outbox.push_back(other),
        }
    }

    /// The next input for the engine, with its sequence, while there is room for it.
    pub(crate) fn next_to_send(&mut self) -> Option<(u64, Input)> {
        if self.sent.len() >= WINDOW {
            return None;
        }
        let input = self.outbox.pop_front()?;
        self.last_sequence += 1;
        self.sent.push_back((self.last_sequence, input.clone()));
        Some((self.last_sequence, input))
    }

    /// How many bytes of text wait to be sent: what remains of a paste.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.outbox.iter().map(|input| if let Input::Terminal { text, .. } = input { text.len() } else { 0 }).sum()
    }

    /// The engine took an input.
    pub(crate) fn accepted(&mut self, logged: LoggedInput) {
        self.sent.retain(|(sequence, _)| *sequence != logged.sequence);
        self.until_ms = logged.at_ms;
        self.tail.push(logged);
    }

    /// Where virtual time stands, in milliseconds since the exercise began.
    pub(crate) fn now_ms(&self) -> u64 {
        self.until_ms
    }

    /// Virtual time stands at `now_ms`.
    pub(crate) fn clock(&mut self, now_ms: u64) {
        self.until_ms = now_ms;
    }

    /// The engine gave a checkpoint with every input up to `sequence`.
    pub(crate) fn checkpointed(&mut self, checkpoint: String, sequence: u64) {
        self.tail.retain(|logged| logged.sequence > sequence);
        self.checkpoint = Some((sequence, checkpoint));
    }

    /// For storage: the checkpoint, where there is one.
    pub(crate) fn checkpoint_part(&self) -> Option<CheckpointPart> {
        let (sequence, checkpoint) = self.checkpoint.clone()?;
        Some(CheckpointPart { seed: self.seed, sequence, checkpoint })
    }

    /// For storage: what came after the checkpoint.
    pub(crate) fn tail_part(&self) -> TailPart {
        let after = self.checkpoint.as_ref().map_or(0, |(sequence, _)| *sequence);
        TailPart { seed: self.seed, after, until_ms: self.until_ms, tail: self.tail.clone() }
    }

    /// The size of what came after the checkpoint, in bytes of typed text.
    pub(crate) fn tail_bytes(&self) -> usize {
        self.tail.iter().map(|logged| input_text(&logged.input).map_or(16, str::len)).sum()
    }

    /// Whether the engine has failed a moment ago, so that its state is not to be trusted as a checkpoint yet.
    pub(crate) fn is_shaken(&self) -> bool {
        self.failures > 0
    }

    /// The engine has run for a while since its last failure.
    pub(crate) fn calm(&mut self) {
        self.failures = 0;
        self.dropped.clear();
    }

    /// Whether it died again right from the beginning, so that starting it once more is of no use.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.failures > 4
    }

    /// Whether the record in storage has turned out to be what kills the engine.
    pub(crate) fn gave_up_record(&self) -> bool {
        self.failures == 4
    }

    /// The engine died. Says from where to go on, a larger step back each time it dies again soon:
    /// without the last input, without the last line, without anything after the checkpoint, from the beginning.
    /// `asked` says that it died over a question (a check, an inspection) rather than over an input.
    pub(crate) fn recover(&mut self, asked: bool) -> Recovery {
        self.failures += 1;
        let kept = match self.failures {
            1 if asked || !self.sent.is_empty() => self.tail.len(),
            1 => self.before_last_input(),
            2 => self.before_last_line(),
            _ => 0,
        };
        let mut dropped: Vec<Input> = self.tail.drain(kept..).map(|logged| logged.input).collect();
        dropped.append(&mut self.dropped);
        dropped.extend(self.sent.drain(..).map(|(_, input)| input));
        dropped.extend(self.outbox.drain(..));
        let shown_back = shown_back(&self.tail, &dropped);
        self.dropped = dropped;
        self.until_ms = self.tail.last().map_or(0, |logged| logged.at_ms);
        if self.failures > 3 {
            self.checkpoint = None;
        }
        Recovery { saved: self.saved(), shown_back }
    }

    /// Ctrl-C also ends a paste that is still under way.
    fn drop_pasted(&mut self, console: u32) {
        self.outbox.retain(|input| !matches!(input, Input::Terminal { console: of, .. } if *of == console));
    }

    /// How many inputs come before the last one that the learner made. Sizes of windows are told anew anyway.
    fn before_last_input(&self) -> usize {
        self.tail.iter().rposition(|logged| !matches!(logged.input, Input::Resize { .. })).unwrap_or(0)
    }

    /// How many inputs come before the last line that was entered.
    fn before_last_line(&self) -> usize {
        let mut ends = self.tail.iter().enumerate().rev().filter(|(_, logged)| ends_line(&logged.input));
        ends.nth(1).map_or(0, |(index, _)| index + 1)
    }
}

/// Cuts a text at character boundaries.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len().min(PIECE);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

fn input_text(input: &Input) -> Option<&str> {
    match input {
        Input::Terminal { text, .. } => Some(text),
        _ => None,
    }
}

fn ends_line(input: &Input) -> bool {
    input_text(input).is_some_and(|text| text.contains(['\r', '\n']))
}

/// The line that was being typed when `dropped` was dropped: what `kept` began and `dropped` went on with.
fn shown_back(kept: &[LoggedInput], dropped: &[Input]) -> String {
    let mut begun: Vec<&str> = Vec::new();
    for logged in kept.iter().rev() {
        match input_text(&logged.input) {
            Some(text) if text.contains(['\r', '\n', '\u{3}']) => {
                begun.extend(text.rsplit(['\r', '\n', '\u{3}']).next());
                break;
            }
            Some(text) => begun.push(text),
            None => {}
        }
    }
    let typed: String = begun.into_iter().rev().chain(dropped.iter().filter_map(input_text)).collect();
    let mut shown = as_seen(&typed);
    if shown.len() > SHOWN_BACK {
        let end = (0..=SHOWN_BACK).rev().find(|&end| shown.is_char_boundary(end)).unwrap_or(0);
        shown.truncate(end);
    }
    shown
}

/// Typed keys as the text they leave: backspace takes a character away, cursor keys leave nothing.
fn as_seen(typed: &str) -> String {
    let mut seen = String::new();
    let mut keys = typed.chars().peekable();
    while let Some(key) = keys.next() {
        match key {
            '\r' | '\n' => seen.push('\n'),
            '\u{7f}' | '\u{8}' => {
                seen.pop();
            }
            '\u{15}' => seen.clear(),
            '\u{1b}' => {
                if matches!(keys.peek(), Some('[' | 'O')) {
                    keys.next();
                    for key in keys.by_ref() {
                        if key.is_ascii_alphabetic() || key == '~' {
                            break;
                        }
                    }
                } else {
                    keys.next();
                }
            }
            key if key.is_control() => {}
            key => seen.push(key),
        }
    }
    seen.trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Input {
        Input::Terminal { console: 0, text: text.into() }
    }

    /// A session into which the texts were typed one by one, and taken by the engine.
    fn session(texts: &[&str]) -> Session {
        let mut session = Session::fresh(1);
        for text in texts {
            session.push(typed(text));
            let (sequence, input) = session.next_to_send().expect("room");
            session.accepted(LoggedInput { sequence, at_ms: sequence * 100, input });
        }
        session
    }

    fn tail_of(session: &Session) -> String {
        session.tail.iter().filter_map(|logged| input_text(&logged.input)).collect::<Vec<_>>().join("|")
    }

    /// Lets the engine die `times` times in a row and says what is kept and what is shown back the last time.
    fn check_recovery(texts: &[&str], times: u32, kept: &str, shown_back: &str) {
        let mut session = session(texts);
        let mut last = None;
        for _ in 0..times {
            last = Some(session.recover(false));
        }
        assert_eq!(tail_of(&session), kept);
        assert_eq!(last.map(|recovery| recovery.shown_back).as_deref(), Some(shown_back));
    }

    #[test]
    fn each_failure_steps_further_back() {
        let texts = ["pwd\r", "ls", "\r", "bo", "x", "\u{7f}om", "\r"];
        check_recovery(&texts, 1, "pwd\r|ls|\r|bo|x|\u{7f}om", "boom");
        check_recovery(&texts, 2, "pwd\r", "ls\nboom");
        check_recovery(&texts, 3, "", "pwd\nls\nboom");
        check_recovery(&texts, 4, "", "pwd\nls\nboom");
    }

    #[test]
    fn what_was_on_its_way_is_shown_back() {
        let mut session = session(&["ls\r"]);
        session.push(typed("echo a"));
        session.push(typed("\r"));
        session.next_to_send();
        let recovery = session.recover(false);
        assert_eq!(recovery.shown_back, "echo a");
        assert_eq!(tail_of(&session), "ls\r");
        assert_eq!(recovery.saved.map(|saved| saved.until_ms), Some(100));
    }

    #[test]
    fn dying_over_a_question_drops_nothing() {
        let mut session = session(&["ls\r", "pwd\r"]);
        let recovery = session.recover(true);
        assert_eq!((tail_of(&session).as_str(), recovery.shown_back.as_str()), ("ls\r|pwd\r", ""));
    }

    #[test]
    fn a_paste_goes_in_pieces() {
        let mut session = Session::fresh(1);
        let text = "é".repeat(PIECE * 3);
        session.push(typed(&text));
        let mut got = String::new();
        let mut most = 0;
        loop {
            let mut batch = Vec::new();
            while let Some(next) = session.next_to_send() {
                batch.push(next);
            }
            if batch.is_empty() {
                break;
            }
            most = most.max(batch.len());
            for (sequence, input) in batch {
                got.push_str(input_text(&input).unwrap_or_default());
                session.accepted(LoggedInput { sequence, at_ms: 0, input });
            }
        }
        assert!(got == text, "pieces must join to the text");
        assert_eq!(most, WINDOW);
    }

    #[test]
    fn ctrl_c_ends_a_paste() {
        let mut session = Session::fresh(1);
        session.push(typed(&"x".repeat(PIECE * 9)));
        while session.next_to_send().is_some() {}
        session.push(typed("\u{3}"));
        assert_eq!(session.waiting_bytes(), 1);
    }

    #[test]
    fn a_checkpoint_shortens_the_tail() {
        let mut session = session(&["a", "b", "c"]);
        session.checkpointed("AAAA".into(), 2);
        assert_eq!(tail_of(&session), "c");
        let part = session.tail_part();
        assert_eq!((part.after, part.tail.len()), (2, 1));
        let restored = Restored { seed: 1, sequence: 2, saved: session.saved().expect("something to save") };
        let mut again = Session::restored(&restored);
        again.push(typed("d"));
        assert_eq!(again.next_to_send().map(|(sequence, _)| sequence), Some(4));
    }
}
