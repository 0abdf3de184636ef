//! The tables of verdicts: what their cells say, and that each cell's question has an answer that agrees with it.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]

use std::time::Duration;

use podyard_cluster::tables::Table;
use podyard_cluster::{Cluster, presets};

const LIMIT: Duration = Duration::from_secs(60);

fn after(lines: &str) -> Cluster {
    let mut cluster = Cluster::new(presets::find("two-workers").unwrap(), 7);
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let output = cluster.run_line(line, LIMIT);
        assert_eq!(output.exit, 0, "{line}: {}{}", output.stdout, output.stderr);
    }
    cluster.advance(Duration::from_secs(30));
    cluster
}

/// The cell of a row and a column, by their heads.
fn cell<'a>(table: &'a Table, row: &str, column: &str) -> &'a podyard_cluster::tables::Cell {
    let at = table.columns.iter().position(|head| head.text == column).unwrap();
    let (_, cells) = table.rows.iter().find(|(head, _)| head.text == row).unwrap();
    assert_eq!(cells.len(), table.columns.len());
    &cells[at]
}

#[test]
fn of_the_scheduler() {
    let cluster = after(
        "kubectl run web --image=nginx
         kubectl run big --image=nginx --overrides='{\"spec\":{\"nodeSelector\":{\"disk\":\"ssd\"}}}'",
    );
    let table = cluster.scheduling_table("");
    assert_eq!(
        (table.choice.as_str(), table.caption.as_str()),
        ("default/big", "Pod big waits: none of 3 nodes would do.")
    );
    let said = |row, column| cell(&table, row, column).text.as_str();
    assert_eq!(said("node01", "TaintToleration"), "passed");
    assert_eq!(said("node01", "NodeAffinity"), "node(s) didn't match Pod's node affinity/selector");
    assert_eq!(said("node01", "NodeResourcesFit"), "", "what comes after a rejection is not asked");
    assert_eq!(said("controlplane", "NodeAffinity"), "");
    let table = cluster.scheduling_table("default/web");
    let totals: Vec<&str> = ["node01", "node02"].map(|node| cell(&table, node, "Total").text.as_str()).into();
    assert_eq!(totals.iter().filter(|text| text.contains("winner")).count(), 1, "{totals:?}");
    assert_eq!(table.columns.iter().find(|head| head.text == "TaintToleration").unwrap().note, "weight 3");
}

#[test]
fn of_rights() {
    let cluster = after(
        "kubectl create role reader --verb=get,list,watch,delete --resource=pods
         kubectl create rolebinding team --role=reader --group=team
         kubectl create rolebinding app --clusterrole=admin --serviceaccount=default:default",
    );
    let table = cluster.access_table("no-such-namespace");
    assert_eq!(table.choice, "default");
    assert_eq!(cell(&table, "team", "pods").text, "read delete");
    assert_eq!(cell(&table, "team", "secrets").text, "nothing");
    assert_eq!(cell(&table, "default", "secrets").text, "all");
    for (_, cells) in &table.rows {
        for cell in cells {
            let words: Vec<&str> = cell.question.iter().map(String::as_str).collect();
            let why = cluster.why(&words, "").unwrap();
            assert_eq!(why.holds, cell.text == "all", "{words:?}: {}", why.answer);
            // Of a single verb the answer is its own.
            let nothing = why.answer.starts_with("no: ") || why.answer.starts_with("allowed: none;");
            assert_eq!(nothing, cell.text == "nothing", "{words:?}: {}", why.answer);
        }
    }
}

#[test]
fn of_connections() {
    let cluster = after(
        "kubectl create deployment web --image=nginx --replicas=2 --port=80
         kubectl expose deployment web
         kubectl run deaf --image=busybox --port=81 -- sleep 3600
         kubectl create service clusterip empty --tcp=80:80",
    );
    let table = cluster.network_table("");
    assert_eq!(table.rows.iter().find(|(head, _)| head.text == "web").unwrap().0.note, "2 pods in default");
    assert_eq!(cell(&table, "web", "empty:80").text, "refused");
    assert_eq!(cell(&table, "web", "deaf:81").text, "refused");
    assert_eq!(cell(&table, "deaf", "203.0.113.1:443").text, "let out");
    assert_eq!(cell(&table, "workstation", "web:80").text, "no route");
    for (_, cells) in &table.rows {
        for cell in cells {
            let words: Vec<&str> = cell.question.iter().map(String::as_str).collect();
            let why = cluster.why(&words, "").unwrap();
            assert_eq!(why.holds, matches!(cell.text.as_str(), "yes" | "let out"), "{words:?}: {}", why.answer);
        }
    }
}

#[test]
fn large_clusters_are_cut_short_and_say_so() {
    let cluster = after("for i in $(seq 25); do kubectl create service clusterip s$i --tcp=80:80; done");
    let table = cluster.network_table("");
    assert_eq!(table.columns.len(), 20);
    assert!(table.omitted.contains("more destinations are not shown."), "{}", table.omitted);
}
