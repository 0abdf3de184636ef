//! On a narrow screen: which of the panels is shown.

use yew::prelude::*;

use crate::bridge;

/// One of the three panels of an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panel {
    Task,
    Terminal,
    Map,
}

impl Panel {
    /// In the order in which they are shown, and in which F6 visits them.
    pub(crate) const ALL: [Self; 3] = [Self::Task, Self::Terminal, Self::Map];

    /// The name in the document: of the panel's element, and of what shows it.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Terminal => "terminal",
            Self::Map => "map",
        }
    }

    /// What takes the keyboard's focus when one goes to the panel.
    pub(crate) fn focus_target(self) -> &'static str {
        match self {
            Self::Task => "#panel-task",
            Self::Terminal => "#panel-terminal [role=tabpanel]:not([hidden]) textarea",
            Self::Map => "#panel-map",
        }
    }

    fn label(self, sandbox: bool) -> &'static str {
        match self {
            Self::Task if sandbox => "Ideas",
            Self::Task => "Task",
            Self::Terminal => "Terminal",
            Self::Map => "Map",
        }
    }

    fn beside(self, step: usize) -> Self {
        let index = Self::ALL.iter().position(|panel| *panel == self).unwrap_or(0);
        Self::ALL[(index + step) % Self::ALL.len()]
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct PanelTabsProps {
    pub(crate) shown: Panel,
    /// There are no tasks here.
    pub(crate) sandbox: bool,
    pub(crate) on_show: Callback<Panel>,
}

#[component(PanelTabs)]
pub(crate) fn panel_tabs(props: &PanelTabsProps) -> Html {
    let onkeydown = {
        let (shown, on_show) = (props.shown, props.on_show.clone());
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" => shown.beside(1),
                "ArrowLeft" => shown.beside(Panel::ALL.len() - 1),
                _ => return,
            };
            event.prevent_default();
            on_show.emit(next);
            bridge::focus_on(&format!("#tab-{}", next.id()));
        })
    };
    html! {
        <div class="panel-tabs" role="tablist" aria-label="Panels" {onkeydown}>
            { for Panel::ALL.into_iter().map(|panel| {
                let selected = panel == props.shown;
                html! {
                    <button type="button" role="tab" class="panel-tabs__tab" id={format!("tab-{}", panel.id())}
                        aria-controls={format!("panel-{}", panel.id())} aria-selected={selected.to_string()}
                        tabindex={if selected { "0" } else { "-1" }} onclick={props.on_show.reform(move |_| panel)}>
                        { panel.label(props.sandbox) }
                    </button>
                }
            }) }
        </div>
    }
}
