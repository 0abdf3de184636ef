//! What leaves for the page: fewer, larger messages, and what the worker's script must know of them.

use podyard_lab::view::{Envelope, ToPage};

/// Turns answers into JSON texts.
#[derive(Default)]
pub(crate) struct Outbox {
    playing: bool,
    terminal_chars: f64,
}

impl Outbox {
    /// Joins what follows each other for one terminal, notes what is noted, and writes the rest as it is.
    pub(crate) fn take(&mut self, answers: Vec<Envelope<ToPage>>) -> Vec<String> {
        let mut joined: Vec<Envelope<ToPage>> = Vec::with_capacity(answers.len());
        for answer in answers {
            match &answer.body {
                ToPage::Clock { clock } => self.playing = clock.playing,
                ToPage::Terminal { text, .. } => self.terminal_chars += text.encode_utf16().count() as f64,
                _ => {}
            }
            let rest = match joined.last_mut() {
                Some(last) => joins(last, answer),
                None => Some(answer),
            };
            joined.extend(rest);
        }
        joined.iter().filter_map(|answer| serde_json::to_string(answer).ok()).collect()
    }

    /// Whether virtual time ran when the clock was last told.
    pub(crate) fn is_playing(&self) -> bool {
        self.playing
    }

    /// The terminal output so far, in UTF-16 units.
    pub(crate) fn terminal_chars(&self) -> f64 {
        self.terminal_chars
    }
}

/// Adds `next` to `last` if both are output of one terminal; gives it back otherwise.
fn joins(last: &mut Envelope<ToPage>, next: Envelope<ToPage>) -> Option<Envelope<ToPage>> {
    if let (ToPage::Terminal { console, text }, ToPage::Terminal { console: same, text: more }) =
        (&mut last.body, &next.body)
        && console == same
    {
        text.push_str(more);
        return None;
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_lab::view::ClockView;

    fn terminal(console: u32, text: &str) -> ToPage {
        ToPage::Terminal { console, text: text.into() }
    }

    /// Sends the messages and shows what leaves, bodies only.
    fn check(messages: Vec<ToPage>, expected: &[&str]) -> Outbox {
        let mut outbox = Outbox::default();
        let sent = outbox.take(messages.into_iter().map(|body| Envelope::new(0, body)).collect());
        let bodies: Vec<String> = sent
            .iter()
            .map(|text| {
                text.trim_start_matches(r#"{"protocol":1,"id":0,"body":"#).strip_suffix('}').unwrap_or(text).to_owned()
            })
            .collect();
        assert_eq!(bodies, expected);
        outbox
    }

    #[test]
    fn output_of_one_terminal_is_joined() {
        let outbox = check(
            vec![terminal(0, "a"), terminal(0, "bé"), terminal(1, "c"), ToPage::Ready],
            &[r#"{"terminal":{"console":0,"text":"abé"}}"#, r#"{"terminal":{"console":1,"text":"c"}}"#, r#""ready""#],
        );
        assert_eq!(outbox.terminal_chars(), 4.0);
    }

    #[test]
    fn the_clock_says_whether_time_runs() {
        let clock = ClockView { playing: true, ..ClockView::default() };
        let mut outbox = Outbox::default();
        outbox.take(vec![Envelope::new(0, ToPage::Clock { clock })]);
        assert!(outbox.is_playing());
    }
}
