//! Pictures in the terminal, compared with the committed ones.

use downhill_plot::Plot;

fn runs() -> Plot {
    let curve = |rate: f64| (0..=30).map(move |i| (f64::from(i) / 10.0, 10.0 * (-rate * f64::from(i) / 10.0).exp()));
    let diverging = [(0.0, 10.0), (0.1, 1e4), (0.2, 1e20), (0.3, 1e38), (0.4, f64::INFINITY)];
    Plot::new("Three runs")
        .x_label("epoch")
        .y_label("loss")
        .log_y()
        .curve("lr 0.2", curve(3.0))
        .curve("lr 0.002", curve(0.4))
        .curve("lr 5", diverging)
}

#[test]
fn a_small_picture_equals_the_snapshot() {
    let picture = runs().to_terminal(60, 18);
    assert_eq!(picture, include_str!("terminal.txt").trim_end(), "\n{picture}\n");
}

#[test]
fn any_size_gives_that_many_lines_that_fit() {
    for columns in [0, 1, 24, 25, 40, 80, 200] {
        for rows in [0, 1, 8, 9, 12, 24, 60] {
            let picture = runs().to_terminal(columns, rows);
            assert_eq!(picture.lines().count(), rows.max(8), "{columns} by {rows}");
            let widest = picture.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= columns.max(24), "{columns} by {rows}: {widest}");
        }
    }
}

#[test]
fn colors_are_added_to_the_same_characters() {
    let (plain, colored) = (runs().to_terminal(60, 18), runs().to_terminal_in_color(60, 18));
    assert!(!plain.contains('\x1b'));
    // Each part except the first starts with the rest of a colour code, which ends with an m.
    let after_code = |part: &str| part.split_once('m').map_or(String::new(), |(_, text)| text.to_string());
    let mut parts = colored.split("\x1b[");
    let first = parts.next().unwrap().to_string();
    let without = first + &parts.map(after_code).collect::<String>();
    let trimmed: Vec<&str> = without.lines().map(str::trim_end).collect();
    assert_eq!(trimmed.join("\n"), plain);
    assert_eq!(colored.matches("\x1b[0m").count() * 2, colored.matches("\x1b[").count());
}

#[test]
fn names_cannot_break_the_picture() {
    let plot = Plot::new("two\nlines \x1b[31m").curve("a\nb", [(0.0, 1.0), (1.0, 2.0)]);
    let picture = plot.to_terminal(40, 10);
    assert_eq!(picture.lines().count(), 10);
    assert!(!picture.contains('\x1b') && picture.contains("a b"));
}

#[test]
fn labels_are_on_the_rows_of_their_decades() {
    let picture = Plot::new("").log_y().curve("", [(0.0, 1e-4), (1.0, 1e4)]).to_terminal(40, 19);
    let labelled: Vec<(usize, &str)> =
        picture.lines().enumerate().filter_map(|(row, line)| Some((row, line.split_once(" ┤")?.0.trim()))).collect();
    // 17 rows for 8 decades: two rows per decade.
    let expected = [(0, "1e4"), (4, "1e2"), (8, "1e0"), (12, "1e-2"), (16, "1e-4")];
    assert_eq!(labelled, expected);
}
