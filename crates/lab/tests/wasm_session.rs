//! A recorded session leaves the same state in the browser as it does natively.
#![cfg(target_arch = "wasm32")]

use podyard_lab::recording::{Session, record};
use podyard_lab::{Cluster, presets};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// The session whose digest the tests' runner computes natively, and hands over when this is compiled.
const SESSION: &str = include_str!("../../../tests/conformance/deployments-rollout.yaml");

#[wasm_bindgen_test]
fn a_session_ends_as_it_does_natively() {
    let expected = option_env!("PODYARD_DIGEST").expect("`cargo xtask test` sets it");
    let session: Session = serde_yaml::from_str(SESSION).unwrap();
    let mut cluster = Cluster::new(presets::find("recorded").unwrap(), 1);
    record(&session, &mut cluster);
    assert_eq!(cluster.digest().to_string(), expected);
}
