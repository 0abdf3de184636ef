//! The normaliser agrees with the rules that came with the recordings, over every text of every recorded session.

use std::path::PathBuf;

use podyard_testkit::normalize::Normalizer;
use podyard_testkit::transcript::Session;

fn recordings() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance")
}

#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn read(name: &str) -> String {
    std::fs::read_to_string(recordings().join(name)).expect(name)
}

/// The texts of a session in order, normalised, each followed by a zero byte.
fn normalized(session: &Session) -> (usize, Vec<u8>) {
    let mut normalizer = Normalizer::default();
    let mut bytes = Vec::new();
    let mut count = 0;
    for step in &session.steps {
        let texts = [Some(&step.stdout), Some(&step.stderr), step.stdout_run2.as_ref(), step.stderr_run2.as_ref()];
        for text in texts.into_iter().flatten() {
            bytes.extend_from_slice(normalizer.text(text).as_bytes());
            bytes.push(0);
            count += 1;
        }
    }
    (count, bytes)
}

fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn every_recorded_text_is_normalised_as_by_the_original_rules() {
    let golden = read("normalized.tsv");
    let mut wrong = Vec::new();
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let session = Session::parse(&read(&format!("{}.yaml", fields[0]))).expect(fields[0]);
        let (count, bytes) = normalized(&session);
        if (count.to_string().as_str(), format!("{:016x}", digest(&bytes)).as_str()) != (fields[1], fields[2]) {
            wrong.push(fields[0]);
        }
    }
    assert!(wrong.is_empty(), "differently normalised: {wrong:?}");
}
