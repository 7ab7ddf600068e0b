//! Properties that every layout must have.

use super::*;
use crate::graph::{modules::modules, samples, shape};

fn arranged(nodes: &[Node]) -> Drawing {
    let sizes: Vec<(f64, f64)> = nodes.iter().map(shape::size).collect();
    arrange(nodes, modules(nodes), &sizes, shape::name_width)
}

fn graphs() -> Vec<(String, Vec<Node>)> {
    let named = samples::all().into_iter().map(|(name, nodes)| (name.to_string(), nodes));
    named.chain((0..40).map(|seed| (format!("seed {seed}"), samples::random(30, seed)))).collect()
}

fn apart(a: &Rect, b: &Rect) -> bool {
    a.left + a.width < b.left || b.left + b.width < a.left || a.top + a.height < b.top || b.top + b.height < a.top
}

fn within(inner: &Rect, outer: &Rect) -> bool {
    inner.left >= outer.left
        && inner.top >= outer.top
        && inner.left + inner.width <= outer.left + outer.width
        && inner.top + inner.height <= outer.top + outer.height
}

#[test]
fn boxes_do_not_overlap_and_hold_only_their_own_nodes() {
    for (name, nodes) in graphs() {
        let drawing = arranged(&nodes);
        let modules = modules(&nodes);
        let page = Rect { left: -0.01, top: -0.01, width: drawing.width + 0.02, height: drawing.height + 0.02 };
        for (index, rect) in drawing.nodes.iter().enumerate() {
            assert!(within(rect, &page), "{name}: node {index} leaves the page");
            for (other, of) in drawing.nodes[..index].iter().enumerate() {
                assert!(apart(rect, of), "{name}: nodes {other} and {index} overlap");
            }
            for (module, of) in modules.iter().zip(&drawing.modules) {
                let owned = module.nodes.contains(&index);
                assert!(if owned { within(rect, &of.rect) } else { apart(rect, &of.rect) }, "{name}: node {index}");
            }
        }
        for (index, module) in drawing.modules.iter().enumerate() {
            assert!(drawing.modules[..index].iter().all(|other| apart(&module.rect, &other.rect)), "{name}");
        }
    }
}

#[test]
fn edges_go_down_from_node_to_node_and_pass_through_no_other() {
    for (name, nodes) in graphs() {
        let drawing = arranged(&nodes);
        assert_eq!(drawing.edges.len(), nodes.iter().map(|node| node.inputs.len()).sum::<usize>());
        for edge in &drawing.edges {
            let source = nodes[edge.consumer].inputs[edge.position].node;
            let (from, to) = (&drawing.nodes[source], &drawing.nodes[edge.consumer]);
            let (first, last) = (edge.route[0], edge.route[edge.route.len() - 1]);
            let place = format!("{name}: edge from {source} to {}: {:?}", edge.consumer, edge.route);
            assert!((first.x - from.left - from.width / 2.0).abs() < 0.1, "{place}");
            assert!((first.top - from.top - from.height).abs() < 0.1, "{place}");
            assert!((last.x - to.left - to.width / 2.0).abs() < to.width / 2.0, "{place}");
            assert!((last.bottom - to.top).abs() < 0.1, "{place}");
            assert!(edge.route.iter().all(|span| span.top <= span.bottom + 1e-9), "{place}");
            assert!(edge.route.windows(2).all(|pair| pair[0].bottom < pair[1].top), "{place}");
            for (index, rect) in drawing.nodes.iter().enumerate() {
                let passes = |span: &Span| {
                    let line = Rect { left: span.x, top: span.top, width: 0.0, height: span.bottom - span.top };
                    !apart(&line, rect)
                };
                let own = index == source || index == edge.consumer;
                assert!(own || !edge.route.iter().any(passes), "{place} passes through {index}");
            }
        }
    }
}

#[test]
fn chains_are_straight() {
    let nodes = samples::lenet();
    let drawing = arranged(&nodes);
    let middle = |index: usize| drawing.nodes[index].left + drawing.nodes[index].width / 2.0;
    let chain = (0..nodes.len()).filter(|&index| nodes[index].kind != crate::graph::node::Kind::Parameter);
    for index in chain.filter(|&index| nodes[index].title != "labels") {
        assert!(
            (middle(index) - middle(0)).abs() < 0.05,
            "{}: {} and {}",
            nodes[index].title,
            middle(index),
            middle(0)
        );
    }
    let diamond = arranged(&samples::diamond());
    let middle = |index: usize| diamond.nodes[index].left + diamond.nodes[index].width / 2.0;
    assert!((middle(1) - (middle(2) + middle(3)) / 2.0).abs() < 0.5, "what branches stands in the middle");
    assert!((middle(4) - (middle(2) + middle(3)) / 2.0).abs() < 0.5, "what joins stands in the middle");
}

#[test]
fn a_large_graph_takes_little_time() {
    let drawing = arranged(&samples::residual(150));
    assert_eq!(drawing.nodes.len(), 1052);
}
