//! Small graphs for tests.

use super::node::{Input, Kind, LineKind, Node};

/// A graph under construction: every method returns the index of the new node.
#[derive(Default)]
pub(crate) struct Sample {
    pub(crate) nodes: Vec<Node>,
}

impl Sample {
    pub(crate) fn add(
        &mut self,
        kind: Kind,
        title: &str,
        shape: &[usize],
        group: &str,
        inputs: &[(usize, f64)],
    ) -> usize {
        let number = self.nodes.len();
        let input =
            |&(node, strength): &(usize, f64)| Input { node, strength: Some(strength).filter(|&norm| norm != -1.0) };
        self.nodes.push(Node {
            number,
            kind,
            title: title.to_string(),
            shape: shape.to_vec(),
            lines: Vec::new(),
            tooltip: vec![format!("%{number} {title}")],
            group: (!group.is_empty()).then(|| group.to_string()),
            inputs: inputs.iter().map(input).collect(),
            entries: vec![number],
        });
        number
    }

    pub(crate) fn line(&mut self, kind: LineKind, text: &str) {
        if let Some(node) = self.nodes.last_mut() {
            node.lines.push((kind, text.to_string()));
        }
    }
}

/// x w + b against y.
pub(crate) fn linear_regression() -> Vec<Node> {
    let mut graph = Sample::default();
    let x = graph.add(Kind::Data, "x", &[10, 2], "", &[]);
    let w = graph.add(Kind::Parameter, "w", &[2, 1], "", &[]);
    graph.line(LineKind::Value, "[[0.5], [-1]]");
    graph.line(LineKind::Gradient, "grad [[-3.02], [8.71]]");
    let product = graph.add(Kind::Operation, "matmul", &[10, 1], "", &[(x, -1.0), (w, 9.2)]);
    let b = graph.add(Kind::Parameter, "b", &[1], "", &[]);
    graph.line(LineKind::Value, "[0]");
    graph.line(LineKind::Gradient, "grad [-8.4]");
    let sum = graph.add(Kind::Operation, "add", &[10, 1], "", &[(product, 3.1), (b, 8.4)]);
    let y = graph.add(Kind::Data, "y", &[10, 1], "", &[]);
    let error = graph.add(Kind::Operation, "sub", &[10, 1], "", &[(sum, 3.1), (y, -1.0)]);
    let square = graph.add(Kind::Operation, "square", &[10, 1], "", &[(error, 3.1)]);
    graph.add(Kind::Loss, "mean", &[], "", &[(square, 0.31)]);
    graph.line(LineKind::Value, "23.65");
    graph.nodes
}

/// A tensor that is used twice, and squared by a product with itself.
pub(crate) fn diamond() -> Vec<Node> {
    let mut graph = Sample::default();
    let a = graph.add(Kind::Parameter, "a", &[3], "", &[]);
    let exp = graph.add(Kind::Operation, "exp", &[3], "", &[(a, 2.0)]);
    let sin = graph.add(Kind::Operation, "sin", &[3], "", &[(exp, 0.1)]);
    let cos = graph.add(Kind::Operation, "cos", &[3], "", &[(exp, 0.0)]);
    let product = graph.add(Kind::Operation, "mul", &[3], "", &[(sin, 1.0), (cos, 0.0)]);
    let square = graph.add(Kind::Operation, "mul", &[3], "", &[(product, 1.0), (product, f64::NAN)]);
    graph.add(Kind::Loss, "sum", &[], "", &[(square, 1.0)]);
    graph.nodes
}

/// Two layers with a relu between them.
pub(crate) fn two_layers() -> Vec<Node> {
    let mut graph = Sample::default();
    let x = graph.add(Kind::Data, "x", &[8, 2], "", &[]);
    let mut value = x;
    let layers: [(&str, [&[usize]; 3]); 2] =
        [("fc1", [&[16, 2], &[16], &[8, 16]]), ("fc2", [&[3, 16], &[3], &[8, 3]])];
    for (name, shapes) in layers {
        let weight = graph.add(Kind::Parameter, &format!("{name}.weight"), shapes[0], name, &[]);
        let bias = graph.add(Kind::Parameter, &format!("{name}.bias"), shapes[1], name, &[]);
        let flow = if value == x { -1.0 } else { 0.04 };
        value = graph.add(Kind::Operation, "linear", shapes[2], name, &[(value, flow), (weight, 0.7), (bias, 0.02)]);
        if name == "fc1" {
            value = graph.add(Kind::Operation, "relu", shapes[2], name, &[(value, 0.05)]);
        }
    }
    let labels = graph.add(Kind::Data, "labels", &[8], "", &[]);
    graph.add(Kind::Loss, "cross_entropy", &[], "", &[(value, 0.3), (labels, -1.0)]);
    graph.line(LineKind::Value, "1.092");
    graph.nodes
}

/// LeNet in its modern form (after LeCun and others, 1998), with a batch of four.
pub(crate) fn lenet() -> Vec<Node> {
    let mut graph = Sample::default();
    let mut value = graph.add(Kind::Data, "images", &[4, 1, 28, 28], "", &[]);
    type After = &'static [(&'static str, &'static [usize])];
    let layers: [(&str, &str, [&[usize]; 3], After); 5] = [
        (
            "conv1",
            "conv2d",
            [&[6, 1, 5, 5], &[6], &[4, 6, 28, 28]],
            &[("relu", &[4, 6, 28, 28]), ("max_pool2d", &[4, 6, 14, 14])],
        ),
        (
            "conv2",
            "conv2d",
            [&[16, 6, 5, 5], &[16], &[4, 16, 10, 10]],
            &[("relu", &[4, 16, 10, 10]), ("max_pool2d", &[4, 16, 5, 5]), ("reshape", &[4, 400])],
        ),
        ("fc1", "linear", [&[120, 400], &[120], &[4, 120]], &[("relu", &[4, 120])]),
        ("fc2", "linear", [&[84, 120], &[84], &[4, 84]], &[("relu", &[4, 84])]),
        ("fc3", "linear", [&[10, 84], &[10], &[4, 10]], &[]),
    ];
    let mut flow = -1.0;
    for (index, (name, op, shapes, after)) in layers.into_iter().enumerate() {
        let weight = graph.add(Kind::Parameter, &format!("{name}.weight"), shapes[0], name, &[]);
        let bias = graph.add(Kind::Parameter, &format!("{name}.bias"), shapes[1], name, &[]);
        value = graph.add(Kind::Operation, op, shapes[2], name, &[(value, flow), (weight, 0.3), (bias, 0.1)]);
        flow = 10f64.powi(index as i32 - 4);
        for (op, shape) in after {
            value = graph.add(Kind::Operation, op, shape, name, &[(value, flow)]);
        }
    }
    let labels = graph.add(Kind::Data, "labels", &[4], "", &[]);
    graph.add(Kind::Loss, "cross_entropy", &[], "", &[(value, 0.5), (labels, -1.0)]);
    graph.line(LineKind::Value, "2.305");
    graph.nodes
}

/// Two heads on a shared trunk, a skip connection, and a module that is applied twice.
pub(crate) fn branches() -> Vec<Node> {
    let mut graph = Sample::default();
    let x = graph.add(Kind::Data, "x", &[8, 4], "", &[]);
    let linear = |graph: &mut Sample, x: usize, name: &str| {
        let weight = graph.add(Kind::Parameter, &format!("{name}.weight"), &[4, 4], name, &[]);
        let product = graph.add(Kind::Operation, "linear", &[8, 4], name, &[(x, 0.2), (weight, 0.5)]);
        graph.add(Kind::Operation, "tanh", &[8, 4], name, &[(product, 0.1)])
    };
    let hidden = linear(&mut graph, x, "trunk");
    let policy = linear(&mut graph, hidden, "policy");
    let value = linear(&mut graph, hidden, "value");
    let deeper = linear(&mut graph, value, "value2");
    let skip = graph.add(Kind::Operation, "add", &[8, 4], "", &[(hidden, 0.2), (deeper, 0.2)]);
    let again = graph.add(Kind::Operation, "linear", &[8, 4], "trunk", &[(skip, 0.2), (1, 0.05)]);
    let sum = graph.add(Kind::Operation, "mul", &[8, 4], "", &[(policy, 0.2), (again, 0.2)]);
    graph.add(Kind::Loss, "mean", &[], "", &[(sum, 0.4)]);
    graph.nodes
}

/// A recurrent cell with one weight, unrolled step by step.
pub(crate) fn recurrent() -> Vec<Node> {
    let mut graph = Sample::default();
    let mut state = graph.add(Kind::Data, "h0", &[4], "", &[]);
    let weight = graph.add(Kind::Parameter, "cell.weight", &[4, 4], "cell", &[]);
    for step in 0..4 {
        let x = graph.add(Kind::Data, &format!("x{step}"), &[4], "", &[]);
        let product = graph.add(Kind::Operation, "matmul", &[4], "cell", &[(state, 0.1), (weight, 0.2)]);
        let sum = graph.add(Kind::Operation, "add", &[4], "cell", &[(product, 0.1), (x, -1.0)]);
        state = graph.add(Kind::Operation, "tanh", &[4], "cell", &[(sum, 0.1)]);
    }
    graph.add(Kind::Loss, "mean", &[], "", &[(state, 0.4)]);
    graph.nodes
}

/// Blocks of two modules each, with a skip connection around them.
pub(crate) fn residual(blocks: usize) -> Vec<Node> {
    let mut graph = Sample::default();
    let mut value = graph.add(Kind::Data, "x", &[8, 4], "", &[]);
    for block in 0..blocks {
        let before = value;
        for layer in ["fc1", "fc2"] {
            let group = format!("block{block}.{layer}");
            let weight = graph.add(Kind::Parameter, &format!("{group}.weight"), &[4, 4], &group, &[]);
            value = graph.add(Kind::Operation, "linear", &[8, 4], &group, &[(value, 0.3), (weight, 0.2)]);
            value = graph.add(Kind::Operation, "relu", &[8, 4], &group, &[(value, 0.3)]);
        }
        value = graph.add(Kind::Operation, "add", &[8, 4], &format!("block{block}"), &[(value, 0.3), (before, 0.3)]);
    }
    graph.add(Kind::Loss, "mean", &[], "", &[(value, 0.4)]);
    graph.nodes
}

/// A pseudo-random graph, determined by the seed.
pub(crate) fn random(count: usize, seed: u64) -> Vec<Node> {
    let mut graph = Sample::default();
    let mut state = seed.wrapping_mul(2) + 1;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for index in 0..count {
        let group = ["", "a", "b", "c.d"][draw(4)];
        let inputs = if index == 0 { 0 } else { draw(4) };
        let inputs: Vec<(usize, f64)> =
            (0..inputs).map(|_| (index - 1 - draw(index.min(8)), 10f64.powi(-(draw(6) as i32)))).collect();
        let kind = if inputs.is_empty() { Kind::Parameter } else { Kind::Operation };
        graph.add(kind, &"node".repeat(1 + draw(3)), &[draw(100), 7], group, &inputs);
    }
    graph.nodes
}

/// All small graphs with their names.
pub(crate) fn all() -> Vec<(&'static str, Vec<Node>)> {
    vec![
        ("linear regression", linear_regression()),
        ("diamond", diamond()),
        ("two layers", two_layers()),
        ("lenet", lenet()),
        ("branches", branches()),
        ("recurrent", recurrent()),
        ("residual", residual(3)),
        ("many blocks", residual(12)),
    ]
}
