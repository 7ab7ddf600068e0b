//! W8: a bias and a layer norm made of primitive operations; dominated by passes over memory.

use crate::stream::uniform;
use crate::timing::Report;
use crate::workloads::gradient_step;

pub fn run(report: &Report) {
    let x = uniform(801, &[512, 1024], -1.0, 1.0).requires_grad_(true);
    let b = uniform(802, &[1024], -1.0, 1.0).requires_grad_(true);
    let w = uniform(803, &[512, 1024], -1.0, 1.0);
    gradient_step(report, &[&x, &b], || {
        let h = &x + &b;
        let d = &h - h.mean_keepdim(-1);
        let v = (&d * &d).mean_keepdim(-1);
        (d / (v + 1e-5).sqrt() * &w).sum()
    });
}
