//! f(x) = (x² - 4)²/8 + x/2 has a shallow valley near 1.86 and a deeper one near -2.11: where does the path end?

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::{Grid, Plot};
use downhill_examples::{descend, value};

const START: f64 = 3.5;
const RATES: [(f64, &str); 3] =
    [(0.05, "stops in the nearer valley"), (0.3, "leaps into the other"), (0.435, "swings to and fro there")];

fn valleys(x: &Tensor<f64>) -> Tensor<f64> {
    (x.square() - 4).square() / 8 + x / 2
}

pub fn show(file: &Path) -> io::Result<()> {
    println!("f(x) = (x² - 4)²/8 + x/2 from x = {START}, thirty steps");
    let mut grid = Grid::new("Two valleys").columns(3).panel_size(380.0, 320.0);
    for (rate, what) in RATES {
        let visited = descend(valleys, START, rate, 30);
        let last: Vec<String> = visited[27..].iter().map(|x| format!("{x:.3}")).collect();
        println!("  rate {rate}: {what}; the last points are {}", last.join(" "));
        let plot = Plot::new(format!("rate {rate}: {what}")).x_label("x").y_label("f(x)");
        let path = visited.iter().map(|&x| (x, value(valleys, x)));
        grid = grid.panel(plot.function("f(x)", -3.6..=3.6, |x| value(valleys, x)).path("steps", path));
    }
    grid.save(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_decides_the_valley() {
        let end = |rate| descend(valleys, START, rate, 200)[198..].to_vec();
        // Where the slope x (x² - 4)/2 + 1/2 is 0.
        assert!(end(0.05).iter().all(|x| (x - 1.860806).abs() < 1e-5));
        assert!(end(0.3).iter().all(|x| (x + 2.114908).abs() < 1e-5));
        let swing = end(0.435);
        assert!((swing[0] - swing[1]).abs() > 0.1 && swing.iter().all(|&x| x < -1.9));
    }
}
