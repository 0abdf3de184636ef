//! A session on a terminal: keys in, screen out.

use crate::harness::World;

/// What the screen shows after typing into a new session: a very small terminal emulator.
struct Screen {
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
    width: usize,
}

impl Screen {
    fn new(width: usize) -> Self {
        Self { rows: vec![Vec::new()], row: 0, column: 0, width }
    }

    fn put(&mut self, c: char) {
        if self.column == self.width {
            self.row += 1;
            self.column = 0;
        }
        while self.rows.len() <= self.row {
            self.rows.push(Vec::new());
        }
        let line = &mut self.rows[self.row];
        while line.len() <= self.column {
            line.push(' ');
        }
        line[self.column] = c;
        self.column += 1;
        if c > '\u{3000}' {
            // The second half of a wide character.
            self.put('\0');
        }
    }

    fn feed(&mut self, text: &str) {
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' => self.column = 0,
                '\n' => {
                    self.row += 1;
                    while self.rows.len() <= self.row {
                        self.rows.push(Vec::new());
                    }
                }
                '\x08' => self.column = self.column.saturating_sub(1),
                '\x07' => {}
                '\x1b' => {
                    let mut number = String::new();
                    assert_eq!(chars.next(), Some('['));
                    let end = loop {
                        let c = chars.next().unwrap();
                        if ('@'..='~').contains(&c) {
                            break c;
                        }
                        number.push(c);
                    };
                    let count = number.parse::<usize>().unwrap_or(1);
                    match end {
                        'A' => self.row -= count,
                        'B' => self.row += count,
                        'C' => self.column += count,
                        'D' => self.column -= count,
                        'K' => self.rows[self.row].truncate(self.column),
                        'J' if number == "2" => self.rows.iter_mut().for_each(Vec::clear),
                        'J' => {
                            self.rows[self.row].truncate(self.column);
                            self.rows.truncate(self.row + 1);
                        }
                        'H' => (self.row, self.column) = (0, 0),
                        _ => {}
                    }
                }
                c => self.put(c),
            }
        }
    }

    fn text(&self) -> String {
        let lines: Vec<String> = self
            .rows
            .iter()
            .map(|row| row.iter().filter(|c| **c != '\0').collect::<String>().trim_end().to_string())
            .collect();
        lines.join("\n").trim_end().to_string()
    }
}

/// Types keys one after the other; holds the screen against what is expected.
fn check_at(width: u16, keys: &[&str], expect: &str) {
    let mut world = World::new();
    let tty = world.session(&["bash"], width);
    let mut screen = Screen::new(usize::from(width));
    screen.feed(&world.type_text(tty, ""));
    for key in keys {
        screen.feed(&world.type_text(tty, key));
    }
    assert_eq!(screen.text(), expect.trim_matches('\n'), "{keys:?}");
}

fn check(keys: &[&str], expect: &str) {
    check_at(60, keys, expect);
}

#[test]
fn a_prompt_and_a_command() {
    check(&["echo hi\r"], "root@workstation:~# echo hi\nhi\nroot@workstation:~#");
    check(
        &["cd /etc\r", "pwd\r"],
        "root@workstation:~# cd /etc\nroot@workstation:/etc# pwd\n/etc\nroot@workstation:/etc#",
    );
    check(
        &["nosuch\r", "echo $?\r"],
        "root@workstation:~# nosuch\nbash: nosuch: command not found\nroot@workstation:~# echo $?\n127\nroot@workstation:~#",
    );
    check(
        &["echo )\r"],
        "root@workstation:~# echo )\nbash: syntax error near unexpected token `)'\nroot@workstation:~#",
    );
}

#[test]
fn lines_are_edited() {
    let left = "\x1b[D";
    check(&["ecXho hi", &left.repeat(5), "\x7f", "\r"], "root@workstation:~# echo hi\nhi\nroot@workstation:~#");
    check(&["hi", "\x01", "echo ", "\x05", "!", "\r"], "root@workstation:~# echo hi!\nhi!\nroot@workstation:~#");
    check(&["echo one two", "\x17", "three\r"], "root@workstation:~# echo one three\none three\nroot@workstation:~#");
    check(&["junk", "\x15", "echo a\r"], "root@workstation:~# echo a\na\nroot@workstation:~#");
    check(
        &["echo abc def", "\x1bb", "\x0b", "\x01", "\x05", "\x19", "\r"],
        "root@workstation:~# echo abc def\nabc def\nroot@workstation:~#",
    );
    check(&["echo é日本", "\x7f", "\r"], "root@workstation:~# echo é日\né日\nroot@workstation:~#");
}

#[test]
fn long_lines_wrap_and_can_be_edited_anywhere() {
    let long = "echo 0123456789 abcdefghij";
    check_at(
        30,
        &[long, "\x01", "\x1b[C\x1b[C\x1b[C\x1b[C", "\x1b[C", "X", "\r"],
        "root@workstation:~# echo X0123\n456789 abcdefghij\nX0123456789 abcdefghij\nroot@workstation:~#",
    );
    check_at(25, &["echo 1", "2\x7f\x7f3\r"], "root@workstation:~# echo\n3\n3\nroot@workstation:~#");
}

#[test]
fn history_goes_up_and_down_and_is_searched() {
    let up = "\x1b[A";
    check(
        &["echo a\r", "echo b\r", up, up, "\r"],
        "root@workstation:~# echo a\na\nroot@workstation:~# echo b\nb\nroot@workstation:~# echo a\na\nroot@workstation:~#",
    );
    check(
        &["echo abc\r", "echo x\r", "\x12", "ab", "\r"],
        "root@workstation:~# echo abc\nabc\nroot@workstation:~# echo x\nx\nroot@workstation:~# echo abc\nabc\nroot@workstation:~#",
    );
    check(
        &["echo one\r", "!!\r"],
        "root@workstation:~# echo one\none\nroot@workstation:~# !!\necho one\none\nroot@workstation:~#",
    );
    check(
        &["echo one two\r", "echo \x1b.\r"],
        "root@workstation:~# echo one two\none two\nroot@workstation:~# echo two\ntwo\nroot@workstation:~#",
    );
    check(
        &["true\r", "history\r"],
        "root@workstation:~# true\nroot@workstation:~# history\n    1  true\n    2  history\nroot@workstation:~#",
    );
}

#[test]
fn unfinished_commands_go_on_at_another_prompt() {
    check(
        &["for i in 1 2\r", "do echo $i\r", "done\r"],
        "root@workstation:~# for i in 1 2\n> do echo $i\n> done\n1\n2\nroot@workstation:~#",
    );
    check(
        &["cat <<EOF\r", "a $HOME\r", "EOF\r"],
        "root@workstation:~# cat <<EOF\n> a $HOME\n> EOF\na /root\nroot@workstation:~#",
    );
    check(&["echo 'a\r", "b'\r"], "root@workstation:~# echo 'a\n> b'\na\nb\nroot@workstation:~#");
    check(
        &["if true\r", "\x03", "echo a\r"],
        "root@workstation:~# if true\n> ^C\nroot@workstation:~# echo a\na\nroot@workstation:~#",
    );
}

#[test]
fn control_c_ends_what_runs_and_only_that() {
    check(
        &["sleep 100\r", "\x03", "echo $?\r"],
        "root@workstation:~# sleep 100\n^C\nroot@workstation:~# echo $?\n130\nroot@workstation:~#",
    );
    check(
        &["while true; do :; done\r", "\x03", "echo ok\r"],
        "root@workstation:~# while true; do :; done\n^C\nroot@workstation:~# echo ok\nok\nroot@workstation:~#",
    );
    check(
        &["while true; do sleep 1; done\r", "\x03", "echo ok\r"],
        "root@workstation:~# while true; do sleep 1; done\n^C\nroot@workstation:~# echo ok\nok\nroot@workstation:~#",
    );
    check(
        &["echo typed", "\x03", "echo ok\r"],
        "root@workstation:~# echo typed^C\nroot@workstation:~# echo ok\nok\nroot@workstation:~#",
    );
    check(
        &["yes > /dev/null\r", "\x03", "echo ok\r"],
        "root@workstation:~# yes > /dev/null\n^C\nroot@workstation:~# echo ok\nok\nroot@workstation:~#",
    );
    check(
        &["x=$(sleep 100)\r", "\x03", "echo ok\r"],
        "root@workstation:~# x=$(sleep 100)\n^C\nroot@workstation:~# echo ok\nok\nroot@workstation:~#",
    );
    check(
        &["yes | cat > /dev/null\r", "\x03", "echo ok\r"],
        "root@workstation:~# yes | cat > /dev/null\n^C\nroot@workstation:~# echo ok\nok\nroot@workstation:~#",
    );
}

#[test]
fn jobs_run_behind_and_come_back() {
    check(
        &["sleep 100 &\r", "jobs\r", "kill %1\r", "\r"],
        "root@workstation:~# sleep 100 &\n[1] 2\nroot@workstation:~# jobs\n[1]+  Running                 sleep 100 &\nroot@workstation:~# kill %1\nroot@workstation:~#\n[1]+  Terminated              sleep 100\nroot@workstation:~#",
    );
    check(
        &["sleep 100\r", "\x1a", "jobs\r", "fg\r", "\x03", "echo ok\r"],
        "root@workstation:~# sleep 100\n^Z\n[1]+  Stopped                 sleep 100\nroot@workstation:~# jobs\n[1]+  Stopped                 sleep 100\nroot@workstation:~# fg\nsleep 100\n^C\nroot@workstation:~# echo ok\nok\nroot@workstation:~#",
    );
}

#[test]
fn tab_completes() {
    check(&["ec\t", "hi\r"], "root@workstation:~# echo hi\nhi\nroot@workstation:~#");
    check(&["cat /etc/pa\t", "\x03"], "root@workstation:~# cat /etc/passwd ^C\nroot@workstation:~#");
    check(
        &["cd /ho\t", "m\t", "\r", "pwd\r"],
        "root@workstation:~# cd /home/me/\nroot@workstation:/home/me# pwd\n/home/me\nroot@workstation:/home/me#",
    );
    check(
        &["touch aa1 aa2\r", "ls a\t", "\t", "\t", "2\t\r"],
        "root@workstation:~# touch aa1 aa2\nroot@workstation:~# ls aa\naa1  aa2\nroot@workstation:~# ls aa2\naa2\nroot@workstation:~#",
    );
    check(&["echo $HOM\t\r"], "root@workstation:~# echo $HOME\n/root\nroot@workstation:~#");
}

#[test]
fn typing_ahead_reaches_the_command() {
    check(&["echo a\recho b\r"], "root@workstation:~# echo a\na\nroot@workstation:~# echo b\nb\nroot@workstation:~#");
    check(
        &["cat\r", "hello\r", "\x04", "echo done\r"],
        "root@workstation:~# cat\nhello\nhello\nroot@workstation:~# echo done\ndone\nroot@workstation:~#",
    );
    check(
        &["read x\r", "abc\r", "echo $x\r"],
        "root@workstation:~# read x\nabc\nroot@workstation:~# echo $x\nabc\nroot@workstation:~#",
    );
}

#[test]
fn a_paste_is_one_line_until_enter() {
    check(&["\x1b[200~echo a\necho b\x1b[201~", "\r"], "root@workstation:~# echo a\necho b\na\nb\nroot@workstation:~#");
}

#[test]
fn control_d_and_exit_end_the_session() {
    check(&["\x04"], "root@workstation:~#\nexit");
    check(&["exit\r"], "root@workstation:~# exit\nexit");
}

#[test]
fn a_prompt_can_be_changed() {
    check(&["PS1='\\W> '\r", "cd /etc\r"], "root@workstation:~# PS1='\\W> '\n~> cd /etc\netc>");
}

#[test]
fn a_huge_paste_takes_linear_time() {
    let mut world = World::new();
    let tty = world.session(&["bash"], 80);
    world.type_text(tty, "");
    let body = "line of text\n".repeat(80_000);
    world.type_text(tty, &format!("\x1b[200~cat > big <<EOF\n{body}EOF\x1b[201~"));
    world.type_text(tty, "\r");
    let shown = world.type_text(tty, "wc -l big\r");
    assert!(shown.contains("80000 big"), "{}", &shown[..shown.len().min(500)]);
}
