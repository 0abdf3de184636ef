//! `vi`: keys in, the file and the screen out.

use crate::harness::World;

/// Edits a file with these keys, which end with the editor; holds the file against what is expected.
fn check(text: &str, keys: &[&str], expect: &str) {
    let mut world = open(text);
    let tty = world.session(&["vi", "f"], 60);
    for key in keys {
        world.type_text(tty, key);
    }
    world.type_text(tty, "\x1b:wq\r");
    assert_eq!(world.run(&["cat", "f"], 10_000).out, expect, "{keys:?}");
}

fn open(text: &str) -> World {
    let mut world = World::new();
    world.run(&["bash", "-c", &format!("printf '{text}' > f")], 10_000);
    world
}

/// The rows of the screen after these keys, and where the cursor is.
fn screen(text: &str, keys: &[&str]) -> (Vec<String>, (usize, usize)) {
    let mut world = open(text);
    let tty = world.session(&["vi", "f"], 60);
    let mut rows = vec![String::new(); 24];
    let mut at = (0, 0);
    for key in [""].iter().chain(keys) {
        feed(&world.type_text(tty, key), &mut rows, &mut at);
    }
    (rows, at)
}

/// A terminal that knows what `vi` sends: places, clearing, text.
fn feed(output: &str, rows: &mut [String], at: &mut (usize, usize)) {
    let mut chars = output.chars();
    while let Some(c) = chars.next() {
        if c != '\x1b' {
            let row = &mut rows[at.0];
            *row = row.chars().take(at.1).collect();
            row.push(c);
            at.1 += 1;
            continue;
        }
        let mut sequence = String::new();
        for c in chars.by_ref().skip(1) {
            sequence.push(c);
            if c.is_ascii_alphabetic() {
                break;
            }
        }
        match sequence.chars().last() {
            Some('H') => {
                let (row, column) = sequence.trim_end_matches('H').split_once(';').unwrap_or(("1", "1"));
                *at = (row.parse::<usize>().unwrap() - 1, column.parse::<usize>().unwrap() - 1);
            }
            Some('K') => rows[at.0] = rows[at.0].chars().take(at.1).collect(),
            Some('J') => rows.iter_mut().for_each(String::clear),
            _ => {}
        }
    }
}

#[test]
fn text_is_inserted() {
    check("one\\n", &["ihello \x1b"], "hello one\n");
    check("one\\n", &["A two\x1b", "Ozero\x1b", "jothree\x1b"], "zero\none two\nthree\n");
    check("  one\\n", &["Ia \x1b"], "  a one\n");
    check("one\\n", &["3ix\x1b"], "xxxone\n");
    check("one\\n", &["ab\r\x1b"], "ob\nne\n");
    check("ab\\ncd\\n", &["ji\x7f\x1b"], "abcd\n");
    check("ab cd\\n", &["A\x17x\x1b"], "ab x\n");
    check("one\\n", &["Rxy\x1b"], "xye\n");
    check("", &["ihello\x1b"], "hello\n");
}

#[test]
fn operators_take_motions() {
    check("one two three\\n", &["dw"], "two three\n");
    check("one two three\\n", &["wD"], "one \n");
    check("one two three\\n", &["wcwX\x1b"], "one X three\n");
    check("one two three\\n", &["d2w"], "three\n");
    check("a b\\nc d\\n", &["wdw"], "a \nc d\n");
    check("1\\n2\\n3\\n4\\n", &["jdd"], "1\n3\n4\n");
    check("1\\n2\\n3\\n4\\n", &["2dd"], "3\n4\n");
    check("1\\n2\\n3\\n4\\n", &["jdG"], "1\n");
    check("1\\n2\\n3\\n4\\n", &["Gdgg"], "\n");
    check("1\\n2\\n3\\n", &["dj"], "3\n");
    check("image: nginx:1.25\\n", &["f:;lC1.26\x1b"], "image: nginx:1.26\n");
    check("image: \"nginx\"\\n", &["ci\"busybox\x1b"], "image: \"busybox\"\n");
    check("a(b, c)d\\n", &["fbdi("], "a()d\n");
    check("abc\\n", &["x"], "bc\n");
    check("abc\\n", &["$x"], "ab\n");
    check("abc\\n", &["2x"], "c\n");
    check("a,b,c\\n", &["dt,"], ",b,c\n");
    check("abc\\n", &["~l~"], "AbC\n");
    check("one two\\n", &["diw"], " two\n");
    check("abc\\n", &["rx"], "xbc\n");
    check("one\\n", &["sX\x1b"], "Xne\n");
    check("one\\ntwo\\n", &["ccnew\x1b"], "new\ntwo\n");
    check("one\\n  two\\n", &["J"], "one two\n");
}

#[test]
fn yanked_text_is_put() {
    check("1\\n2\\n", &["yyp"], "1\n1\n2\n");
    check("1\\n2\\n", &["yyjp"], "1\n2\n1\n");
    check("1\\n2\\n", &["ddp"], "2\n1\n");
    check("1\\n2\\n", &["yyP3p"], "1\n1\n1\n1\n1\n2\n");
    check("one two\\n", &["yw$p"], "one twoone \n");
    check("ab\\n", &["xp"], "ba\n");
    check("1\\n2\\n", &["\"ayyjdd\"ap"], "1\n1\n");
}

#[test]
fn changes_are_undone_and_repeated() {
    check("1\\n2\\n3\\n", &["ddu"], "1\n2\n3\n");
    check("1\\n2\\n3\\n", &["dddduu\x12"], "2\n3\n");
    check("1\\n2\\n3\\n", &["dd."], "3\n");
    check("a b c\\n", &["cwx\x1bw."], "x x c\n");
    check("a\\nb\\n", &["A;\x1bj."], "a;\nb;\n");
    check("a\\nb\\n", &["A;\x1bj.u"], "a;\nb\n");
}

#[test]
fn lines_are_shifted() {
    check("a\\nb\\nc\\n", &[":set et sw=2\r", "2>>"], "  a\n  b\nc\n");
    check("    a\\n", &[":set et sw=2\r", "<<"], "  a\n");
    check("a\\nb\\n", &[":set et sw=2 ts=2\r", "Vj>", "."], "    a\n    b\n");
    check("", &[":set et ts=2\r", "i\tx\x1b"], "  x\n");
    check("  a\\n", &[":set ai\r", "ob\x1b"], "  a\n  b\n");
    check("  a\\n", &[":set ai\r", ":set paste\r", "ob\x1b"], "  a\nb\n");
}

#[test]
fn selections_are_changed() {
    check("1\\n2\\n3\\n", &["Vjd"], "3\n");
    check("one two\\n", &["ved"], " two\n");
    check("1\\n2\\n3\\n", &["Vjyjp"], "1\n2\n1\n2\n3\n");
    check("a\\na\\na\\n", &["Vj", ":s/a/b/\r"], "b\nb\na\n");
    check("one\\ntwo\\n", &["lvjd"], "oo\n");
    check("one two\\n", &["viwcX\x1b"], "X two\n");
}

#[test]
fn ex_commands() {
    check("a a\\nb a\\n", &[":%s/a/x/g\r"], "x x\nb x\n");
    check("a a\\nb a\\n", &[":s/a/x\r"], "x a\nb a\n");
    check("a/b\\n", &[":s#a/b#c#\r"], "c\n");
    check("ab\\n", &[":s/\\(a\\)b/\\1&/\r"], "aab\n");
    check("1\\n2\\n3\\n4\\n", &[":2,3d\r"], "1\n4\n");
    check("1\\n2\\n3\\n", &[":3\r", "x"], "1\n2\n\n");
    check("1\\n2\\n3\\n", &[":$\r", "rx"], "1\n2\nx\n");
    check("1\\n2\\n3\\n", &[":1m$\r"], "2\n3\n1\n");
    check("1\\n2\\n", &[":1t.\r"], "1\n1\n2\n");
    check("a\\nb\\na\\n", &[":g/a/d\r"], "b\n");
    check("foo\\nbar\\n", &["/bar\r", "x"], "foo\nar\n");
    check("x\\nfoo\\nfoo\\n", &["/foo\r", "n", "dd"], "x\nfoo\n");
    check("a\\n", &["x", ":e!\r", "Ab\x1b"], "ab\n");
}

#[test]
fn leaving() {
    let quit = |keys: &[&str], expect: &str| {
        let mut world = open("one\\n");
        let tty = world.session(&["bash"], 60);
        world.type_text(tty, "vi f; echo status $?\r");
        for key in keys {
            world.type_text(tty, key);
        }
        let file = world.run(&["cat", "f"], 10_000).out;
        assert_eq!(file, expect, "{keys:?}");
        assert!(world.type_text(tty, "echo $((40 + 2))\r").contains("42"), "{keys:?}");
    };
    quit(&["x", ":q!\r"], "one\n");
    quit(&["x", ":x\r"], "ne\n");
    quit(&["xZZ"], "ne\n");
    quit(&["x:wq\r"], "ne\n");
    quit(&["x", ":w\r", ":q\r"], "ne\n");
    quit(&[":q\r"], "one\n");
}

#[test]
fn the_screen() {
    let (rows, at) = screen("one\\ntwo\\n", &[]);
    assert_eq!(rows[..3], ["one", "two", "~"]);
    assert_eq!(rows[23], format!("{:<42}1,1           All", "\"f\" 2L, 8B"));
    assert_eq!(at, (0, 0));
    let (rows, at) = screen("one\\ntwo\\n", &["jA!"]);
    assert_eq!(rows[..2], ["one", "two!"]);
    assert_eq!(rows[23], format!("{:<42}2,5           All", "-- INSERT --"));
    assert_eq!(at, (1, 4));
    let (rows, at) = screen("a\\n", &[":set nu\r", ":q"]);
    assert_eq!(rows[0], "  1 a");
    assert_eq!((rows[23].as_str(), at), (":q", (23, 2)));
    let (rows, _) = screen("a\\n", &["x", ":q\r"]);
    assert!(rows[23].starts_with("E37: No write since last change (add ! t"), "{}", rows[23]);
    let (rows, _) = screen("a\\n", &[":foo\r"]);
    assert!(rows[23].starts_with("E492: Not an editor command: foo"), "{}", rows[23]);
    let long = "x".repeat(70);
    let (rows, _) = screen(&format!("{long}\\nb\\n"), &[]);
    assert_eq!(rows[..3], ["x".repeat(60), "x".repeat(10), "b".into()]);
}

#[test]
fn long_texts_scroll() {
    let text: String = (1..=100).map(|line| format!("{line}\\n")).collect();
    let (rows, at) = screen(&text, &["G"]);
    assert_eq!((rows[22].as_str(), at), ("100", (22, 0)));
    let (rows, _) = screen(&text, &["G", "gg"]);
    assert_eq!(rows[0], "1");
    let (rows, _) = screen(&text, &["\x04"]);
    assert_eq!(rows[0], "13");
}

#[test]
fn a_new_size_is_drawn() {
    let mut world = open("one\\n");
    let tty = world.session(&["vi", "f"], 60);
    world.type_text(tty, "");
    world.kernel.resize(tty, 50, 10, world.now);
    let mut rows = vec![String::new(); 24];
    feed(&world.type_text(tty, ""), &mut rows, &mut (0, 0));
    assert_eq!(rows[0], "one");
    assert!(rows[9].ends_with("All"), "{rows:?}");
}

#[test]
fn nothing_that_is_typed_breaks_it() {
    let keys = "%$^gg5dw99999x:1,99999d\rp3>>v%d:g/x/s/y/z/\r:'<,'>s/\\(/x/\r/[\rni(a{ci[\x1b?*\r#*V}J99p.uuu\x12\x12:m0\r:t9999\r:s\r:%\r:,,\rqz@a\x1b[5~\x1b[6~\x16R\x7f\x7f\x1b:5\x15\x17\x03dG.u";
    let mut world = open("a (b) c\\n\\n\\tx\\n日本\\n");
    let tty = world.session(&["vi", "f"], 60);
    for start in 0..keys.len() {
        if let Some(rest) = keys.get(start..) {
            world.type_text(tty, rest);
        }
    }
    world.type_text(tty, "\x1b:e!\r:wq\r");
    assert_eq!(world.run(&["wc", "-l", "f"], 10_000).out, "4 f\n");
}
