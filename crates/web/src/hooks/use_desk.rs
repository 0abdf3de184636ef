//! The desk of an exercise, open for as long as the component that uses it is there.

use std::rc::Rc;

use yew::prelude::*;

use crate::desk::Desk;
use crate::state::LabState;

/// Opens the exercise at `path` and follows its state.
#[hook]
pub(crate) fn use_desk(path: &str, seed: Option<u64>) -> (Rc<LabState>, Desk) {
    let state = use_reducer(LabState::default);
    let dispatch = state.dispatcher();
    let desk = use_memo(path.to_owned(), |path| Desk::new(path, seed, dispatch));
    use_effect_with(desk.clone(), |desk| {
        desk.open(false);
        let desk = desk.clone();
        move || desk.close()
    });
    (Rc::new((*state).clone()), (*desk).clone())
}
