//! Keeping the session: when it is written to the browser's storage, and how it is read back.

use podyard_view::ToEngine;

use super::{Desk, Question};
use crate::bridge;
use crate::record::{self, Reading, StoredTexts, Unreadable};
use crate::session::Session;
use crate::state::NoticeKind;

/// Seconds without an input after which a checkpoint is asked for.
const AFTER_INPUT: u64 = 2;
/// Seconds after which a checkpoint is due even when only time has passed, or inputs never pause.
const AT_LATEST: u64 = 30;
/// Inputs of this size (bytes) make a checkpoint due at once, at most every [`BETWEEN`] seconds.
const LARGE_TAIL: usize = 256 * 1024;
const BETWEEN: u64 = 5;
/// Seconds without a failure after which the engine is trusted again.
const CALM: u64 = 20;
/// The largest tail (bytes) that is written in the moment the page goes away.
const LATE_TAIL: usize = 1024 * 1024;

/// What is due. Times are the seconds of [`Keeping::seconds`].
#[derive(Default)]
pub(super) struct Keeping {
    /// Seconds since the desk was opened, counted while the page is awake.
    pub(super) seconds: u64,
    last_input: u64,
    last_checkpoint: u64,
    last_failure: u64,
    last_write: u64,
    /// Where virtual time stood at the last checkpoint and at the last write, in milliseconds.
    checkpoint_at_ms: u64,
    written_at_ms: u64,
    /// There are inputs that no checkpoint contains yet.
    inputs: bool,
    /// There are inputs that are not in storage yet.
    unwritten: bool,
    /// The checkpoint is not in storage yet.
    unwritten_checkpoint: bool,
    writing: bool,
    /// The learner knows that nothing is stored.
    told: bool,
}

impl Keeping {
    pub(super) fn input_taken(&mut self) {
        self.last_input = self.seconds;
        self.inputs = true;
        self.unwritten = true;
    }

    pub(super) fn failed(&mut self) {
        self.last_failure = self.seconds;
        self.unwritten = true;
    }

    fn checkpoint_due(&self, tail_bytes: usize, now_ms: u64) -> bool {
        let since_checkpoint = self.seconds - self.last_checkpoint;
        let paused = self.inputs && self.seconds - self.last_input >= AFTER_INPUT;
        let large = tail_bytes > LARGE_TAIL && since_checkpoint >= BETWEEN;
        let moved = self.inputs || now_ms != self.checkpoint_at_ms;
        paused || large || (moved && since_checkpoint >= AT_LATEST)
    }

    fn write_due(&self, tail_bytes: usize, now_ms: u64) -> bool {
        let since = self.seconds - self.last_write;
        let soon = (self.unwritten || self.unwritten_checkpoint) && (tail_bytes < LARGE_TAIL || since >= BETWEEN);
        let moved = now_ms != self.written_at_ms;
        !self.writing && (soon || (moved && since >= BETWEEN))
    }
}

impl Desk {
    /// Asks for a checkpoint and writes to storage what is due. Called every second.
    pub(super) fn keep(&self) {
        let ask = self.with(|state| {
            let seconds = state.keeping.seconds;
            if state.session.is_shaken() && state.open && seconds - state.keeping.last_failure >= CALM {
                state.session.calm();
            }
            let free = state.open && !state.session.is_shaken() && !state.asks(Question::Save);
            free && state.keeping.checkpoint_due(state.session.tail_bytes(), state.session.now_ms())
        });
        if ask {
            self.with(|state| {
                state.keeping.inputs = false;
                state.keeping.last_checkpoint = state.keeping.seconds;
                state.keeping.checkpoint_at_ms = state.session.now_ms();
            });
            self.ask(Question::Save, ToEngine::Save, 0.0);
        }
        if self.with(|state| state.open && state.keeping.write_due(state.session.tail_bytes(), state.session.now_ms()))
        {
            self.write();
        }
    }

    pub(super) fn checkpointed(&self, checkpoint: String, sequence: u64) {
        self.with(|state| {
            state.session.checkpointed(checkpoint, sequence);
            state.keeping.unwritten_checkpoint = true;
        });
        if self.with(|state| !state.keeping.writing) {
            self.write();
        }
    }

    fn write(&self) {
        let (checkpoint, tail) = self.with(|state| {
            let keeping = &mut state.keeping;
            keeping.writing = true;
            keeping.unwritten = false;
            keeping.last_write = keeping.seconds;
            keeping.written_at_ms = state.session.now_ms();
            let with_checkpoint = std::mem::take(&mut keeping.unwritten_checkpoint);
            let part = if with_checkpoint { state.session.checkpoint_part() } else { None };
            (part, state.session.tail_part())
        });
        let desk = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let has_checkpoint = checkpoint.is_some();
            let checkpoint = checkpoint.as_ref().map(record::checkpoint_text);
            let written = bridge::record_write(&desk.0.path, checkpoint, &record::tail_text(&tail)).await;
            let tell = desk.with(|state| {
                let keeping = &mut state.keeping;
                keeping.writing = false;
                if written.is_err() {
                    keeping.unwritten_checkpoint |= has_checkpoint;
                    keeping.unwritten = true;
                }
                let tell = written.is_err() && !keeping.told;
                keeping.told = written.is_err();
                tell
            });
            if let (true, Err(full)) = (tell, written) {
                desk.notify(NoticeKind::NotStored { full });
            }
        });
    }

    /// Writes what can be written at once; the page is about to go away.
    pub(super) fn keep_late(&self) {
        let tail = self.with(|state| {
            let small = state.session.tail_bytes() <= LATE_TAIL;
            (state.open && !state.closed && small).then(|| state.session.tail_part())
        });
        if let Some(tail) = tail {
            bridge::late_write(&self.0.path, &record::tail_text(&tail));
        }
    }

    /// The session as storage has it, or a new one.
    pub(super) async fn stored_session(&self) -> Session {
        let fresh = Session::fresh(self.fresh_seed());
        let Ok([checkpoint, tail, late_tail]) = bridge::record_read(&self.0.path).await else {
            self.with(|state| state.keeping.told = true);
            self.notify(NoticeKind::NotStored { full: false });
            return fresh;
        };
        match record::read(&StoredTexts { checkpoint, tail, late_tail }) {
            Reading::Nothing => fresh,
            Reading::Whole(restored) => Session::restored(&restored),
            Reading::Part(restored, why) => {
                self.set_aside(why == Unreadable::OtherVersion, true).await;
                let session = Session::restored(&restored);
                self.with(|state| state.keeping.unwritten_checkpoint = true);
                session
            }
            Reading::Unusable(why) => {
                self.set_aside(why == Unreadable::OtherVersion, false).await;
                fresh
            }
        }
    }

    /// Puts what is stored where the learner can download it, and says so.
    pub(super) async fn set_aside(&self, other_version: bool, partly: bool) {
        bridge::record_set_aside(&self.0.path).await;
        self.notify(NoticeKind::SetAside { other_version, partly });
    }

    /// Downloads what was set aside.
    pub(crate) fn download_aside(&self) {
        let desk = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let text = bridge::aside_text(&desk.0.path).await;
            bridge::download(&format!("{}-set-aside.json", desk.file_stem()), &text);
        });
    }

    /// Downloads the session as it stands.
    pub(crate) fn download_session(&self) {
        let (checkpoint, tail) = self.with(|state| (state.session.checkpoint_part(), state.session.tail_part()));
        let checkpoint = checkpoint.as_ref().map(record::checkpoint_text).unwrap_or_default();
        let text = format!("{checkpoint}\n{}\n", record::tail_text(&tail));
        bridge::download(&format!("{}.podyard-session", self.file_stem()), &text);
    }

    fn file_stem(&self) -> String {
        self.0.path.replace('/', "-")
    }
}
