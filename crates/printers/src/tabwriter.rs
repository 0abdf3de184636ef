//! Text in columns: cells end with a tab, and columns of adjacent lines are aligned.

/// Aligns tab-terminated cells as Go's `text/tabwriter` does.
#[derive(Clone, Debug)]
pub struct TabWriter {
    min_width: usize,
    padding: usize,
    /// Columns never get narrower than they once were.
    remember: bool,
    widths: Vec<usize>,
}

impl TabWriter {
    /// The one of `kubectl get`: three blanks between columns, and later rows keep the widths of earlier ones.
    pub fn tables() -> Self {
        Self { min_width: 6, padding: 3, remember: true, widths: Vec::new() }
    }

    /// The one of `kubectl describe`: two blanks between columns.
    pub fn descriptions() -> Self {
        Self { min_width: 0, padding: 2, remember: false, widths: Vec::new() }
    }

    /// The widths that it remembers, by column.
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// Makes it remember these widths.
    pub fn set_widths(&mut self, widths: Vec<usize>) {
        self.widths = widths;
    }

    /// Aligns `text`. A form feed ends the lines that are aligned together, as an explicit flush does in Go.
    // Models go/src/text/tabwriter/tabwriter.go and github.com/liggitt/tabwriter
    pub fn format(&mut self, text: &str) -> String {
        text.split('\u{c}').map(|part| self.block(part)).collect()
    }

    fn block(&mut self, text: &str) -> String {
        let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
        let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
        let mut widths: Vec<Vec<usize>> = lines.iter().map(|line| Vec::with_capacity(line.len())).collect();
        for column in 0..columns.saturating_sub(1) {
            let mut at = 0;
            while at < lines.len() {
                let run = lines[at..].iter().take_while(|line| line.len() > column + 1).count();
                if run > 0 {
                    let width = self.width(column, &lines[at..at + run]);
                    widths[at..at + run].iter_mut().for_each(|line| line.push(width));
                }
                at += run.max(1);
            }
        }
        let mut out = String::with_capacity(text.len() * 2);
        for (index, (line, widths)) in lines.iter().zip(&widths).enumerate() {
            if index > 0 {
                out.push('\n');
            }
            for (column, cell) in line.iter().enumerate() {
                out.push_str(cell);
                let pad = widths.get(column).map_or(0, |width| width.saturating_sub(cell.chars().count()));
                out.extend(std::iter::repeat_n(' ', pad));
            }
        }
        out
    }

    /// The width of a column that all these lines have.
    fn width(&mut self, column: usize, lines: &[Vec<&str>]) -> usize {
        let widest = lines.iter().map(|line| line[column].chars().count() + self.padding).max();
        let mut width = widest.unwrap_or_default().max(self.min_width);
        if self.remember {
            if self.widths.len() <= column {
                self.widths.resize(column + 1, 0);
            }
            width = width.max(self.widths[column]);
            self.widths[column] = width;
        }
        width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_adjacent_lines_are_aligned() {
        let text = "NAME\tREADY\tAGE\nweb\t1/1\t5s\nlonger-name\t\t\n";
        let expect = "NAME          READY   AGE\nweb           1/1     5s\nlonger-name           \n";
        assert_eq!(TabWriter::tables().format(text), expect);
    }

    #[test]
    fn a_line_without_the_column_ends_its_block() {
        let text = "Name:\tweb\nLabels:\t<none>\nIPs:\n  IP:\t10.0.0.1\n";
        let expect = "Name:    web\nLabels:  <none>\nIPs:\n  IP:  10.0.0.1\n";
        assert_eq!(TabWriter::descriptions().format(text), expect);
    }

    #[test]
    fn tables_keep_their_widths() {
        let mut writer = TabWriter::tables();
        writer.format("NAME\tAGE\na-long-name\t5s\n");
        assert_eq!(writer.format("web\t6s\n"), "web           6s\n");
    }

    #[test]
    fn a_line_of_many_tabs_is_no_trouble() {
        let text = "\t".repeat(20_000);
        assert_eq!(TabWriter::descriptions().format(&text).len(), 40_000);
    }
}
