//! The clock bar: virtual time runs, stands still, goes faster, and goes back.

use std::rc::Rc;

use podyard_view::{ClockControl, ClockView, RewindPoint};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use crate::words;

const SPEEDS: [f64; 8] = [0.1, 0.5, 1.0, 2.0, 5.0, 20.0, 100.0, 1000.0];
/// More points than this are not drawn one by one.
const DRAWN_POINTS: usize = 60;

#[derive(PartialEq, Properties)]
pub(crate) struct ClockBarProps {
    pub(crate) clock: Rc<ClockView>,
    pub(crate) on_control: Callback<ClockControl>,
}

#[component(ClockBar)]
pub(crate) fn clock_bar(props: &ClockBarProps) -> Html {
    let clock = &props.clock;
    let (day, time) = words::date_parts(&clock.date);
    let play = if clock.playing { ClockControl::Pause } else { ClockControl::Play };
    let press = |control: ClockControl| props.on_control.reform(move |_: MouseEvent| control);
    let label = if clock.playing { "Stop time" } else { "Let time run" };
    let undoable = clock.points.iter().any(|point| point.at_ms < clock.now_ms);
    html! {
        <section class={classes!("clock", (!clock.playing).then_some("clock--stopped"))} aria-label="Time in the cluster">
            <div class="clock__controls">
                <button type="button" class="clock__button clock__button--play" aria-label={label} title={label} onclick={press(play)}>
                    <Glyph icon={if clock.playing { Icon::Pause } else { Icon::Play }} />
                </button>
                <button type="button" class="clock__button" aria-label="Step to the next thing that happens"
                    title="Step to the next thing that happens" onclick={press(ClockControl::Step)}>
                    <Glyph icon={Icon::Step} />
                </button>
                <button type="button" class="clock__button" aria-label="Undo: back to the moment before" disabled={!undoable}
                    title="Undo: back to the moment before" onclick={press(ClockControl::Undo)}>
                    <Glyph icon={Icon::Undo} />
                </button>
                { speed(clock.speed, &props.on_control) }
            </div>
            <Scrubber clock={clock.clone()} on_rewind={props.on_control.reform(|at_ms| ClockControl::Rewind { at_ms })} />
            <p class="clock__now">
                <span class="clock__elapsed" title="Since the exercise began">{ format!("+{}", words::elapsed(clock.now_ms)) }</span>
                <time class="clock__date" datetime={clock.date.clone()}><span class="clock__day">{ day }</span>{ " " }{ time }</time>
            </p>
        </section>
    }
}

fn speed(current: f64, on_control: &Callback<ClockControl>) -> Html {
    let onchange = {
        let on_control = on_control.clone();
        Callback::from(move |event: Event| {
            let factor = event.target_dyn_into::<HtmlSelectElement>().and_then(|select| select.value().parse().ok());
            if let Some(factor) = factor {
                on_control.emit(ClockControl::Speed { factor });
            }
        })
    };
    let mut speeds = SPEEDS.to_vec();
    if current > 0.0 && !speeds.contains(&current) {
        speeds.push(current);
        speeds.sort_by(f64::total_cmp);
    }
    html! {
        <label class="clock__speed">
            <span class="sr-only">{ "Speed of time" }</span>
            <select {onchange}>
                { for speeds.into_iter().map(|factor| html! {
                    <option value={factor.to_string()} selected={factor == current}>{ words::speed(factor) }</option>
                }) }
            </select>
        </label>
    }
}

#[derive(PartialEq, Properties)]
struct ScrubberProps {
    clock: Rc<ClockView>,
    on_rewind: Callback<u64>,
}

/// The moments to which one can go, in a row; the last one before the future is now.
#[component(Scrubber)]
fn scrubber(props: &ScrubberProps) -> Html {
    // While the handle is being dragged: where it is.
    let held = use_state(|| None::<usize>);
    let (stops, now) = stops(&props.clock);
    let value = held.unwrap_or(now).min(stops.len() - 1);
    let chosen = &stops[value];
    let index =
        |event: Event| event.target_dyn_into::<HtmlInputElement>().map(|input| input.value_as_number() as usize);
    let oninput = {
        let held = held.clone();
        Callback::from(move |event: InputEvent| held.set(index(event.into())))
    };
    let onchange = {
        let (held, stops, on_rewind) = (held.clone(), stops.clone(), props.on_rewind.clone());
        Callback::from(move |event: Event| {
            held.set(None);
            if let Some(stop) = index(event).filter(|&index| index != now).and_then(|index| stops.get(index)) {
                on_rewind.emit(stop.at_ms);
            }
        })
    };
    let text = if value == now { format!("now, {}", words::elapsed(chosen.at_ms)) } else { words_of(chosen) };
    html! {
        <div class="scrubber">
            <input type="range" class="scrubber__range" min="0" max={(stops.len() - 1).to_string()} step="1" value={value.to_string()}
                aria-label="Moments to go back to" aria-valuetext={text.clone()} disabled={stops.len() < 2} {oninput} {onchange} />
            <div class="scrubber__points" aria-hidden="true">
                if stops.len() <= DRAWN_POINTS {
                    { for stops.iter().enumerate().map(|(index, _)| html! {
                        <i class={classes!((index <= now).then_some("past"), (index == now).then_some("now"))}></i>
                    }) }
                }
            </div>
            <p class="scrubber__label" aria-hidden="true">
                { if held.is_some() { text } else { stops[..now].last().map(|last| format!("before: {}", words_of(last))).unwrap_or_default() } }
            </p>
        </div>
    }
}

/// The rewind points and now, ascending, and which of them is now. Never empty.
fn stops(clock: &ClockView) -> (Vec<RewindPoint>, usize) {
    let mut stops = clock.points.clone();
    let now = stops.partition_point(|point| point.at_ms < clock.now_ms);
    if stops.get(now).is_none_or(|point| point.at_ms != clock.now_ms) {
        stops.insert(now, RewindPoint { at_ms: clock.now_ms, label: String::new() });
    }
    (stops, now)
}

fn words_of(point: &RewindPoint) -> String {
    let time = words::elapsed(point.at_ms);
    if point.label.is_empty() { time } else { format!("{time} {}", point.label) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(points: &[u64], now_ms: u64, expected: &[u64], now: usize) {
        let points = points.iter().map(|&at_ms| RewindPoint { at_ms, label: String::new() }).collect();
        let (stops, index) = stops(&ClockView { now_ms, points, ..ClockView::default() });
        let stops: Vec<u64> = stops.iter().map(|stop| stop.at_ms).collect();
        assert_eq!((stops.as_slice(), index), (expected, now));
    }

    #[test]
    fn now_has_its_place_among_the_points() {
        check(&[], 0, &[0], 0);
        check(&[0, 10, 20], 25, &[0, 10, 20, 25], 3);
        check(&[0, 10, 20], 10, &[0, 10, 20], 1);
        check(&[0, 10, 20], 15, &[0, 10, 15, 20], 2);
    }
}
