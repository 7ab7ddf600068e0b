//! What the SVG pictures show, read back from their text.

use downhill_plot::{Grid, Levels, Plot};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// The data of every drawn path of a colour: its lines, and its crosses (drawn 2.5 pixels wide).
fn paths(svg: &str, color: &str, width: &str) -> Vec<String> {
    let attributes = format!("stroke=\"{color}\" stroke-width=\"{width}\"");
    let lines = svg.lines().filter(|line| line.contains(&attributes));
    lines.filter_map(|line| Some(line.split_once(" d=\"")?.1.split_once('"')?.0.to_string())).collect()
}

const BLUE: &str = "#0072b2";

#[test]
fn a_gap_breaks_the_line_and_a_cross_marks_the_last_point_before_it() {
    let points = [(0.0, 1.0), (1.0, 2.0), (2.0, NAN), (3.0, 1.0), (4.0, 3.0)];
    let svg = Plot::new("").curve("", points).curve("", [(0.0, 1.0), (4.0, 3.0)]).to_svg();
    let lines = paths(&svg, BLUE, "2");
    // The second line is the sample in the legend.
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0].matches('M').count(), 2, "one line before the gap and one after it");
    let last_before = lines[0].split(['L', 'M']).nth(2).unwrap();
    let (x, y) = last_before.split_once(' ').unwrap();
    let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
    let cross = &paths(&svg, BLUE, "2.5")[0];
    let start: Vec<f64> = cross[1..cross.find('L').unwrap()].split(' ').map(|n| n.parse().unwrap()).collect();
    assert!((start[0] + 5.0 - x).abs() < 0.11 && (start[1] + 5.0 - y).abs() < 0.11, "{cross} at {x} {y}");
    assert!(svg.contains(">(NaN at 2)<"));
}

#[test]
fn the_legend_names_what_cannot_be_drawn() {
    let cases: [(&[(f64, f64)], &str); 5] = [
        (&[(0.0, 1.0), (0.37, INF), (0.5, NAN)], "run (inf at 0.37)"),
        (&[(0.0, 1.0), (2.0, 0.0)], "run (0 at 2)"),
        (&[(0.0, NAN), (1.0, NAN)], "run (NaN at 0)"),
        (&[(0.0, 1.0), (1.0, -1e-9)], "run (negative at 1)"),
        (&[(0.0, 1.0), (1.0, 2.0)], "run"),
    ];
    for (points, label) in cases {
        let svg = Plot::new("").log_y().curve("run", points).to_svg();
        assert!(svg.contains(&format!(">{label}<")), "{label}");
    }
}

#[test]
fn empty_pictures_can_be_drawn() {
    let plots = [
        Plot::new("empty"),
        Plot::new("no points").log_x().log_y().curve("none", [(0.0, 0.0); 0]),
        Plot::new("not finite").curve("a", [(NAN, NAN), (INF, 1.0)]).path("b", [(1.0, -INF)]),
        Plot::new("undefined").contour(0.0..=1.0, 0.0..=1.0, |_, _| NAN).path("c", [(5.0, 5.0)]),
        Plot::new("constant").contour(0.0..=1.0, 0.0..=1.0, |_, _| 1.0).contour_lines(),
        Plot::new("huge").curve("d", [(f64::MIN, f64::MAX), (f64::MAX, f64::MIN)]),
        Plot::new("tiny").curve("e", [(0.0, 0.0), (5e-324, 5e-324)]).log_y(),
    ];
    let mut grid = Grid::new("all").columns(3);
    for plot in plots {
        assert_eq!(plot.to_terminal(80, 24).lines().count(), 24);
        grid = grid.panel(plot);
    }
    let svg = grid.to_svg();
    for attribute in ["d", "x", "y", "width", "height", "cx", "cy", "points"] {
        for value in svg.split(&format!(" {attribute}=\"")).skip(1) {
            let value = value.split('"').next().unwrap();
            assert!(!value.contains("NaN") && !value.contains("inf"), "{attribute}={value}");
        }
    }
    assert_eq!(svg.matches("<g ").count(), 7);
    assert!(Grid::new("").to_svg().contains("</svg>"));
}

#[test]
fn names_are_escaped() {
    let svg = Plot::new("a < b & \"c\"").x_label("<x>").y_label("y & z").curve("<script>", [(0.0, 1.0)]).to_svg();
    for text in [">a &lt; b &amp; &quot;c&quot;<", ">&lt;x&gt;<", ">y &amp; z<", ">&lt;script&gt;<"] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains("<script>"));
}

#[test]
fn a_long_curve_makes_a_small_picture() {
    let points = (0..100_000).map(|i| (f64::from(i), (f64::from(i) * 0.7).sin()));
    let svg = Plot::new("").curve("long", points).to_svg();
    assert!(svg.len() < 60_000, "{} bytes", svg.len());
    assert!(paths(&svg, BLUE, "2")[0].len() > 10_000);
}

#[test]
fn lines_beyond_a_given_range_are_clipped() {
    let svg = Plot::new("").y_range(0.0..=1.0).curve("", [(0.0, 0.5), (1.0, 1e300), (2.0, 0.5)]).to_svg();
    let line = &paths(&svg, BLUE, "2")[0];
    assert_eq!(line.matches('M').count(), 2, "out through the top and back in: {line}");
    let numbers = line.split(['M', 'L', ' ']).filter(|number| !number.is_empty());
    assert!(numbers.map(|number| number.parse::<f64>().unwrap()).all(|number| (0.0..=700.0).contains(&number)));
}

#[test]
fn each_level_is_one_path() {
    let two_hills = |x: f64, y: f64| 0.95 * ((-(x - 2.0).powi(2) - y * y).exp() + (-(x + 2.0).powi(2) - y * y).exp());
    let plot = Plot::new("").contour(-4.0..=4.0, -3.0..=3.0, two_hills).levels(Levels::Even(4));
    let filled = plot.to_svg();
    let areas: Vec<&str> = filled.lines().filter(|line| line.contains("Z\" fill=\"#")).collect();
    assert_eq!(areas.len(), 5, "the background, and the levels 0.2, 0.4, 0.6, 0.8");
    assert_eq!(areas[4].matches('M').count(), 2, "two hills");
    let lines = plot.contour_lines().to_svg();
    assert!(!lines.contains("Z\""));
    assert_eq!(lines.matches("stroke-width=\"1.3\"").count(), 4);
}

#[test]
fn the_same_plot_gives_the_same_bytes() {
    let plot = || Plot::new("t").contour(-1.0..=1.0, -1.0..=1.0, |x, y| x * y).path("p", [(0.0, 0.0), (0.5, 0.5)]);
    assert_eq!(plot().to_svg(), plot().to_svg());
}

#[test]
fn mistakes_name_what_was_given() {
    type Mistake = fn() -> String;
    let cases: [(Mistake, &str); 5] = [
        (
            || Plot::new("").y_range(1.0..=1.0).to_svg(),
            "Plot::y_range: expected a range from a finite number to a clearly greater one, got 1..=1",
        ),
        (
            || Plot::new("").function("f", 0.0..=INF, |x| x).to_svg(),
            "Plot::function: expected a range from a finite number to a clearly greater one, got 0..=inf",
        ),
        (
            || Plot::new("").y_range(0.0..=1.0).log_y().to_svg(),
            "Plot: a log y-axis shows values above zero only, but its range is 0..=1",
        ),
        (|| Plot::new("").levels(Levels::Log(0)).to_svg(), "Plot::levels: expected 1 to 100 levels, got 0"),
        (
            || Plot::new("").size(10.0, 500.0).to_svg(),
            "Plot::size: expected sides from 200 to 10000 pixels, got 10 by 500",
        ),
    ];
    for (mistake, message) in cases {
        let error = std::panic::catch_unwind(mistake).unwrap_err();
        assert_eq!(error.downcast_ref::<String>().map(String::as_str), Some(message));
    }
}
