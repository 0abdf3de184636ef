//! What a check found: for each point whether it holds, and if not, what was expected, what is there, and why.

use podyard_view::{CheckVerdict, TaskReport};
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use crate::markdown::with_code;

#[derive(PartialEq, Properties)]
pub(crate) struct VerdictsProps {
    pub(crate) report: TaskReport,
}

#[component(Verdicts)]
pub(crate) fn verdicts(props: &VerdictsProps) -> Html {
    html! {
        <ul class="verdicts" aria-label="What the check found">
            { for props.report.checks.iter().map(verdict) }
        </ul>
    }
}

fn verdict(check: &CheckVerdict) -> Html {
    let (class, icon, word) = if check.passed {
        ("verdict--passed", Icon::Check, "Passed: ")
    } else {
        ("verdict--failed", Icon::Cross, "Not yet: ")
    };
    html! {
        <li class={classes!("verdict", class)}>
            <Glyph {icon} />
            <div>
                <p class="verdict__name"><span class="sr-only">{ word }</span>{ with_code(&check.name) }</p>
                if !check.passed {
                    <dl class="verdict__facts">
                        { fact("Expected", &check.expected) }
                        { fact("Found", &check.found) }
                        { fact("Why", &check.why) }
                    </dl>
                }
            </div>
        </li>
    }
}

fn fact(name: &'static str, text: &str) -> Html {
    if text.is_empty() {
        return Html::default();
    }
    html! { <div class="verdict__fact"><dt>{ name }</dt><dd>{ with_code(text) }</dd></div> }
}
