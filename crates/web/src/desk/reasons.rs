//! The tables of verdicts: asked for while they are shown, at most once a second, and when the cluster has changed.

use podyard_view::{ToEngine, WhyKind, WhyTable};

use super::{Desk, Question};
use crate::state::Action;

/// Which table is shown, and what of it is known.
#[derive(Default)]
pub(super) struct Watched {
    pub(super) kind: Option<WhyKind>,
    choice: String,
    /// The revision of the table that the page has; 0 for none.
    pub(super) known: u64,
    pub(super) asked: Option<Vec<String>>,
}

impl Watched {
    pub(super) fn seen(&mut self, table: &WhyTable) {
        if self.kind == Some(table.kind) {
            self.known = table.revision;
        }
    }
}

impl Desk {
    /// Shows a table in the place of the map, or the map again.
    pub(crate) fn show_table(&self, kind: Option<WhyKind>) {
        self.with(|state| state.watched = Watched { kind, ..Watched::default() });
        self.dispatch(Action::ShowTable(kind));
        self.cancel(Question::WhyTable);
        self.cancel(Question::Why);
        self.refresh_why();
    }

    /// Shows the table of another pod or namespace.
    pub(crate) fn choose(&self, choice: String) {
        self.with(|state| (state.watched.choice, state.watched.known) = (choice, 0));
        self.cancel(Question::WhyTable);
        self.refresh_why();
    }

    /// Asks for the reasons of a cell.
    pub(crate) fn ask_reasons(&self, question: Vec<String>) {
        self.with(|state| state.watched.asked = Some(question.clone()));
        self.dispatch(Action::Ask(question));
        self.cancel(Question::Why);
        self.ask_why();
    }

    /// Asks for the table that is shown, if there may be a newer one.
    pub(super) fn refresh_why(&self) {
        let wanted = self.with(|state| {
            let free = state.open && !state.asks(Question::WhyTable);
            let watched = &state.watched;
            watched.kind.filter(|_| free).map(|kind| (kind, watched.choice.clone(), watched.known))
        });
        if let Some((table, choice, known)) = wanted {
            self.ask(Question::WhyTable, ToEngine::WhyTable { table, choice, known }, 0.0);
        }
    }

    /// Asks for the reasons of the chosen cell, which may have changed with the table.
    pub(super) fn ask_why(&self) {
        let wanted = self.with(|state| {
            let free = state.open && !state.asks(Question::Why);
            state.watched.asked.clone().filter(|_| free)
        });
        if let Some(question) = wanted {
            self.ask(Question::Why, ToEngine::Why { question }, 0.0);
        }
    }
}
