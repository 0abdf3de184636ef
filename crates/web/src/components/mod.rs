//! One file a component.

pub(crate) mod board_tabs;
pub(crate) mod clock_bar;
pub(crate) mod confirm_button;
pub(crate) mod header;
pub(crate) mod icon;
pub(crate) mod inspector;
pub(crate) mod node_bay;
pub(crate) mod notices;
pub(crate) mod panel_tabs;
pub(crate) mod pod_chip;
pub(crate) mod quay;
pub(crate) mod sandbox_panel;
pub(crate) mod service_chip;
pub(crate) mod shortcuts;
pub(crate) mod split_handle;
pub(crate) mod status_page;
pub(crate) mod tab_list;
pub(crate) mod task_card;
pub(crate) mod task_panel;
pub(crate) mod terminal_pane;
pub(crate) mod terminal_tabs;
pub(crate) mod verdicts;
pub(crate) mod why_board;
pub(crate) mod yard_map;
