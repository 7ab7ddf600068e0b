//! Graphs drawn from tapes.

use downhill_nn as nn;
use downhill_nn::{Layer, Module};
use downhill_tensor::prelude::*;
use downhill_viz::Graph;

fn linear_regression() -> Tape {
    let x = Tensor::from([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]]).named("x");
    let y = Tensor::from([[1.0], [2.0], [0.5]]).named("y");
    let w = Tensor::from([[0.5], [-1.0]]).requires_grad_(true).named("w");
    let b = Tensor::from([0.25]).requires_grad_(true).named("b");
    Tape::record(|| (x.matmul(&w) + &b - &y).square().mean().backward()).1
}

fn diamond() -> Tape {
    let a = Tensor::from([0.5, -1.0, 2.0]).requires_grad_(true).named("a");
    Tape::record(|| {
        let shared = a.exp();
        (shared.sin() * shared.relu() * &shared).sum().backward();
    })
    .1
}

fn two_layers() -> Tape {
    manual_seed(0);
    let net = nn::Sequential::new().add(nn::Linear::new(2, 16)).add(nn::ReLU).add(nn::Linear::new(16, 3));
    let x = Tensor::randn([8, 2]).named("x");
    let labels = Tensor::from([0, 1, 2, 0, 1, 2, 0, 1]).named("labels");
    let (_, tape) = Tape::record(|| nn::CrossEntropyLoss::new().forward(&net.forward(&x), &labels).backward());
    tape.with_names(net.named_parameters())
}

/// LeNet in its modern form (after LeCun and others, 1998), with a batch of four.
fn lenet() -> Tape {
    manual_seed(0);
    let (conv1, conv2) = (nn::Conv2d::new(1, 6, 5).padding(2), nn::Conv2d::new(6, 16, 5));
    let (fc1, fc2, fc3) = (nn::Linear::new(400, 120), nn::Linear::new(120, 84), nn::Linear::new(84, 10));
    let pool = nn::MaxPool2d::new(2);
    let images = Tensor::randn([4, 1, 28, 28]).named("images");
    let labels = Tensor::from([3, 1, 4, 1]).named("labels");
    let (_, tape) = Tape::record(|| {
        let x = pool.forward(&conv1.forward(&images).relu());
        let x = pool.forward(&conv2.forward(&x).relu());
        let x = fc1.forward(&x.flatten_dims(1, -1)).relu();
        let x = fc3.forward(&fc2.forward(&x).relu());
        nn::CrossEntropyLoss::new().forward(&x, &labels).backward();
    });
    let parts: [(&str, &dyn Module); 5] =
        [("conv1", &conv1), ("conv2", &conv2), ("fc1", &fc1), ("fc2", &fc2), ("fc3", &fc3)];
    parts.into_iter().fold(tape, |tape, (name, part)| {
        let named = part.named_parameters().into_iter().map(|(inner, tensor)| (format!("{name}.{inner}"), tensor));
        tape.with_names(named.collect::<Vec<_>>())
    })
}

fn tapes() -> [(&'static str, Tape); 4] {
    [("linear regression", linear_regression()), ("diamond", diamond()), ("net", two_layers()), ("lenet", lenet())]
}

/// Checks the rules of well-formed XML that our writer could break: tags are closed in order, attributes are quoted,
/// reserved characters are escaped, and ids are unique.
fn check_svg(svg: &str) {
    let mut open = Vec::new();
    let mut ids = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        check_text(&rest[..start]);
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let pieces: Vec<&str> = attributes.trim_end_matches('/').split('"').collect();
        assert!(pieces.len() % 2 == 1, "quotes come in pairs: {tag}");
        for pair in pieces.chunks_exact(2) {
            let key = pair[0].trim().strip_suffix('=').unwrap_or_else(|| panic!("a name and a sign: {tag}"));
            assert!(key.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == ':'), "{key} in {tag}");
            assert!(!["NaN", "inf"].contains(&pair[1]) && !pair[1].contains("NaN "), "{tag}");
            check_text(pair[1]);
            if key == "id" {
                ids.push(pair[1]);
            }
        }
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "ids are unique");
}

fn check_text(text: &str) {
    assert!(!text.contains(['<', '>']), "{text}");
    for (index, _) in text.match_indices('&') {
        let entity = text[index + 1..].split(';').next().unwrap_or_default();
        assert!(["amp", "lt", "gt", "quot", "#39"].contains(&entity), "{text}");
    }
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
}

#[test]
fn every_entry_and_every_input_has_its_element() {
    for (name, tape) in tapes() {
        let svg = Graph::of(&tape).expand().title(name).to_svg();
        check_svg(&svg);
        for entry in tape.entries() {
            assert!(
                svg.contains(&format!("<g id=\"n{}\" class=\"node ", entry.number())),
                "{name}: {}",
                entry.number()
            );
            for input in entry.inputs() {
                assert!(
                    svg.contains(&format!("<path id=\"e{input}-{}\"", entry.number())),
                    "{name}: edge from {input}"
                );
            }
        }
        assert_eq!(svg, Graph::of(&tape).expand().title(name).to_svg(), "{name}: the same bytes");
    }
}

/// The text of an element, from its id to the end of its group.
fn element<'a>(text: &'a str, id: &str) -> &'a str {
    let start = text.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}"));
    let end = start + text[start..].find("</g>").expect("a group ends");
    &text[start..end]
}

#[test]
fn nodes_tell_what_the_tape_knows() {
    let svg = Graph::of(&linear_regression()).to_svg();
    // d/dw of the mean of (x w + b - y)², by hand: 2/3 xᵀ (-2.25, 0.75, -0.5).
    let cases: [(&str, &[&str]); 5] = [
        ("n0", &["class=\"node data\"", ">x<", ">[3, 2]<", "graph.rs:9"]),
        ("n1", &["class=\"node parameter\"", ">w<", ">[[0.5], [-1]]<", ">grad [[-0.1667], [-3.667]]<"]),
        ("n3", &["class=\"node parameter\"", ">b<", ">[0.25]<", ">grad [-1.333]<"]),
        ("n2", &["class=\"node operation\"", "= matmul(%0, %1)", "forward: A B", "backward to %1: Aᵀ grad"]),
        ("n8", &["class=\"node loss\"", ">mean<", ">1.958<", ">grad 1<"]),
    ];
    for (id, expected) in cases {
        let found = element(&svg, id);
        expected.iter().for_each(|text| assert!(found.contains(text), "{text} in {found}"));
    }
    let plain = Graph::of(&linear_regression()).without_values().without_gradients().to_svg();
    assert!(!plain.contains(">grad ") && !plain.contains(">1.958<") && !plain.contains("flow"), "{plain}");
    assert!(plain.contains("class=\"edge forward\""));
}

/// The width of an edge in pixels.
fn width(svg: &str, id: &str) -> f64 {
    let width = element(svg, id).split("stroke-width=\"").nth(1).and_then(|rest| rest.split('"').next());
    width.and_then(|width| width.parse().ok()).unwrap_or_else(|| panic!("{id} has no width"))
}

#[test]
fn gradients_show_on_edges() {
    let tape = linear_regression();
    let svg = Graph::of(&tape).to_svg();
    // The norms 3.67, 1.62 and 0.577, and an edge without a gradient.
    assert!(width(&svg, "e1-2") > width(&svg, "e2-4") && width(&svg, "e2-4") > width(&svg, "e7-8"));
    assert!(element(&svg, "e0-2").contains("class=\"edge no-flow\"") && element(&svg, "e0-2").contains("dasharray"));
    let title = svg.split("<title>w → matmul\n").nth(1).expect("the edge has a title");
    assert!(title.starts_with("gradient norm 3.67</title>"), "{}", &title[..40]);

    // A product with itself, a zero, and a NaN: 0 times the infinite slope of the square root at 0.
    let x = Tensor::from([0.0, 0.0]).requires_grad_(true);
    let (_, tape) = Tape::record(|| {
        let product = &x * &x;
        (product.sqrt().sum() + (0.0 * &x).sum()).backward();
    });
    let svg = Graph::of(&tape).to_svg();
    check_svg(&svg);
    for (id, class) in [("e0-1-0", "nonfinite-flow"), ("e0-1-1", "nonfinite-flow"), ("e1-2", "nonfinite-flow")] {
        assert!(element(&svg, id).contains(&format!("class=\"edge {class}\"")), "{id}: {}", element(&svg, id));
    }
    assert!(svg.contains(">not finite<") && svg.contains("class=\"edge zero-flow\""), "{svg}");
}

#[test]
fn a_tape_without_a_backward_pass_is_drawn_as_it_is() {
    let w = Tensor::from([1.0, 2.0]).requires_grad_(true).named("w");
    let (_, tape) = Tape::record(|| w.square().sum());
    let svg = Graph::of(&tape).to_svg();
    assert!(svg.contains("class=\"node loss\"") && svg.contains("class=\"edge forward\""), "{svg}");
    assert!(!svg.contains("gradient"), "{svg}");
    let (_, empty) = Tape::record(|| ());
    check_svg(&Graph::of(&empty).title("nothing").to_svg());
}

#[test]
fn large_graphs_show_modules() {
    let graph = Graph::of(&lenet());
    let svg = graph.to_svg();
    check_svg(&svg);
    assert_eq!(svg.matches("class=\"node module\"").count(), 5, "LeNet has more nodes than a page holds");
    assert!(element(&svg, "n11").contains("data-entries=\"6 7 8 9 10 11\""), "{}", element(&svg, "n11"));
    assert!(element(&svg, "n11").contains(">2416 parameters<"));
    assert!(svg.contains("id=\"e5-11\""), "the edge between the modules has the numbers of their last operations");
    let expanded = graph.clone().expand().to_svg();
    assert_eq!((expanded.matches("class=\"node ").count(), expanded.matches("class=\"module\"").count()), (25, 5));
    let small = Graph::of(&two_layers());
    assert_eq!(small.to_svg(), small.clone().expand().to_svg());
    assert_eq!(small.collapse().to_svg().matches("class=\"node module\"").count(), 2);
}

#[test]
fn hostile_names_stay_text() {
    let names = [
        "\"]; <script>alert(1)</script>",
        "a & b &lt; #quot; \\",
        "line\nbreak\u{1}\u{7f}",
        "权重 ∂L/∂w `x` %%{",
        "--> end",
    ];
    let tensors: Vec<Tensor> = names.iter().map(|&name| Tensor::ones([1]).requires_grad_(true).named(name)).collect();
    let (_, tape) = Tape::record(|| tensors.iter().fold(Tensor::zeros([1]), |sum, x| sum + x).sum().backward());
    let groups: Vec<(String, &Tensor)> = (0..).zip(&tensors).map(|(i, x)| (format!("{}.{i}", names[i]), x)).collect();
    for tape in [tape.clone(), tape.with_names(groups)] {
        let graph = Graph::of(&tape).title(names.join(" "));
        check_svg(&graph.to_svg());
        for line in graph.to_dot().lines() {
            let quotes = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
            assert!(quotes % 2 == 0 && !line.contains("&lt;\""), "{line}");
        }
        let mermaid = graph.to_mermaid();
        let body = mermaid.lines().skip(3);
        for line in body.filter(|line| line.contains('"')) {
            let parts: Vec<&str> = line.split('"').collect();
            assert_eq!(parts.len(), 3, "{line}");
            let text = parts[1].replace("<br/>", "");
            assert!(!text.contains(['<', '>', '&', '%', '`', '\\']), "{line}");
        }
    }
}

#[test]
fn dot_and_mermaid_tell_the_same() {
    let graph = Graph::of(&two_layers()).title("A net");
    let (dot, mermaid) = (graph.to_dot(), graph.to_mermaid());
    let cases = [
        "digraph {\n  graph [label=\"A net\"",
        "n1 [id=n1, label=\"%1 weight\\n[16, 2]\\ngrad norm 0.",
        "subgraph cluster_0 { label=\"0\";",
        "n1; n2; n3; n4 }",
        "n0 -> n3 [id=\"e0-3\", color=\"#9a9a9a\", style=dashed, penwidth=1.2, tooltip=\"no gradient\"]",
        "backward to %5: gradᵀ X",
    ];
    cases.iter().for_each(|text| assert!(dot.contains(text), "{text} in {dot}"));
    let cases = [
        "title: \"A net\"\n---\nflowchart TB\n  subgraph m0[\"0\"]\n",
        "    n1[\"#37;1 weight<br/>[16, 2]<br/>grad norm 0.",
        "  n0[/\"#37;0 x<br/>[8, 2]\"/]:::data\n",
        "  n0 --> n3\n",
        "  linkStyle 0 stroke:#9a9a9a,stroke-width:1.2px,stroke-dasharray:5 4\n",
        "  classDef loss fill:",
    ];
    cases.iter().for_each(|text| assert!(mermaid.contains(text), "{text} in {mermaid}"));
    assert_eq!(dot.matches(" -> ").count(), mermaid.matches(" --> ").count());
}

#[test]
fn a_file_is_what_its_name_says() {
    let (_, tape) = Tape::record(|| Tensor::from(3.0).requires_grad_(true).square().backward());
    let graph = Graph::of(&tape);
    let folder = std::env::temp_dir().join(format!("downhill-graph-{}", std::process::id()));
    let files = [
        ("g.svg", graph.to_svg()),
        ("g.dot", graph.to_dot()),
        ("g.gv", graph.to_dot()),
        ("g.mmd", graph.to_mermaid()),
    ];
    for (name, text) in files {
        graph.save(folder.join(name)).unwrap();
        assert_eq!(std::fs::read_to_string(folder.join(name)).unwrap(), text, "{name}");
    }
    let error = graph.save(folder.join("g.png")).unwrap_err().to_string();
    assert!(error.ends_with("g.png: a graph is saved as .svg, .dot or .mmd"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// Would take minutes if the time grew with the square of the number of nodes.
#[test]
fn a_chain_of_many_operations_is_drawn() {
    let count = 20_000;
    let x = Tensor::from([0.5]).requires_grad_(true);
    let (_, tape) = Tape::record(|| {
        let mut y = x.clone();
        for _ in 0..count {
            y = y.relu();
        }
        y.backward();
    });
    let svg = Graph::of(&tape).expand().to_svg();
    assert_eq!(svg.matches("class=\"node ").count(), count + 1);
    assert_eq!(svg.matches("<path id=\"e").count(), count);
}
