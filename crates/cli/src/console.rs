//! `podyard console`: a cluster in this terminal, paced by the wall clock.

use std::io::{Read, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Context;
use crossterm::terminal;
use podyard_lab::{Cluster, presets};

/// Ctrl-]: leaves the console whatever runs in it.
const LEAVE: u8 = 0x1d;
/// How often the cluster gets its turn.
const TURN: Duration = Duration::from_millis(10);

/// Puts the terminal back however the console ends.
struct Raw;

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nothing left to do if even this fails.
        let _ = terminal::disable_raw_mode();
    }
}

pub(crate) fn run(preset: &str, seed: u64) -> anyhow::Result<()> {
    let preset = presets::find(preset).with_context(|| format!("there is no preset {preset:?}"))?;
    let mut cluster = Cluster::new(preset, seed);
    let (columns, rows) = terminal::size().unwrap_or((80, 24));
    cluster.open_console(0, columns, rows);
    terminal::enable_raw_mode().context("the console needs a terminal")?;
    let _raw = Raw;
    let keys = read_keys();
    let mut last = Instant::now();
    loop {
        match keys.recv_timeout(TURN) {
            Ok(bytes) if bytes.contains(&LEAVE) => return Ok(()),
            Ok(bytes) => cluster.type_text(0, &String::from_utf8_lossy(&bytes)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        let (columns, rows) = terminal::size().unwrap_or((columns, rows));
        cluster.resize(0, columns, rows);
        let now = Instant::now();
        let turn = now + TURN;
        cluster.run_while(cluster.now() + (now - last), &mut || Instant::now() < turn);
        last = now;
        let text = cluster.take_output(0);
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        if cluster.has_ended(0) {
            return Ok(());
        }
    }
}

/// What is typed, from a thread of its own: reading blocks.
fn read_keys() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        let mut input = std::io::stdin();
        while let Ok(count) = input.read(&mut buffer)
            && count > 0
            && sender.send(buffer[..count].to_vec()).is_ok()
        {}
    });
    receiver
}
