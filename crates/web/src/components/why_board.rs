//! A table of verdicts in the place of the map, and the reasons of the cell that was chosen.

use std::rc::Rc;

use podyard_view::{ExplanationLine, ExplanationView, ObjectRef, WhyCell, WhyHead, WhyKind, WhyTable};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlSelectElement};
use yew::prelude::*;

use super::board_tabs::BoardTabs;
use super::pod_chip::tone;
use crate::state::{ByRef, WhyState};

#[derive(PartialEq, Properties)]
pub(crate) struct WhyBoardProps {
    pub(crate) why: WhyState,
    pub(crate) on_show: Callback<Option<WhyKind>>,
    /// Another pod or namespace is to be shown.
    pub(crate) on_choose: Callback<String>,
    pub(crate) on_ask: Callback<Vec<String>>,
    pub(crate) on_inspect: Callback<ObjectRef>,
}

#[component(WhyBoard)]
pub(crate) fn why_board(props: &WhyBoardProps) -> Html {
    let name = match props.why.kind {
        Some(WhyKind::Access) => "Access",
        Some(WhyKind::Network) => "Network",
        _ => "Scheduling",
    };
    html! {
        <section class="map-panel panel" id="panel-map" tabindex="-1" aria-labelledby="map-title">
            <h2 class="sr-only" id="map-title">{ format!("Cluster: {name}") }</h2>
            <BoardTabs shown={props.why.kind} on_show={props.on_show.clone()} />
            <div class="board" id="board" role="tabpanel" aria-label={name}>
                if let Some(table) = &props.why.table {
                    { head(table, &props.on_choose) }
                    <Verdicts table={table.clone()} asked={props.why.asked.clone()} on_ask={props.on_ask.clone()}
                        on_inspect={props.on_inspect.clone()} />
                    if !table.omitted.is_empty() {
                        <p class="board__note">{ &table.omitted }</p>
                    }
                    { reasons(props) }
                } else {
                    <p class="board__note" role="status">{ "Reading …" }</p>
                }
            </div>
        </section>
    }
}

/// What the table is, and what else it can show.
fn head(table: &WhyTable, on_choose: &Callback<String>) -> Html {
    let label = match table.kind {
        WhyKind::Scheduling => "Pod",
        WhyKind::Access => "Namespace",
        WhyKind::Network => "Pods",
    };
    let onchange = on_choose.reform(|event: Event| {
        event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value()).unwrap_or_default()
    });
    html! {
        <div class="board__head">
            if !table.choices.is_empty() {
                <label class="board__choice">{ label }{ " " }
                    <select {onchange}>
                        { for table.choices.iter().map(|choice| html! {
                            <option value={choice.clone()} selected={*choice == table.choice}>{ choice }</option>
                        }) }
                    </select>
                </label>
            }
            <p class="board__caption" id="board-caption">{ &table.caption }</p>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct VerdictsProps {
    table: ByRef<WhyTable>,
    asked: Option<Rc<Vec<String>>>,
    on_ask: Callback<Vec<String>>,
    on_inspect: Callback<ObjectRef>,
}

/// The table itself. One of its buttons is in the order of Tab; arrow keys lead to the others.
#[component(Verdicts)]
fn verdicts(props: &VerdictsProps) -> Html {
    let stop = use_state(|| (1_usize, 1_usize));
    let table = &props.table;
    if table.columns.is_empty() {
        return Html::default();
    }
    let shown = (stop.0.min(table.rows.len()), stop.1.min(table.columns.len()));
    let tab_index = move |at: (usize, usize)| if at == shown { "0" } else { "-1" };
    let onfocusin = {
        let stop = stop.clone();
        Callback::from(move |event: FocusEvent| {
            if let Some(at) = event.target_dyn_into::<Element>().and_then(|element| place(&element)) {
                stop.set(at);
            }
        })
    };
    let header = |head: &WhyHead, at: (usize, usize)| match &head.object {
        Some(object) => {
            let object = object.clone();
            let onclick = props.on_inspect.reform(move |_| object.clone());
            html! {
                <button type="button" class="why-head" data-why-stop={mark(at)} tabindex={tab_index(at)} {onclick}>
                    { &head.text }
                </button>
            }
        }
        None => html! { <span class="why-head">{ &head.text }</span> },
    };
    let noted = |head: &WhyHead| html! { if !head.note.is_empty() { <span class="why-note">{ &head.note }</span> } };
    let cell = |cell: &WhyCell, at: (usize, usize)| {
        if cell.question.is_empty() {
            return html! { <td class="why-cell why-cell--none">{ if cell.text.is_empty() { "not asked" } else { &cell.text } }</td> };
        }
        // Several cells of a pod ask the same; the one that was chosen is where the focus went last.
        let pressed = props.asked.as_deref() == Some(&cell.question) && at == shown;
        let question = cell.question.clone();
        let onclick = props.on_ask.reform(move |_| question.clone());
        html! {
            <td class="why-cell">
                <button type="button" class={classes!("why-cell__button", tone(cell.tone).0)} data-why-stop={mark(at)}
                    tabindex={tab_index(at)} aria-pressed={pressed.to_string()} {onclick}>
                    { if cell.text.is_empty() { "–" } else { &cell.text } }
                </button>
            </td>
        }
    };
    html! {
        <div class="board__scroll">
            <table class="why-table" aria-labelledby="board-caption" onkeydown={Callback::from(on_key)} {onfocusin}>
                <thead>
                    <tr>
                        <th scope="col">{ &table.corner }</th>
                        { for (1..).zip(&table.columns).map(|(column, head)| html! {
                            <th scope="col">{ header(head, (0, column)) }{ noted(head) }</th>
                        }) }
                    </tr>
                </thead>
                <tbody>
                    { for (1..).zip(&table.rows).map(|(number, row)| html! {
                        <tr>
                            <th scope="row">{ header(&row.head, (number, 0)) }{ noted(&row.head) }</th>
                            { for (1..).zip(&row.cells).map(|(column, one)| cell(one, (number, column))) }
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}

/// The reasons of the chosen cell, told to screen readers as they come.
fn reasons(props: &WhyBoardProps) -> Html {
    let content = match (&props.why.asked, &props.why.explained) {
        (None, _) => html! { <p class="board__note">{ "Choose a cell to see what decided it." }</p> },
        (Some(_), None) => html! { <p class="board__note">{ "Reading …" }</p> },
        (Some(_), Some(explained)) => explanation(explained, &props.on_inspect),
    };
    html! { <div class="reasons" aria-live="polite">{ content }</div> }
}

fn explanation(explained: &ExplanationView, on_inspect: &Callback<ObjectRef>) -> Html {
    let class = if explained.holds { "tone-good" } else { "tone-bad" };
    html! {
        <>
            <p class={classes!("reasons__answer", class)}>{ &explained.answer }</p>
            <ul class="reasons__lines">{ for explained.lines.iter().map(|line| reason(line, on_inspect)) }</ul>
            if !explained.changes.is_empty() {
                <h3 class="reasons__title">{ "To change this" }</h3>
                <ul class="reasons__changes">{ for explained.changes.iter().map(|change| html! { <li>{ change }</li> }) }</ul>
            }
            <p class="board__note">{ "In the console: " }<code>{ format!("why {}", explained.question.join(" ")) }</code></p>
        </>
    }
}

fn reason(line: &ExplanationLine, on_inspect: &Callback<ObjectRef>) -> Html {
    let object = line.object.clone().filter(|_| line.depth == 0);
    html! {
        <li style={format!("--depth: {}", line.depth)}>
            { &line.text }
            if let Some(object) = object {
                { " " }
                <button type="button" class="reasons__look" aria-label={format!("Inspect {} {}", object.kind, object.name)}
                    onclick={on_inspect.reform(move |_| object.clone())}>{ "inspect" }</button>
            }
        </li>
    }
}

fn mark((row, column): (usize, usize)) -> String {
    format!("{row}-{column}")
}

fn place(element: &Element) -> Option<(usize, usize)> {
    let text = element.get_attribute("data-why-stop")?;
    let (row, column) = text.split_once('-')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}

/// Arrow keys lead from button to button, over cells that have none.
fn on_key(event: KeyboardEvent) {
    let (down, right): (isize, isize) = match event.key().as_str() {
        "ArrowDown" => (1, 0),
        "ArrowLeft" => (0, -1),
        "ArrowRight" => (0, 1),
        "ArrowUp" => (-1, 0),
        _ => return,
    };
    let here = event.target_dyn_into::<Element>();
    let Some((table, (mut row, mut column))) =
        here.and_then(|here| Some((here.closest("table").ok().flatten()?, place(&here)?)))
    else {
        return;
    };
    event.prevent_default();
    // As far as the largest table goes.
    for _ in 0..200 {
        let (Some(next_row), Some(next_column)) = (row.checked_add_signed(down), column.checked_add_signed(right))
        else {
            return;
        };
        (row, column) = (next_row, next_column);
        let selector = format!("[data-why-stop='{}']", mark((row, column)));
        let found =
            table.query_selector(&selector).ok().flatten().and_then(|found| found.dyn_into::<HtmlElement>().ok());
        if let Some(found) = found {
            let _ = found.focus();
            return;
        }
    }
}
