//! f(x) = x² from x = 10, ten updates: the effect of the learning rate.

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::{Grid, Plot};
use downhill_examples::{descend, value};

const RATES: [(f64, &str); 4] = [
    (0.2, "comes close"),
    (0.05, "too small, still on its way"),
    (0.9, "leaps across, closer each time"),
    (1.1, "each leap lands higher"),
];

fn square(x: &Tensor<f64>) -> Tensor<f64> {
    x.square()
}

pub fn show(file: &Path) -> io::Result<()> {
    println!("f(x) = x² from x = 10: x <- x - rate * f'(x), ten times");
    let mut grid = Grid::new("Ten steps down x²");
    for (rate, what) in RATES {
        let visited = descend(square, 10.0, rate, 10);
        let numbers: Vec<String> = visited.iter().map(|x| format!("{x:.4}")).collect();
        println!("  rate {rate}: {what}\n    {}", numbers.join(" "));
        println!("    ends at {:.10}", visited[10]);
        let reach = visited.iter().fold(10.0, |reach: f64, x| reach.max(x.abs()));
        let plot = Plot::new(format!("rate {rate}: {what}")).x_label("x").y_label("f(x)");
        let path = visited.iter().map(|&x| (x, value(square, x)));
        grid = grid.panel(plot.function("x²", -reach..=reach, |x| value(square, x)).path("steps", path));
    }
    grid.save(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_steps_end_where_the_formula_says() {
        // Each step multiplies x by 1 - 2 * rate.
        let ends = [(0.2, 0.0604661760), (0.05, 3.486784401), (0.9, 1.0737418240), (1.1, 61.917364224)];
        for (rate, end) in ends {
            let visited = descend(square, 10.0, rate, 10);
            assert_eq!(visited.len(), 11);
            assert!((visited[10] - end).abs() < 1e-9, "rate {rate} ends at {}, not {end}", visited[10]);
            assert!((visited[1] - 10.0 * (1.0 - 2.0 * rate)).abs() < 1e-12);
        }
    }
}
