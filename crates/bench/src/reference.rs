//! The check values of PyTorch: the timing of a program that computes something else is worth nothing.

/// The relative tolerance of the check values.
const TOLERANCE: f64 = 1e-5;

/// The workloads with their check values.
const REFERENCE: [(&str, &[f64]); 14] = [
    ("W1", &[29.71993, 6.185009]),
    ("W2", &[2.309036, 2.023260]),
    ("W3", &[2.317394, 2.314362]),
    ("W4", &[0.3522375, 0.3516331]),
    ("W5", &[316.3377, 632.6755]),
    ("W5b", &[1000001.0]),
    ("W6", &[615824.0, 360700.46]),
    ("W7", &[10.278820, 1.9997917]),
    ("W8", &[-410.220, 321280.63]),
    ("W9-256", &[279324.56]),
    ("W9-512", &[1580915.94]),
    ("W9-1024", &[8929678.1]),
    ("W9-2048", &[50506374.0]),
    ("memory-epoch", &[]),
];

/// Panics when a workload did not compute what it should.
pub fn check(workload: &str, found: &[f64]) {
    let name = workload.strip_prefix("memory-").unwrap_or(workload);
    let row = REFERENCE.iter().find(|(row, _)| *row == name || *row == workload);
    let (_, expected) = row.unwrap_or_else(|| panic!("{workload} has no check values in reference.rs"));
    let near = |(found, expected): (&f64, &f64)| (found - expected).abs() <= TOLERANCE * expected.abs();
    assert!(
        found.len() == expected.len() && found.iter().zip(*expected).all(near),
        "{workload}: the check values are {found:?}, expected {expected:?}"
    );
}
