//! The line search of LBFGS: finds a step length that satisfies the strong Wolfe conditions.
//!
//! With f(t) the loss after a step of length t and f'(t) its slope, the conditions are (Nocedal and Wright, Numerical
//! Optimization, second edition, 2006, section 3.1)
//!
//! ```text
//! f(t) <= f(0) + c1 t f'(0)      the loss falls enough        c1 = 1e-4
//! |f'(t)| <= c2 |f'(0)|          and the slope has flattened   c2 = 0.9
//! ```
//!
//! First longer and longer steps are tried until a bracket contains such a step, then the bracket is narrowed by
//! cubic interpolation (algorithms 3.5 and 3.6 of the book, with the safeguards of minFunc that PyTorch uses as
//! well).

const C1: f64 = 1e-4;
const C2: f64 = 0.9;

/// One step along the direction: its length, and the loss, the gradient and the slope after it.
#[derive(Clone, Debug)]
pub(crate) struct Point<T> {
    pub(crate) step: f64,
    pub(crate) loss: f64,
    pub(crate) grad: Vec<T>,
    pub(crate) slope: f64,
}

/// The minimum of the cubic through two points with their slopes, clamped to the bounds; the middle of the bounds if
/// the cubic has no minimum.
fn cubic_interpolate<T>(a: &Point<T>, b: &Point<T>, (low, high): (f64, f64)) -> f64 {
    let d1 = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.step - b.step);
    let square = d1 * d1 - a.slope * b.slope;
    if square.is_nan() || square < 0.0 {
        return (low + high) / 2.0;
    }
    let d2 = square.sqrt();
    let (left, right) = if a.step <= b.step { (a, b) } else { (b, a) };
    let width = right.step - left.step;
    let minimum = right.step - width * ((right.slope + d2 - d1) / (right.slope - left.slope + 2.0 * d2));
    // As Python's `max` and `min` do here, NaN stays NaN.
    let minimum = if low > minimum { low } else { minimum };
    if high < minimum { high } else { minimum }
}

/// Searches from `start` along the direction, trying `step` first. `evaluate` returns the point at a step length.
/// Returns the best point and the number of evaluations.
pub(crate) fn strong_wolfe<T: Clone>(
    start: &Point<T>,
    step: f64,
    direction_size: f64,
    tolerance_change: f64,
    max_iter: usize,
    mut evaluate: impl FnMut(f64) -> Point<T>,
) -> (Point<T>, usize) {
    let too_high = |point: &Point<T>| point.loss > start.loss + C1 * point.step * start.slope;
    let flattened = |point: &Point<T>| point.slope.abs() <= -C2 * start.slope;

    // Lengthen the step until a bracket is found.
    let (mut before, mut point) = (start.clone(), evaluate(step));
    let mut iterations = 0;
    let mut bracket = loop {
        if iterations == max_iter {
            break [start.clone(), point];
        }
        if too_high(&point) || (iterations > 1 && point.loss >= before.loss) {
            break [before, point];
        }
        if flattened(&point) {
            return (point, iterations + 1);
        }
        if point.slope >= 0.0 {
            break [before, point];
        }
        let bounds = (point.step + 0.01 * (point.step - before.step), point.step * 10.0);
        let next = cubic_interpolate(&before, &point, bounds);
        before = std::mem::replace(&mut point, evaluate(next));
        iterations += 1;
    };

    // Narrow the bracket; `low` is the end with the smaller loss.
    let lower_end = |bracket: &[Point<T>; 2]| if bracket[0].loss <= bracket[1].loss { 0 } else { 1 };
    let mut low = lower_end(&bracket);
    let mut slow = false;
    while iterations < max_iter {
        let (left, right) = (bracket[0].step.min(bracket[1].step), bracket[0].step.max(bracket[1].step));
        if (right - left) * direction_size < tolerance_change {
            break;
        }
        let mut step = cubic_interpolate(&bracket[0], &bracket[1], (left, right));
        // A step close to one end makes little progress: the second time in a row it is moved inwards.
        let margin = 0.1 * (right - left);
        let near = (right - step).min(step - left) < margin;
        if near && (slow || step >= right || step <= left) {
            step = if (step - right).abs() < (step - left).abs() { right - margin } else { left + margin };
            slow = false;
        } else {
            slow = near;
        }

        let point = evaluate(step);
        iterations += 1;
        if too_high(&point) || point.loss >= bracket[low].loss {
            bracket[1 - low] = point;
            low = lower_end(&bracket);
            continue;
        }
        let done = flattened(&point);
        if !done && point.slope * (bracket[1 - low].step - bracket[low].step) >= 0.0 {
            bracket[1 - low] = bracket[low].clone();
        }
        bracket[low] = point;
        if done {
            break;
        }
    }
    let [first, second] = bracket;
    (if low == 0 { first } else { second }, iterations + 1)
}
